"""Fine-tunes the network's last blocks for desks.

A linear head is trained first and the blocks only then (LP-FT, Kumar et al. 2022). Only the 1x1 convolutions learn; the
depthwise ones, and everything before these blocks, stay as ImageNet left them, so what comes before is computed once
for every copy (`features.py`). ImageNet's classifier goes on reading the tuned features: its answers are held
near those of the frozen network, both for the tags and because the desk head reads them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dataset import Picture
from features import Features
from heads import Head, member_rows, smoothed, train_head
from onnx_graph import BLOCKS, TAIL_START, State, folded, same_padding
from settings import PART_FLOOR, SEED, TAG_FLOOR, TUNING, WINDOW, WINDOW_STRIDE
from tag_groups import group_members


def padded_convolution(
    maps: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, padding: tuple[int, int], stride: int = 1
) -> torch.Tensor:
    """Depthwise; `padding` before and after each side. A copy is made only where the two differ."""
    if padding[0] != padding[1]:
        maps, padding = functional.pad(maps, padding * 2), (0, 0)
    return functional.conv2d(maps, weight, bias, stride, padding[0], groups=weight.shape[0])


class Depthwise(torch.autograd.Function):
    """Depthwise convolution with fixed weights: its gradient is a convolution with the kernel turned round."""

    @staticmethod
    def forward(ctx: Any, maps: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, stride: int) -> torch.Tensor:
        ctx.save_for_backward(weight)
        ctx.stride = stride
        return padded_convolution(maps, weight, bias, same_padding(weight.shape[2], stride), stride)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        (weight,) = ctx.saved_tensors
        kernel, stride = weight.shape[2], ctx.stride
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        if stride > 1:
            batch, channels, height, width = gradient.shape
            spread = gradient.new_zeros(batch, height * stride, width * stride, channels).permute(0, 3, 1, 2)
            spread[:, :, ::stride, ::stride] = gradient
            gradient = spread
        before, _ = same_padding(kernel, stride)
        return padded_convolution(gradient, weight.flip(2, 3), None, (kernel - 1 - before, before)), None, None, None


class Convolution(nn.Module):
    """Convolution with its normalisation folded in, on [batch, height, width, channels]."""

    def __init__(self, state: State, conv: str, norm: str, stride: int = 1, relu6: bool = True) -> None:
        super().__init__()
        weight, bias = (torch.from_numpy(values.copy()) for values in folded(state, conv, norm))
        self.key, self.stride, self.relu6 = conv, stride, relu6
        self.depthwise = weight.shape[2] > 1
        self.weight = nn.Parameter(weight if self.depthwise else weight[:, :, 0, 0].contiguous())
        self.bias = nn.Parameter(bias)
        self.requires_grad_(not self.depthwise)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        weight, bias = self.weight.to(maps.dtype), self.bias.to(maps.dtype)
        if self.depthwise:
            planes = maps.permute(0, 3, 1, 2)
            maps = Depthwise.apply(planes, weight, bias, self.stride).permute(0, 2, 3, 1)  # type: ignore[no-untyped-call]
        else:
            maps = functional.linear(maps, weight, bias)
        return functional.relu6(maps) if self.relu6 else maps


class Reading(NamedTuple):
    """What the heads and the service read, for a batch."""

    features: torch.Tensor
    """[batch, 1280]: means over the picture."""
    tags: torch.Tensor
    """[batch, 1000]: logits of ImageNet's classifier for the whole picture."""
    evidence: torch.Tensor
    """[batch, 2 * groups], as `tag_groups.read_maps` has it."""


class Tail(nn.Module):
    """The last blocks, the last convolution and ImageNet's classifier, on maps [batch, height, width, channels]."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        for index, shape in enumerate(BLOCKS[TAIL_START:], TAIL_START):
            prefix = f"_blocks.{index}."
            expand = Convolution(state, prefix + "_expand_conv", prefix + "_bn0")
            depthwise = Convolution(state, prefix + "_depthwise_conv", prefix + "_bn1", shape.stride)
            project = Convolution(state, prefix + "_project_conv", prefix + "_bn2", relu6=False)
            self.blocks.append(nn.Sequential(expand, depthwise, project))
        self.last = Convolution(state, "_conv_head", "_bn1")
        self.classifier, self.bias = (torch.from_numpy(state[f"_fc.{name}"].copy()) for name in ("weight", "bias"))
        self.groups = torch.from_numpy(group_members())

    def forward(self, maps: torch.Tensor) -> Reading:
        for block, shape in zip(self.blocks, BLOCKS[TAIL_START:], strict=True):
            maps = block(maps) if shape.first else block(maps) + maps
        planes = self.last(maps).float().permute(0, 3, 1, 2)
        features = planes.mean((2, 3))
        windows = functional.avg_pool2d(planes, WINDOW, WINDOW_STRIDE).flatten(2).permute(0, 2, 1)
        views = torch.cat([features[:, None], windows], 1).to(maps.dtype)
        logits = functional.linear(views, self.classifier.to(maps.dtype), self.bias.to(maps.dtype)).float()
        shares = logits.softmax(2) @ self.groups
        floors = (shares[:, 0].clamp_min(math.exp(TAG_FLOOR)), shares.amax(1).clamp_min(math.exp(PART_FLOOR)))
        return Reading(features, logits[:, 0], torch.cat(floors, 1).log())

    def state(self) -> State:
        """Its weights under the names of the backbone, normalisation already folded in."""
        state: State = {}
        for module in self.modules():
            if isinstance(module, Convolution):
                weight = module.weight.detach().numpy()
                state[f"{module.key}.weight"] = weight if module.depthwise else weight[:, :, None, None]
                state[f"{module.key}.bias"] = module.bias.detach().numpy()
        return state


@dataclass(frozen=True)
class DeskModel:
    """The tuned blocks, and a head on what they see."""

    tail: Tail
    head: Head

    def look(self, features: Features) -> Features:
        """The same rows as the tuned network sees them."""
        pooled, evidence = np.zeros_like(features.pooled), np.zeros_like(features.evidence)
        with torch.no_grad():
            for start in range(0, len(pooled), TUNING.batch):
                part = slice(start, start + TUNING.batch)
                reading = self.tail(read(features, part))
                pooled[part], evidence[part] = reading.features.numpy(), reading.evidence.numpy()
        return replace(features, pooled=pooled, evidence=evidence)


def read(features: Features, rows: np.ndarray | slice) -> torch.Tensor:
    """Maps of these rows, channels last."""
    return torch.from_numpy(features.maps[rows]).to(torch.bfloat16).permute(0, 2, 3, 1).contiguous()


def fine_tune(
    features: Features, pictures: list[Picture], positive: np.ndarray, members: np.ndarray, start: Head, state: State
) -> DeskModel:
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
        reading = tail(read(features, batch))
        logits = torch.cat([reading.features, reading.evidence], 1) @ weight + bias
        frozen = torch.from_numpy(features.pooled[batch])
        drift = ((reading.features - frozen) ** 2 / spread).mean()
        tags = functional.linear(frozen, tail.classifier, tail.bias).softmax(1)
        other_tags = functional.kl_div(reading.tags.log_softmax(1), tags, reduction="batchmean")
        loss = functional.binary_cross_entropy_with_logits(logits, smoothed(positive[features.owner[batch]]))
        loss = loss + TUNING.drift * drift + TUNING.tags * other_tags
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return DeskModel(tail, Head(weight.detach().numpy(), float(bias.detach())))


def train_desk(features: Features, pictures: list[Picture], members: np.ndarray, state: State) -> DeskModel:
    """Blocks and head, trained on the pictures with `members[i]`."""
    positive = np.array([picture.desk for picture in pictures])
    frozen = train_head(features, pictures, positive, members, evidence=True)
    return fine_tune(features, pictures, positive, members, frozen, state)
