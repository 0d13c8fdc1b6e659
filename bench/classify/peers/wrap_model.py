"""Gives our ONNX file the input and output names that the transformers.js pipeline expects.

The graph and its weights stay as they are. In front comes `pixel_values` (float32 NCHW, 0 to 255,
RGB), behind comes `logits` whose softmax is the model's desk probability.
"""

import json
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

source_dir, target = sys.argv[1:]
with open(os.path.join(source_dir, "model.json")) as file:
    manifest = json.load(file)
model = onnx.load(os.path.join(source_dir, manifest["file"]))
graph, spec, desk = model.graph, manifest["input"], manifest["desk"]
front, behind = [], []

# A tensor of the graph may already have one of the pipeline's names.
for node in graph.node:
    for names in (node.input, node.output):
        names[:] = [f"inner_{n}" if n in ("logits", "pixel_values") else n for n in names]
desk_output = desk["output"]
if desk_output in ("logits", "pixel_values"):
    desk_output = f"inner_{desk_output}"
del graph.value_info[:]


def constant(name, value, kind=np.float32):
    graph.initializer.append(numpy_helper.from_array(np.array(value, kind), f"wrap_{name}"))
    return f"wrap_{name}"


def add(nodes, kind, inputs, **attributes):
    output = f"wrap_{'front' if nodes is front else 'behind'}_{len(nodes)}"
    nodes.append(helper.make_node(kind, inputs, [output], **attributes))
    return output


def shaped(values):
    return np.array(values).reshape(1, 3, 1, 1)


pixels = "pixel_values"
if spec["channels"] == "BGR":
    pixels = add(front, "Gather", [pixels, constant("order", [2, 1, 0], np.int64)], axis=1)
if spec["dtype"] == "uint8":
    pixels = add(front, "Cast", [pixels], to=TensorProto.UINT8)
else:
    pixels = add(front, "Sub", [pixels, constant("mean", shaped(spec["mean"]))])
    pixels = add(front, "Div", [pixels, constant("std", shaped(spec["std"]))])
if spec["layout"] == "NHWC":
    pixels = add(front, "Transpose", [pixels], perm=[0, 2, 3, 1])
front[-1].output[0] = spec["name"]

values = add(behind, "Reshape", [desk_output, constant("flat", [1, -1], np.int64)])
if desk["activation"] == "softmax":
    values = add(behind, "Div", [values, constant("temperature", desk.get("temperature", 1))])
else:
    values = add(behind, "Gather", [values, constant("index", [desk["index"]], np.int64)], axis=1)
    if desk["activation"] == "none":
        # The logit of the probability, so that the pipeline's softmax gives it back.
        inside = add(behind, "Clip", [values, constant("low", 1e-6), constant("high", 1 - 1e-6)])
        rest = add(behind, "Sub", [constant("one", 1), inside])
        values = add(behind, "Log", [add(behind, "Div", [inside, rest])])
    else:
        values = add(behind, "Div", [values, constant("temperature", desk.get("temperature", 1))])
    zero = add(behind, "Sub", [values, values])
    values = add(behind, "Concat", [zero, values], axis=1)
behind[-1].output[0] = "logits"

nodes = [*front, *graph.node, *behind]
del graph.node[:]
graph.node.extend(nodes)
del graph.input[:]
size = [1, 3, spec["height"], spec["width"]]
graph.input.append(helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, size))
del graph.output[:]
graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, None]))
onnx.save(model, target)
