"""Cross-validation by source, and what is decided from it: calibration and threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from answers import Calibration, Logits, calibrate
from dataset import FOLDS, NYU, Picture
from features import Features
from heads import train_head
from metrics import auc, calibration_error, interval, sigmoid
from onnx_graph import State
from settings import SCREENSHOT_THRESHOLD, THRESHOLD
from tuning import train_desk

UNLIKE_THE_SERVICE = ("hamid-rehman-X6/Selling-Furniture", "SilviuBR24/room-classification", NYU)
"""Catalogue renders, squashed rooms, and rooms in which a desk stands somewhere."""
WORST = 12
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)


@dataclass(frozen=True)
class OutOfFold:
    """Logits from a model that never saw the picture's source: for desks of every row and of the closer looks [pictures, looks]
    (zero where there are none), for screenshots of every clean picture."""

    desk: np.ndarray
    closer: np.ndarray
    screenshot: np.ndarray


def cross_validate(features: Features, looks: Features, pictures: list[Picture], state: State) -> OutOfFold:
    fold = np.array([picture.fold for picture in pictures])
    truth = np.array([picture.desk for picture in pictures])
    drawn = np.array([picture.kind == "screenshot" for picture in pictures])
    desk, screenshot = np.zeros(len(features.owner)), np.zeros(len(pictures))
    closer = np.zeros((len(pictures), looks.copy.max() + 1))
    clean = features.copy == 0
    for k in range(FOLDS):
        held = fold == k
        model = train_desk(features, pictures, ~held, state)
        tuned = model.look(features)
        rows = np.flatnonzero(held[features.owner])
        desk[rows] = model.head.logits(tuned.with_evidence[rows])
        screenshot[held] = train_head(tuned, pictures, drawn, ~held).logits(tuned.pooled[clean][held])
        seen = looks.only(held[looks.owner])
        closer[seen.owner, seen.copy] = model.head.logits(model.look(seen).with_evidence)
        photos = np.array([i for i in photos_of(pictures) if held[i]])
        print(f"fold {k}: {len(photos)} photos, AUC {auc(truth[photos], desk[clean][photos]):.4f}", flush=True)
    return OutOfFold(desk, closer, screenshot)


def auc_of_copies(features: Features, pictures: list[Picture], logits: OutOfFold) -> float:
    """AUC over the augmented copies of the normal colour photos."""
    photos = np.isin(features.owner, photos_of(pictures)) & (features.copy > 0)
    truth = np.array([picture.desk for picture in pictures])[features.owner]
    return round(auc(truth[photos], logits.desk[photos]), 4)


def photos_of(pictures: list[Picture]) -> np.ndarray:
    """Indices of the normal colour photos, which the card's numbers are about."""
    return np.array([i for i, p in enumerate(pictures) if p.normal and p.kind != "screenshot"])


def calibrate_on(pictures: list[Picture], logits: Logits) -> Calibration:
    """Calibration on the out-of-fold photos as they come."""
    photos = photos_of(pictures)
    truth = np.array([pictures[i].desk for i in photos], float)
    return calibrate(truth, Logits(logits.whole[photos], logits.closer[photos]))


def report(pictures: list[Picture], probability: np.ndarray, threshold: float = THRESHOLD) -> dict[str, object]:
    """Every number of the card, with 95 % bootstrap intervals."""
    photos = photos_of(pictures)
    truth = np.array([pictures[i].desk for i in photos])
    score = probability[photos]
    yes = score >= threshold
    kinds = np.array([pictures[i].kind for i in photos])
    hard = np.array([pictures[i].hard for i in photos])

    def with_interval(measure: Callable[[np.ndarray], float], members: np.ndarray) -> list[float]:
        chosen = np.flatnonzero(members)
        low, high = interval(lambda i: float(measure(chosen[i])), len(chosen))
        return [round(float(measure(chosen)), 4), round(low, 4), round(high, 4)]

    everything = np.ones(len(photos), bool)
    numbers: dict[str, object] = {
        "photos": len(photos),
        "desks": int(truth.sum()),
        "accuracy": with_interval(lambda i: (yes[i] == truth[i]).mean(), everything),
        "precision": with_interval(lambda i: truth[i][yes[i]].mean(), everything),
        "recall": with_interval(lambda i: yes[i].mean(), truth),
        "auc": with_interval(lambda i: auc(truth[i], score[i]), everything),
        "calibration error": with_interval(lambda i: calibration_error(truth[i], score[i]), everything),
        "hard indoor negatives called desk": with_interval(lambda i: yes[i].mean(), hard & ~truth),
    }
    numbers["called desk, by kind"] = {
        kind: [*with_interval(lambda i: yes[i].mean(), (kinds == kind) & ~truth), count]
        for kind, count in sorted(Counter(kinds[~truth]).items())
    }
    repos = np.array([pictures[i].repo for i in photos])
    numbers["desks accepted, by source"] = {
        repo: [*with_interval(lambda i: yes[i].mean(), (repos == repo) & truth), count]
        for repo, count in sorted(Counter(repos[truth]).items())
        if count >= 10
    }
    worst = np.argsort(np.where(truth, score, 1 - score))
    numbers["worst answers"] = {
        pictures[photos[i]].file.rsplit("/")[-1]: round(float(score[i]), 2) for i in worst[: 2 * WORST] if yes[i] != truth[i]
    }
    folds = np.array([pictures[i].fold for i in photos])
    numbers["auc by fold"] = [round(auc(truth[folds == k], score[folds == k]), 3) for k in range(FOLDS)]
    numbers["their own desks"] = own_desks(pictures, probability, threshold)
    return numbers


def doubts(pictures: list[Picture], doubtful: np.ndarray) -> dict[str, float]:
    """Share of the photos that are looked at a second time."""
    photos, near = photos_of(pictures), like_the_service(pictures)
    desk = np.array([p.desk for p in pictures])
    members = {"all photos": photos, "own desks": near & desk, "everyday negatives": near & ~desk}
    return {name: round(float(doubtful[rows].mean()), 4) for name, rows in members.items()}


def like_the_service(pictures: list[Picture]) -> np.ndarray:
    """Which pictures come from the sources nearest to what the service is sent."""
    return np.array([p.normal and p.kind != "screenshot" and p.repo not in UNLIKE_THE_SERVICE for p in pictures])


def own_desks(pictures: list[Picture], probability: np.ndarray, threshold: float) -> dict[str, object]:
    """Desks that people show as theirs against everyday photos."""
    near = like_the_service(pictures)
    everything = np.zeros(len(pictures), bool)
    everything[photos_of(pictures)] = True
    truth = np.array([p.desk for p in pictures])
    hard = np.array([p.hard for p in pictures])

    def share(members: np.ndarray, at: float) -> list[float]:
        yes = probability[members] >= at
        low, high = interval(lambda i: float(yes[i].mean()), len(yes))
        return [round(float(yes.mean()), 4), round(low, 4), round(high, 4)]

    return {
        "desks": int((near & truth).sum()),
        "everyday negatives": int((near & ~truth).sum()),
        "auc": round(auc(truth[near], probability[near]), 4),
        "by threshold: own desks, all desks, hard negatives, everyday negatives": {
            str(at): [
                share(members, at)
                for members in (near & truth, everything & truth, everything & hard & ~truth, near & ~truth)
            ]
            for at in sorted({threshold, *THRESHOLDS})
        },
    }


def screenshot_report(pictures: list[Picture], logits: np.ndarray) -> dict[str, list[float]]:
    """Drawn screenshots found, and photos taken for one."""
    drawn = np.array([picture.kind == "screenshot" for picture in pictures])
    numbers: dict[str, list[float]] = {}
    for name, members in (("screenshots found", np.flatnonzero(drawn)), ("photos taken for one", photos_of(pictures))):
        yes = sigmoid(logits[members]) >= SCREENSHOT_THRESHOLD
        low, high = interval(lambda i, yes=yes: float(yes[i].mean()), len(yes))  # type: ignore[misc]
        numbers[name] = [round(float(yes.mean()), 4), round(low, 4), round(high, 4)]
    return numbers
