"""What ImageNet's own classifier says about desks: the only knowledge of empty desks that doesn't come from our pictures.

For each group of tags: the logarithm of their summed probability, not below a floor, so that no tag can
outvote everything else by being absent. Once for the whole picture, and once the highest among windows of it: a
desk at the edge of a room fills a window, but hardly shows in the mean.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from onnx_graph import GraphWriter
from settings import PART_FLOOR, TAG_FLOOR, WINDOW, WINDOW_STRIDE

GROUPS: dict[str, tuple[str, ...]] = {
    "desk": ("desk",),
    "computer": (
        "desktop computer", "monitor", "screen", "notebook", "laptop", "mouse", "computer keyboard", "space bar",
    ),
    "dining": ("dining table", "restaurant"),
    "television": ("television", "entertainment center", "home theater"),
}  # fmt: skip
LABELS = Path(__file__).resolve().parent.parent / "labels.txt"


def group_members() -> np.ndarray:
    """[1000, groups] of ones and zeros, in the order of labels.txt and GROUPS."""
    lines = LABELS.read_text(encoding="utf-8").strip().split("\n")
    synonyms = [{name.strip().lower() for name in line.split(",")} for line in lines]
    members = [[float(bool(own & set(names))) for names in GROUPS.values()] for own in synonyms]
    return np.array(members, np.float32)


class Readings(NamedTuple):
    """Names of the tensors that the heads and the service read."""

    features: str
    """[1, 1280]: means over the picture."""
    tags: str
    """[1, 1000]: ImageNet probabilities of the whole picture."""
    evidence: str
    """[1, 2 * groups]: log share of each group in the whole picture, then its highest in any part of it."""


def log_shares(writer: GraphWriter, shares: str, floor: float) -> str:
    lowest = writer.constant(f"{shares}_floor", np.exp(np.array(floor, np.float32)))
    return writer.node("Log", [writer.node("Max", [shares, lowest], f"{shares}_floored")], f"{shares}_logs")


def read_maps(writer: GraphWriter, maps: str) -> Readings:
    """ImageNet's classifier over the whole picture and over windows of it, in one multiplication."""
    features = writer.node("Flatten", [writer.node("GlobalAveragePool", [maps], "pooled")], "features")
    windows = writer.node(
        "AveragePool", [maps], "windows", kernel_shape=[WINDOW, WINDOW], strides=[WINDOW_STRIDE, WINDOW_STRIDE]
    )
    columns = writer.node("Flatten", [windows], "window_columns", axis=2)
    rows = writer.node("Transpose", [columns], "window_rows", perm=[1, 0])
    views = writer.node("Concat", [features, rows], "views", axis=0)
    logits = writer.linear(views, "tag_logits", writer.state["_fc.weight"], writer.state["_fc.bias"])
    shares = writer.node("Softmax", [logits], "view_tags", axis=1)
    whole = writer.constant("whole", np.array([0], np.int64))
    tags = writer.node("Gather", [shares, whole], "tags", axis=0)
    groups = writer.node("MatMul", [shares, writer.constant("tag_groups", group_members())], "group_shares")
    everywhere = log_shares(writer, writer.node("Gather", [groups, whole], "whole_shares", axis=0), TAG_FLOOR)
    highest = writer.node("ReduceMax", [groups], "part_shares", axes=[0], keepdims=1)
    best = log_shares(writer, highest, PART_FLOOR)
    return Readings(features, tags, writer.node("Concat", [everywhere, best], "evidence", axis=1))
