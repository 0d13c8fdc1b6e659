"""The trained part: two linear heads on the network's feature vector, one of them also on its tags."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from dataset import Picture
from features import Features
from settings import AUGMENTED_SHARE, CONSISTENCY, LABEL_SMOOTHING, PART_PENALTY, PENALTY, TAG_PENALTY


@dataclass(frozen=True)
class Head:
    """logit = features @ weight + bias."""

    weight: np.ndarray
    bias: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        return features @ self.weight + self.bias


def picture_weights(pictures: list[Picture], positive: np.ndarray) -> np.ndarray:
    """One weight a picture: its own, less for large sources, both classes summing to one half.

    Thumbnails carry the same weight on both sides, and so do grey pictures: else the share of desks among
    them, which is an accident of the data, would teach that a coarse picture is a desk.
    """
    sizes = Counter((p.repo, p.desk) for p in pictures)
    weights = np.array([p.weight * sizes[p.repo, p.desk] ** -0.3 for p in pictures])
    colours = np.array([p.colour for p in pictures])
    for side in (positive, ~positive):
        weights[side] /= weights[side].sum()
    for colour in ("thumbnail", "grey"):
        yes, no = positive & (colours == colour), ~positive & (colours == colour)
        if yes.any() and no.any():
            weights[yes] *= weights[no].sum() / weights[yes].sum()
    for side in (positive, ~positive):
        weights[side] /= 2 * weights[side].sum()
    return weights


def row_weights(features: Features, weights: np.ndarray, augmented: float) -> np.ndarray:
    """Spreads each picture's weight: the share `augmented` over its augmented copies, the rest on the clean picture."""
    copies = np.bincount(features.owner, minlength=len(weights)) - 1
    share = np.where(features.copy == 0, 1 - augmented, augmented / np.maximum(1, copies[features.owner]))
    return share * weights[features.owner]


def member_rows(
    features: Features, pictures: list[Picture], positive: np.ndarray, members: np.ndarray, augmented: float = AUGMENTED_SHARE
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the pictures with `members[i]`, and what each counts; the sum is one. The other pictures are never touched."""
    weights = np.zeros(len(pictures))
    chosen = np.flatnonzero(members)
    weights[chosen] = picture_weights([pictures[i] for i in chosen], positive[chosen])
    rows = np.flatnonzero(members[features.owner])
    each = row_weights(features, weights, augmented)[rows]
    return rows, each / each.sum()


def smoothed(positive: np.ndarray) -> torch.Tensor:
    """Yes and no as targets that are never quite sure."""
    return torch.from_numpy((positive * (1 - 2 * LABEL_SMOOTHING) + LABEL_SMOOTHING).astype(np.float32))


def copy_changes(features: Features, pictures: list[Picture], members: np.ndarray) -> np.ndarray:
    """Features of each augmented copy minus those of its clean photo, for the members' normal colour photos."""
    clean = np.zeros(len(pictures), int)
    clean[features.owner[features.copy == 0]] = np.flatnonzero(features.copy == 0)
    photos = members & np.array([p.normal and p.kind != "screenshot" for p in pictures])
    rows = np.flatnonzero((features.copy > 0) & photos[features.owner])
    return features.pooled[rows] - features.pooled[clean[features.owner[rows]]]


def train_head(
    features: Features, pictures: list[Picture], positive: np.ndarray, members: np.ndarray, evidence: bool = False
) -> Head:
    """Logistic regression with an L2 penalty on the pictures with `members[i]`; the others are never touched.

    With `evidence` it reads the tags' evidence behind the feature vectors, with penalties of its own.
    """
    rows, each = member_rows(features, pictures, positive, members)
    inputs = features.with_evidence if evidence else features.pooled
    x = torch.from_numpy(inputs[rows])
    mean, spread = x.mean(0), x.std(0) + 0.05
    width, groups = features.pooled.shape[1], features.evidence.shape[1] // 2
    penalty = torch.diag(torch.tensor([0.0] * width + [TAG_PENALTY] * groups + [PART_PENALTY] * groups)[: x.shape[1]])
    changes = torch.from_numpy(copy_changes(features, pictures, members)) / spread[:width]
    penalty[:width, :width] = PENALTY * (torch.eye(width) + CONSISTENCY * changes.T @ changes / len(changes))
    x = (x - mean) / spread
    target = smoothed(positive[features.owner[rows]])
    share = torch.from_numpy(each.astype(np.float32))
    weight = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=150, history_size=10)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        each_loss = functional.binary_cross_entropy_with_logits(x @ weight + bias, target, reduction="none")
        total = (share * each_loss).sum() + weight @ penalty @ weight
        total.backward()
        return total

    optimizer.step(loss)
    folded = (weight / spread).detach()
    return Head(folded.numpy(), float((bias - folded @ mean).detach()))
