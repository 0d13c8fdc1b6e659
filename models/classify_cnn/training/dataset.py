"""Reads the manifest: labels after our corrections, kinds, groups that must not be split, weights."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from pathlib import Path

from settings import WEIGHTS

HERE = Path(__file__).parent
FOLDS = 6
NYU = "tezansahu/VQA-With-Multimodal-Transformers"
THUMBNAILS = "seshuad/IMagenet"
GREY = "lionelmessi6410/Scene-Recognition-with-Bag-of-Words"
NYU_ROOM_BLOCK = 48
"""NYU frames are numbered room after room; blocks of this many numbers stay together."""

KINDS: list[tuple[str, str]] = [
    ("dining table", r"dining"),
    ("kitchen", r"kitchen"),
    ("living room", r"living|home_theater|studio_couch|entertainment"),
    ("bedroom", r"bedroom|four-poster|wardrobe|crib"),
    ("bathroom", r"bathroom|toilet|bathtub|washbasin|shower"),
    ("NYU table, counter or stand", r"NYU.*table/counter"),
    ("NYU room", r"NYU"),
    ("product shot", r"product|office chair|n03\d+_(computer_keyboard|notebook|laptop|monitor|mouse|modem)\b|space_bar"),
    ("house front", r"frontal"),
]


@dataclass(frozen=True)
class Picture:
    """One picture of the data set, as the training sees it."""

    file: str
    desk: bool
    repo: str
    group: str
    fold: int
    kind: str
    colour: str
    hard: bool
    weight: float

    @property
    def normal(self) -> bool:
        """A colour photo of ordinary size: what the service will be sent."""
        return self.colour == "normal"


def read_corrections() -> dict[str, str]:
    """file -> 'drop', 'desk' or 'not_desk', from dropped.csv."""
    with (HERE / "dropped.csv").open(encoding="utf-8", newline="") as source:
        return {row["file"]: row["action"] for row in csv.DictReader(source)}


def _kind(row: dict[str, str], desk: bool) -> str:
    if desk:
        return "desk"
    text = f"{row['notes'].split('commit')[0]} {row['source_path']}"
    for kind, pattern in KINDS:
        if re.search(pattern, text, re.IGNORECASE):
            return kind
    if row["source_repo"].startswith("EliSchwartz"):
        return "single object (ImageNet)"
    return "everyday photo"


def _group(row: dict[str, str]) -> str:
    if row["source_repo"] == NYU:
        number = int(re.sub(r"\D", "", Path(row["source_path"]).stem))
        return f"{NYU}#{number // NYU_ROOM_BLOCK}"
    return row["source_repo"]


def _weight(row: dict[str, str], desk: bool, colour: str) -> float:
    weight = {"thumbnail": WEIGHTS.thumbnail, "grey": WEIGHTS.grey, "normal": 1.0}[colour]
    if desk and "real_desk" in row["notes"]:
        weight *= WEIGHTS.real_desk
    if desk and "catalogue" in row["notes"]:
        weight *= WEIGHTS.catalogue
    if not desk and row["notes"].startswith("hard"):
        weight *= WEIGHTS.hard
    return weight


def assign_folds(pictures: list[Picture]) -> list[Picture]:
    """Whole groups to folds, the largest first, each to the fold with the fewest normal desks and negatives."""
    counts: dict[str, list[int]] = {}
    for picture in pictures:
        count = counts.setdefault(picture.group, [0, 0, 0])
        count[0] += picture.desk and picture.normal
        count[1] += picture.normal and not picture.desk
        count[2] += 1
    totals = [[0.0, 0.0, 0.0] for _ in range(FOLDS)]
    desks = max(1, sum(c[0] for c in counts.values()))
    others = max(1, sum(c[1] for c in counts.values()))
    chosen: dict[str, int] = {}
    for group, count in sorted(counts.items(), key=lambda item: (-item[1][2], item[0])):
        share = (count[0] / desks, count[1] / others, count[2] / len(pictures))
        grown = [sum((t + s) ** 2 - t**2 for t, s in zip(total, share, strict=True)) for total in totals]
        fold = grown.index(min(grown))
        totals[fold] = [t + s for t, s in zip(totals[fold], share, strict=True)]
        chosen[group] = fold
    return [replace(picture, fold=chosen[picture.group]) for picture in pictures]


def read_dataset(root: Path) -> list[Picture]:
    """All pictures that are used, in manifest order."""
    corrections = read_corrections()
    pictures: list[Picture] = []
    with (root / "manifest.csv").open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            action = corrections.get(row["file"], row["label"])
            if action == "drop":
                continue
            desk = action == "desk"
            colour = {THUMBNAILS: "thumbnail", GREY: "grey"}.get(row["source_repo"], "normal")
            pictures.append(
                Picture(
                    file=row["file"],
                    desk=desk,
                    repo=row["source_repo"],
                    group=_group(row),
                    fold=0,
                    kind=_kind(row, desk),
                    colour=colour,
                    hard=row["notes"].startswith("hard") and not desk,
                    weight=_weight(row, desk, colour),
                )
            )
    return assign_folds(pictures)
