"""Every number of the training in one place."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 20240601
SIZE = 352
"""Width and height of the network's input; a multiple of 32."""

DEPTH = 1.2
"""Depth factor of the backbone: EfficientNet-Lite2."""

SCREENSHOTS = 400
"""Rendered pictures of user interfaces added as negatives and for the screenshot head."""


@dataclass(frozen=True)
class Copies:
    """Augmented copies of each picture, by kind; the clean picture comes on top."""

    desk: int = 6
    negative: int = 4
    thumbnail: int = 1
    grey: int = 1
    screenshot: int = 1


@dataclass(frozen=True)
class SecondLook:
    """A photo of which the first look left doubt is looked at again, closer: its middle and its four corners."""

    above: float = 0.03
    below: float = 0.7
    """Probabilities between which there is doubt."""
    ramp: float = 1.0
    """Distance from these bounds, in calibrated logits, at which the closer looks count in full: no photo's answer jumps
    because it fell on the other side of a bound."""
    scale: float = 0.7
    """Width and height of a part, as a share of the picture's."""


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
    """Fine-tuning of the last blocks (`tuning.py`)."""

    steps: int = 400
    warm_up: int = 20
    batch: int = 128
    rate: float = 1e-4
    """Of AdamW, falling with a cosine."""
    head_rate: float = 3e-5
    drift: float = 0.05
    """Weight of the squared distance from the frozen network's features, in variances."""
    tags: float = 1.0
    """Weight of the divergence (Kullback-Leibler) of ImageNet's tags from the frozen network's, in nats."""
    augmented_share: float = 0.5


PENALTY = 0.2
"""L2 penalty of the heads, on standardised features."""

CONSISTENCY = 0.3
"""How much more a direction costs in which the features of a photo and of its augmented copies differ."""

TAG_PENALTY = 0.002
"""The same for the few numbers that come from ImageNet's own tags: nearly free."""

PART_PENALTY = 0.01
"""The same for what they say about a part of the picture."""

WINDOW = 4
WINDOW_STRIDE = 2
"""Parts of the picture that are looked at one by one, in cells of the last feature maps (32 pixels each)."""

TAG_FLOOR = -8.0
PART_FLOOR = -6.0
"""Smallest log probability that a group of tags can have, in the whole picture and in parts of it."""

AUGMENTED_SHARE = 0.15
"""Share of a picture's weight that its augmented copies carry together."""

LABEL_SMOOTHING = 0.03

VERSION = "1.5.0"
THREADS = 2
CALIBRATION_PICTURES = 100
SCREENSHOT_THRESHOLD = 0.6
THRESHOLD = 0.18
"""Probability from which the answer is yes."""

COPIES = Copies()
WEIGHTS = Weights()
TUNING = Tuning()
SECOND_LOOK = SecondLook()
