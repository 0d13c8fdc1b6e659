"""What ImageNet's own classifier says about desks: the only knowledge of empty desks that doesn't come from our pictures.

For each group of tags: the logarithm of their summed probability, not below TAG_FLOOR, so that no tag can
outvote everything else by being absent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from onnx_graph import State
from settings import TAG_FLOOR

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


def group_evidence(pooled: np.ndarray, state: State) -> np.ndarray:
    """Feature vectors [rows, 1280] to log shares [rows, groups], as the exported graph computes them."""
    logits = pooled @ state["_fc.weight"].T + state["_fc.bias"]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return np.log(np.maximum(shares @ group_members(), np.exp(np.float32(TAG_FLOOR)))).astype(np.float32)
