"""Writes an EfficientNet-Lite state dict as a plain ONNX graph.

The graph is built node by node instead of traced: batch normalisation is folded into the
convolutions, the padding of TensorFlow's "SAME" becomes the convolution's own, and the input is
the raw bytes of a picture, so that the service copies and converts nothing.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from settings import DEPTH, SIZE

OPSET = 17
IR_VERSION = 9
BATCH_NORM_EPSILON = 1e-3
PIXEL_MEAN = 127
PIXEL_SCALE = 1.0 / 128.0

SMALL_TENSOR = 2000
"""Weights with fewer values than this stay as they are: biases, the trained heads, the scales of int8."""

# kernel, stride, expansion, repeats of the seven stages that all EfficientNet-Lite networks share
STAGES = ((3, 1, 1, 1), (3, 2, 6, 2), (5, 2, 6, 2), (3, 2, 6, 3), (5, 1, 6, 3), (5, 2, 6, 4), (3, 1, 6, 1))


class BlockShape(NamedTuple):
    """What a block's weights don't say."""

    kernel: int
    stride: int
    expansion: int
    first: bool


def block_shapes(depth: float) -> list[BlockShape]:
    """All blocks of a network; `depth` stretches the stages between the first and the last."""
    shapes: list[BlockShape] = []
    for index, (kernel, stride, expansion, repeats) in enumerate(STAGES):
        count = repeats if index in (0, len(STAGES) - 1) else math.ceil(repeats * depth)
        shapes += [BlockShape(kernel, stride if i == 0 else 1, expansion, i == 0) for i in range(count)]
    return shapes


BLOCKS = block_shapes(DEPTH)
TAIL_START = 15
"""First of the blocks that are tuned for desks."""

State = dict[str, np.ndarray]


def folded(state: State, conv: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a convolution with its batch normalisation folded in, unless it already is."""
    if f"{conv}.bias" in state:
        return state[f"{conv}.weight"], state[f"{conv}.bias"]
    weight = state[f"{conv}.weight"].astype(np.float64)
    gain = state[f"{norm}.weight"] / np.sqrt(state[f"{norm}.running_var"].astype(np.float64) + BATCH_NORM_EPSILON)
    bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * gain
    return (weight * gain[:, None, None, None]).astype(np.float32), bias.astype(np.float32)


def same_padding(kernel: int, stride: int) -> tuple[int, int]:
    """What TensorFlow's SAME puts before and after a side whose length the stride divides."""
    total = max(kernel - stride, 0)
    return total // 2, total - total // 2


class GraphWriter:
    """Collects nodes and weights; every method returns the name of the tensor it made."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def convolution(
        self, source: str, conv: str, norm: str, stride: int = 1, depthwise: bool = False, relu6: bool = True
    ) -> str:
        """Convolution + folded normalisation (+ ReLU6), padded as TensorFlow's SAME pads."""
        weight, bias = folded(self.state, conv, norm)
        kernel = weight.shape[2]
        before, after = same_padding(kernel, stride)
        name = conv.replace("_", "").replace("blocks.", "block")
        output = self.node(
            "Conv",
            [source, self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)],
            name,
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=weight.shape[0] if depthwise else 1,
        )
        return self.node("Clip", [output, "zero", "six"], f"{name}.relu6") if relu6 else output

    def block(self, source: str, index: int, shape: BlockShape) -> str:
        """One inverted-residual block; all but the first of a stage have a skip connection."""
        prefix = f"_blocks.{index}."
        tensor = source
        if shape.expansion != 1:
            tensor = self.convolution(tensor, prefix + "_expand_conv", prefix + "_bn0")
        tensor = self.convolution(tensor, prefix + "_depthwise_conv", prefix + "_bn1", shape.stride, depthwise=True)
        tensor = self.convolution(tensor, prefix + "_project_conv", prefix + "_bn2", relu6=False)
        return tensor if shape.first else self.node("Add", [tensor, source], f"block{index}.skip")

    def linear(self, source: str, name: str, weight: np.ndarray, bias: np.ndarray) -> str:
        """`weight` is [outputs, inputs], as PyTorch stores it."""
        return self.node(
            "Gemm",
            [
                source,
                self.constant(f"{name}.weight", weight.astype(np.float32)),
                self.constant(f"{name}.bias", bias.astype(np.float32)),
            ],
            name,
            transB=1,
        )


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with its large fp32 weights stored as fp16: half the file, the same speed.

    Each of them gets a Cast in front, which the runtime computes once, when it loads the file.
    """
    halved = onnx.ModelProto()
    halved.CopyFrom(model)
    stored: list[onnx.TensorProto] = []
    casts: list[onnx.NodeProto] = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALL_TENSOR or tensor.name == "tag_groups":
            stored.append(tensor)
            continue
        stored.append(numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half"))
        casts.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], tensor.name, to=TensorProto.FLOAT))
    del halved.graph.initializer[:], halved.graph.node[:]
    halved.graph.initializer.extend(stored)
    halved.graph.node.extend([*casts, *model.graph.node])
    onnx.checker.check_model(halved, full_check=True)
    return halved


def trunk(writer: GraphWriter) -> str:
    """Picture to the maps [1, 120, SIZE / 16, SIZE / 16] in front of the tuned blocks."""
    writer.constant("zero", np.array(0.0, np.float32))
    writer.constant("six", np.array(6.0, np.float32))
    tensor = writer.convolution(picture_input(writer), "_conv_stem", "_bn0", stride=2)
    for index, shape in enumerate(BLOCKS[:TAIL_START]):
        tensor = writer.block(tensor, index, shape)
    return tensor


def tail(writer: GraphWriter, tensor: str) -> str:
    """The trunk's maps to the feature maps [1, 1280, SIZE / 32, SIZE / 32]."""
    for index, shape in enumerate(BLOCKS[TAIL_START:], TAIL_START):
        tensor = writer.block(tensor, index, shape)
    return writer.convolution(tensor, "_conv_head", "_bn1")


def picture_input(writer: GraphWriter) -> str:
    """Raw RGB bytes [1, SIZE, SIZE, 3] to the normalised tensor: (byte - 127) / 128, channels first."""
    scale = writer.constant("pixel_scale", np.array(PIXEL_SCALE, np.float32))
    zero = writer.constant("pixel_zero", np.array(PIXEL_MEAN, np.uint8))
    planes = writer.node("Transpose", ["image"], "planes", perm=[0, 3, 1, 2])
    return writer.node("DequantizeLinear", [planes, scale, zero], "normalised")


def build_model(writer: GraphWriter, outputs: dict[str, int]) -> onnx.ModelProto:
    """Closes the graph; `outputs` maps each output name to its width."""
    graph = helper.make_graph(
        writer.nodes,
        "desk_classifier",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, [1, SIZE, SIZE, 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width]) for name, width in outputs.items()],
        writer.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    model.producer_name = "desk-classifier-training"
    onnx.checker.check_model(model, full_check=True)
    return model
