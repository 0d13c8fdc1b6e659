"""The part of the network that is trained: the last blocks, the desk head, the tag head, the screenshot head."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from onnx_graph import BATCH_NORM_EPSILON, BLOCKS, State
from settings import TAIL_START, TUNING


class Unit(nn.Module):
    """Convolution, batch normalisation with ImageNet's statistics, and (unless it projects) ReLU6."""

    def __init__(self, state: State, conv: str, norm: str, relu6: bool = True, depthwise: bool = False) -> None:
        super().__init__()
        weight = torch.from_numpy(state[f"{conv}.weight"].copy())
        outputs, inputs, kernel, _ = weight.shape
        self.names = (conv, norm)
        self.conv = nn.Conv2d(
            outputs if depthwise else inputs, outputs, kernel, padding=kernel // 2, bias=False, groups=outputs if depthwise else 1
        )
        self.conv.weight.data = weight
        self.norm = nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPSILON)
        self.norm.load_state_dict(
            {key: torch.from_numpy(np.array(state[f"{norm}.{key}"])) for key in ("weight", "bias", "running_mean", "running_var")},
            strict=False,
        )
        self.act = nn.ReLU6() if relu6 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))


class Block(nn.Module):
    """Inverted residual with stride 1."""

    def __init__(self, state: State, index: int) -> None:
        super().__init__()
        prefix = f"_blocks.{index}."
        self.expand = Unit(state, prefix + "_expand_conv", prefix + "_bn0")
        self.depthwise = Unit(state, prefix + "_depthwise_conv", prefix + "_bn1", depthwise=True)
        self.project = Unit(state, prefix + "_project_conv", prefix + "_bn2", relu6=False)
        self.skip = self.expand.conv.in_channels == self.project.conv.out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.skip else y


class Tail(nn.Module):
    """Blocks from TAIL_START on, pooled, and three linear heads."""

    def __init__(self, state: State) -> None:
        super().__init__()
        blocks = [Block(state, index) for index in range(TAIL_START, len(BLOCKS))]
        self.body = nn.Sequential(*blocks, Unit(state, "_conv_head", "_bn1"))
        self.dropout = nn.Dropout(TUNING.dropout)
        self.tags = nn.Linear(1280, 1000)
        self.tags.load_state_dict({key: torch.from_numpy(state[f"_fc.{key}"].copy()) for key in ("weight", "bias")})
        self.tags.requires_grad_(False)
        self.desk = nn.Linear(1280, 1)
        self.screenshot = nn.Linear(1280, 1)
        for head in (self.desk, self.screenshot):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def train(self, mode: bool = True) -> Tail:
        """Batch statistics stay ImageNet's: a few thousand pictures would only make them worse."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def features(self, x: Tensor) -> Tensor:
        return self.body(x).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Desk logit, tag logits, screenshot logit."""
        pooled = self.features(x)
        dropped = self.dropout(pooled)
        return self.desk(dropped)[:, 0], self.tags(pooled), self.screenshot(dropped.detach())[:, 0]

    def write_into(self, state: State) -> State:
        """The state dict of the whole network with the trained tail in it."""
        merged = dict(state)
        for module in self.modules():
            if isinstance(module, Unit):
                conv, norm = module.names
                merged[f"{conv}.weight"] = module.conv.weight.detach().numpy()
                for key in ("weight", "bias", "running_mean", "running_var"):
                    merged[f"{norm}.{key}"] = getattr(module.norm, key).detach().numpy()
        return merged
