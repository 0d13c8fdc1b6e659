"""From logits to the service's answer: calibrated, and for a doubtful photo with the second look at it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from metrics import best_temperature, sigmoid
from settings import SECOND_LOOK


@dataclass(frozen=True)
class Scale:
    """probability = sigmoid((logit + shift) / temperature)."""

    shift: float
    temperature: float

    def calibrated(self, logits: np.ndarray) -> np.ndarray:
        return (logits + self.shift) / self.temperature

    def probability(self, logits: np.ndarray) -> np.ndarray:
        return sigmoid(self.calibrated(logits))

    def doubtful(self, logits: np.ndarray) -> np.ndarray:
        probability = self.probability(logits)
        return (probability >= SECOND_LOOK.above) & (probability < SECOND_LOOK.below)


@dataclass(frozen=True)
class Logits:
    """Of the whole picture [pictures], and of the closer looks at it [pictures, looks], its middle first."""

    whole: np.ndarray
    closer: np.ndarray

    @property
    def joined(self) -> np.ndarray:
        """Whole, middle and the strongest corner with the same weight."""
        return (self.whole + self.closer[:, 0] + self.closer[:, 1:].max(1)) / 3


@dataclass(frozen=True)
class Calibration:
    """One scale for the whole picture, another for all looks at a doubtful one together."""

    first: Scale
    second: Scale

    @property
    def of_file(self) -> Calibration:
        """The same for the logits of an exported model, which has the first shift in its bias."""
        first, second = self.first, self.second
        return Calibration(Scale(0.0, first.temperature), Scale(second.shift - first.shift, second.temperature))

    def probability(self, logits: Logits) -> np.ndarray:
        whole, joined = self.first.calibrated(logits.whole), self.second.calibrated(logits.joined)
        inside = np.minimum(whole - logit(SECOND_LOOK.above), logit(SECOND_LOOK.below) - whole)
        return sigmoid(whole + np.clip(inside / SECOND_LOOK.ramp, 0, 1) * (joined - whole))


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def fit_scale(desk: np.ndarray, logits: np.ndarray) -> Scale:
    """Shift and temperature with the lowest log loss."""

    def loss(shift: float) -> tuple[float, float]:
        temperature = best_temperature(desk, logits + shift)
        z = (logits + shift) / temperature
        return float(np.mean(np.logaddexp(0, z) - desk * z)), temperature

    shift = float(min(np.linspace(-4, 4, 81), key=lambda s: loss(float(s))[0]))
    return Scale(shift, loss(shift)[1])


def calibrate(desk: np.ndarray, logits: Logits) -> Calibration:
    """Both scales on photos as they come, `desk` being the truth about each."""
    first = fit_scale(desk, logits.whole)
    doubtful = first.doubtful(logits.whole)
    return Calibration(first, fit_scale(desk[doubtful], logits.joined[doubtful]))
