"""The numbers of the model card, with bootstrap confidence intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Scores = np.ndarray


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


def auc(desk: np.ndarray, score: Scores) -> float:
    """Probability that a desk scores above a non-desk (ties count half)."""
    order = np.argsort(score, kind="mergesort")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    for value in np.unique(score[np.flatnonzero(np.diff(np.sort(score)) == 0)]) if len(np.unique(score)) < len(score) else ():
        ranks[score == value] = ranks[score == value].mean()
    positives = int(desk.sum())
    negatives = len(desk) - positives
    return float((ranks[desk].sum() - positives * (positives + 1) / 2) / max(1, positives * negatives))


def calibration_error(desk: np.ndarray, probability: Scores, weights: np.ndarray | None = None, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins."""
    weights = np.ones(len(desk)) if weights is None else weights
    which = np.minimum((probability * bins).astype(int), bins - 1)
    error = 0.0
    for k in range(bins):
        inside = which == k
        if inside.any():
            share = weights[inside].sum()
            gap = np.average(desk[inside], weights=weights[inside]) - np.average(probability[inside], weights=weights[inside])
            error += share * abs(gap)
    return float(error / weights.sum())


def interval(
    measure: Callable[[np.ndarray], float], count: int, rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of a measure that takes an index array."""
    rng = np.random.default_rng(seed)
    values = [measure(rng.integers(0, count, count)) for _ in range(rounds)]
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


def best_temperature(desk: np.ndarray, logits: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Temperature with the lowest log loss."""
    weights = np.ones(len(desk)) if weights is None else weights
    grid = np.exp(np.linspace(np.log(0.2), np.log(5), 161))

    def loss(temperature: float) -> float:
        z = logits / temperature
        return float(np.average(np.logaddexp(0, z) - desk * z, weights=weights))

    return float(min(grid, key=loss))


def summary(desk: np.ndarray, probability: Scores, threshold: float) -> dict[str, float]:
    """Accuracy, precision, recall, AUC and calibration error."""
    yes = probability >= threshold
    return {
        "accuracy": float((yes == desk).mean()),
        "precision": float(desk[yes].mean()) if yes.any() else float("nan"),
        "recall": float(yes[desk].mean()) if desk.any() else float("nan"),
        "auc": auc(desk, probability),
        "ece": calibration_error(desk, probability),
    }
