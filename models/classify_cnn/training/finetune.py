"""Trains the tail on the cached activations."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import torch
from torch.nn import functional

from dataset import Picture
from onnx_graph import State
from settings import SEED, TUNING, Tuning
from tail import Tail
from trunk import Features


def sampling_weights(pictures: list[Picture]) -> np.ndarray:
    """One weight a picture: its own, less for large sources, both classes summing to one half."""
    sizes = Counter((p.repo, p.desk) for p in pictures)
    weights = np.array([p.weight * sizes[p.repo, p.desk] ** -0.3 for p in pictures])
    desk = np.array([p.desk for p in pictures])
    weights[desk] /= weights[desk].sum()
    weights[~desk] /= weights[~desk].sum()
    return weights / 2


def rows_by_picture(features: Features, count: int) -> list[np.ndarray]:
    order = np.argsort(features.owner, kind="stable")
    bounds = np.searchsorted(features.owner[order], np.arange(count + 1))
    return [order[bounds[i] : bounds[i + 1]] for i in range(count)]


def as_input(features: Features, rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(features.tail_input[rows].astype(np.float32)).contiguous(memory_format=torch.channels_last)


def train_tail(
    state: State, features: Features, pictures: list[Picture], members: np.ndarray, tuning: Tuning = TUNING, seed: int = SEED
) -> Tail:
    """Fine-tunes on the pictures with `members[i]`; the other pictures are never touched."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    chosen = np.flatnonzero(members)
    weights = sampling_weights([pictures[i] for i in chosen])
    desk = np.array([pictures[i].desk for i in chosen], np.float32)
    screenshot = np.array([pictures[i].kind == "screenshot" for i in chosen], np.float32)
    rows = rows_by_picture(features, len(pictures))
    teacher = torch.from_numpy(state["_fc.weight"]), torch.from_numpy(state["_fc.bias"])

    tail = Tail(state).to(memory_format=torch.channels_last)
    heads = [*tail.desk.parameters(), *tail.screenshot.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": tail.body.parameters(), "lr": tuning.tail_rate}, {"params": heads, "lr": tuning.head_rate}],
        weight_decay=tuning.weight_decay,
    )
    steps = tuning.epochs * tuning.samples_per_epoch // tuning.batch
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / 30) * 0.5 * (1 + math.cos(math.pi * step / steps))
    )
    tail.train()
    for _ in range(steps):
        picks = rng.choice(len(chosen), tuning.batch, p=weights / weights.sum())
        batch = np.array([rng.choice(rows[chosen[i]]) for i in picks])
        x = as_input(features, batch)
        pooled = torch.from_numpy(features.pooled[batch])
        desk_logit, tag_logits, screenshot_logit = tail(x)
        target = torch.from_numpy(desk[picks]) * (1 - 2 * tuning.label_smoothing) + tuning.label_smoothing
        loss = functional.binary_cross_entropy_with_logits(desk_logit, target)
        loss = loss + functional.binary_cross_entropy_with_logits(screenshot_logit, torch.from_numpy(screenshot[picks]))
        taught = functional.softmax(functional.linear(pooled, *teacher), dim=1)
        loss = loss + tuning.tag_loss * functional.kl_div(functional.log_softmax(tag_logits, dim=1), taught, reduction="batchmean")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return tail.eval()


@torch.no_grad()
def predict(tail: Tail, features: Features, rows: np.ndarray, batch: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Desk and screenshot logits of the given rows."""
    tail.eval()
    outputs = [
        tail(as_input(features, rows[i : i + batch])) for i in range(0, len(rows), batch)
    ]
    return np.concatenate([o[0].numpy() for o in outputs]), np.concatenate([o[2].numpy() for o in outputs])
