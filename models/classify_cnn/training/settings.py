"""Every number of the training in one place."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 20240601
SIZE = 288
"""Width and height of the network's input; a multiple of 32."""

DEPTH = 1.2
"""Depth factor of the backbone: EfficientNet-Lite2."""

TAIL_START = 18
"""First block that is fine-tuned; the blocks before it stay as ImageNet left them."""

SCREENSHOTS = 400
"""Rendered pictures of user interfaces added as negatives and for the screenshot head."""


@dataclass(frozen=True)
class Copies:
    """Augmented copies of each picture, by kind; the clean picture comes on top."""

    desk: int = 8
    negative: int = 3
    thumbnail: int = 2
    grey: int = 2
    screenshot: int = 1


@dataclass(frozen=True)
class Weights:
    """How much one picture counts before the classes are balanced."""

    thumbnail: float = 0.4
    grey: float = 0.4
    catalogue: float = 0.6
    real_desk: float = 1.5
    hard: float = 1.3


@dataclass(frozen=True)
class Tuning:
    """Fine-tuning of the last blocks."""

    epochs: int = 6
    samples_per_epoch: int = 6000
    batch: int = 64
    tail_rate: float = 4e-4
    head_rate: float = 2e-3
    weight_decay: float = 1e-2
    dropout: float = 0.2
    label_smoothing: float = 0.04
    tag_loss: float = 0.5


VERSION = "1.0.0"
THREADS = 2
CALIBRATION_PICTURES = 300
SCREENSHOT_THRESHOLD = 0.5
THRESHOLD = 0.5
"""Probability from which the answer is yes."""

COPIES = Copies()
WEIGHTS = Weights()
TUNING = Tuning()
