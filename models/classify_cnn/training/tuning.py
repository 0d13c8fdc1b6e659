"""Fine-tunes a copy of the network's last blocks for desks; the frozen ones stay beside it for the tags.

A linear head is trained first and the blocks only then (LP-FT, Kumar et al. 2022), and the tuned copy answers together
with the frozen network instead of in its place. Only the 1x1 convolutions learn. Everything before these blocks
is frozen, so its output is computed once for every copy (`features.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dataset import Picture
from features import Features
from heads import Head, member_rows, smoothed, train_head
from onnx_graph import BLOCKS, TAIL_START, TUNED, State, folded
from settings import SEED, TUNING


class Depthwise(torch.autograd.Function):
    """Depthwise convolution with fixed weights: its gradient is a convolution with the kernel turned round."""

    @staticmethod
    def forward(ctx: Any, maps: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(weight)
        return functional.conv2d(maps, weight, bias, padding=weight.shape[2] // 2, groups=weight.shape[0])

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        turned = weight.flip(2, 3)
        return functional.conv2d(gradient, turned, padding=weight.shape[2] // 2, groups=weight.shape[0]), None, None


class Convolution(nn.Module):
    """Convolution with its normalisation folded in, on [batch, height, width, channels]."""

    def __init__(self, state: State, conv: str, norm: str, relu6: bool = True) -> None:
        super().__init__()
        weight, bias = (torch.from_numpy(values.copy()) for values in folded(state, conv, norm))
        self.key, self.relu6 = conv, relu6
        self.depthwise = weight.shape[2] > 1
        self.weight = nn.Parameter(weight if self.depthwise else weight[:, :, 0, 0].contiguous())
        self.bias = nn.Parameter(bias)
        self.requires_grad_(not self.depthwise)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        weight, bias = self.weight.to(maps.dtype), self.bias.to(maps.dtype)
        if self.depthwise:
            maps = Depthwise.apply(maps.permute(0, 3, 1, 2), weight, bias).permute(0, 2, 3, 1)  # type: ignore[no-untyped-call]
        else:
            maps = functional.linear(maps, weight, bias)
        return functional.relu6(maps) if self.relu6 else maps


class Tail(nn.Module):
    """The last blocks and the last convolution: maps [batch, height, width, channels] to feature vectors [batch, 1280]."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        for index in range(TAIL_START, len(BLOCKS)):
            parts = ("_expand_conv", "_bn0", True), ("_depthwise_conv", "_bn1", True), ("_project_conv", "_bn2", False)
            block = [Convolution(state, f"_blocks.{index}.{c}", f"_blocks.{index}.{n}", relu6) for c, n, relu6 in parts]
            self.blocks.append(nn.Sequential(*block))
        self.last = Convolution(state, "_conv_head", "_bn1")

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        for block, shape in zip(self.blocks, BLOCKS[TAIL_START:], strict=True):
            maps = block(maps) if shape.first else block(maps) + maps
        return self.last(maps).float().mean((1, 2))

    def state(self) -> State:
        """Its weights under the names of the backbone behind `TUNED`, normalisation already folded in."""
        state: State = {}
        for module in self.modules():
            if isinstance(module, Convolution):
                weight = module.weight.detach().numpy()
                state[f"{TUNED}{module.key}.weight"] = weight if module.depthwise else weight[:, :, None, None]
                state[f"{TUNED}{module.key}.bias"] = module.bias.detach().numpy()
        return state


@dataclass(frozen=True)
class DeskModel:
    """Two answers to one question, the tuned one already weighted; the logit is their sum."""

    frozen: Head
    tuned: Head
    tail: Tail

    def joined(self) -> tuple[np.ndarray, float]:
        """Weight and bias on [frozen features, tuned features, evidence]."""
        width = len(self.tail.last.bias)
        evidence = self.frozen.weight[width:] + self.tuned.weight[width:]
        weight = np.concatenate([self.frozen.weight[:width], self.tuned.weight[:width], evidence])
        return weight, self.frozen.bias + self.tuned.bias

    def logits(self, features: Features, rows: np.ndarray) -> np.ndarray:
        vectors = np.zeros((len(rows), features.pooled.shape[1]), np.float32)
        with torch.no_grad():
            for start in range(0, len(rows), TUNING.batch):
                part = slice(start, start + TUNING.batch)
                vectors[part] = self.tail(read(features, rows[part])).numpy()
        inputs = np.concatenate([vectors, features.evidence[rows]], axis=1)
        return self.frozen.logits(features.with_evidence[rows]) + self.tuned.logits(inputs)


def read(features: Features, rows: np.ndarray) -> torch.Tensor:
    """Maps of these rows, channels last."""
    return torch.from_numpy(features.maps[rows]).permute(0, 2, 3, 1).contiguous().float()


def fine_tune(
    features: Features, pictures: list[Picture], positive: np.ndarray, members: np.ndarray, start: Head, state: State
) -> tuple[Head, Tail]:
    """Tail and head, `start` being the head on the frozen features; pictures without `members[i]` are never touched."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    rows, odds = member_rows(features, pictures, positive, members, TUNING.augmented_share)
    spread = torch.from_numpy(features.pooled[rows].var(0)) + 0.01

    tail = Tail(state)
    weight = torch.tensor(start.weight, dtype=torch.float32, requires_grad=True)
    bias = torch.tensor([start.bias], dtype=torch.float32, requires_grad=True)
    blocks = {"params": [p for p in tail.parameters() if p.requires_grad], "lr": TUNING.rate}
    optimizer = torch.optim.AdamW([blocks, {"params": [weight, bias], "lr": TUNING.head_rate}], weight_decay=0.0)

    def rate(step: int) -> float:
        return min(1.0, (step + 1) / TUNING.warm_up) * 0.5 * (1 + math.cos(math.pi * step / TUNING.steps))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    for _ in range(TUNING.steps):
        batch = rows[rng.choice(len(rows), TUNING.batch, p=odds)]
        vectors = tail(read(features, batch).to(torch.bfloat16))
        logits = torch.cat([vectors, torch.from_numpy(features.evidence[batch])], 1) @ weight + bias
        target = smoothed(positive[features.owner[batch]])
        drift = ((vectors - torch.from_numpy(features.pooled[batch])) ** 2 / spread).mean()
        loss = functional.binary_cross_entropy_with_logits(logits, target) + TUNING.drift * drift
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return Head(weight.detach().numpy(), float(bias.detach())), tail


def train_desk(features: Features, pictures: list[Picture], members: np.ndarray, state: State) -> DeskModel:
    """Both answers, trained on the pictures with `members[i]`."""
    positive = np.array([picture.desk for picture in pictures])
    frozen = train_head(features, pictures, positive, members, evidence=True)
    tuned, tail = fine_tune(features, pictures, positive, members, frozen, state)
    return DeskModel(frozen, Head(TUNING.weight * tuned.weight, TUNING.weight * tuned.bias), tail)
