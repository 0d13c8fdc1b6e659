"""Runs exported models as the service does: one thread, one picture at a time."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from answers import Calibration, Logits
from dataset import Picture
from pictures import Pixels, closer_looks, load, squash
from settings import THRESHOLD

RESENT = ((1.0, 90), (1.0, 75), (1.0, 60), (0.9, 82), (0.75, 82))
"""The same photo sent again: share of its size, JPEG quality."""


def open_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options)


def resend(pixels: Pixels, share: float, quality: int) -> Pixels:
    """What another upload of the same photo looks like."""
    image = Image.fromarray(pixels)
    if share < 1:
        image = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


class Runner:
    """One file, what it answered, and how long it took."""

    def __init__(self, path: Path, calibration: Calibration) -> None:
        self.session = open_session(path)
        self.calibration = calibration
        self.logits: list[float] = []
        self.closer: list[list[float]] = []
        self.tags: list[int] = []
        self.times: list[float] = []

    def run(self, image: Pixels, looks: list[Pixels]) -> None:
        start = time.perf_counter()
        desk, tags = self.session.run(["desk", "tags"], {"image": image[None]})
        self.times.append((time.perf_counter() - start) * 1000)
        self.logits.append(float(desk[0, 0]))
        in_doubt = self.calibration.first.doubtful(desk[0, 0])
        self.closer.append([self._desk(look) if in_doubt else 0.0 for look in looks])
        self.tags.append(int(tags[0].argmax()))

    def _desk(self, image: Pixels) -> float:
        return float(self.session.run(["desk"], {"image": image[None]})[0][0, 0])

    def probability(self) -> np.ndarray:
        """[photos, 1 + resent]: what the service would answer."""
        logits = Logits(np.array(self.logits), np.array(self.closer))
        return self.calibration.probability(logits).reshape(-1, 1 + len(RESENT))


def compare(files: dict[str, Path], root: Path, pictures: list[Picture], calibration: Calibration) -> dict[str, object]:
    """Each file against the first one, and each photo against itself sent again, on every 24th colour photo.

    Logits are calibrated ones of the whole picture, answers those after the second look.
    """
    photos = [p for p in pictures if p.normal and p.repo != "drawn"][::24]
    runners = {name: Runner(path, calibration.of_file) for name, path in files.items()}
    for photo in photos:
        pixels = load(root / photo.file)
        for image in (pixels, *(resend(pixels, share, quality) for share, quality in RESENT)):
            squashed, looks = squash(image), closer_looks(image)
            for runner in runners.values():
                runner.run(squashed, looks)
    first = next(iter(runners.values()))
    numbers = {name: _numbers(files[name], one, first) for name, one in runners.items()}
    return {"photos": len(photos), **numbers}


def _numbers(path: Path, one: Runner, first: Runner) -> dict[str, float]:
    exact, logits = (np.array(r.logits).reshape(-1, 1 + len(RESENT)) / r.calibration.first.temperature for r in (first, one))
    original, again = logits[:, :1], logits[:, 1:]
    exactly, probability = (r.probability() for r in (first, one))
    answer = probability >= THRESHOLD
    return {
        "bytes": path.stat().st_size,
        "median ms": round(float(np.median(one.times)), 2),
        "mean difference of the probability": round(float(np.abs(probability - exactly).mean()), 5),
        "standard deviation of the logit's error": round(float((logits - exact).std()), 4),
        "same answer": round(float((answer == (exactly >= THRESHOLD)).mean()), 4),
        "same first tag": round(float(np.mean(np.equal(one.tags, first.tags))), 4),
        "sent again: standard deviation of the logit's change": round(float((again - original).std()), 4),
        "sent again: other answer": round(float((answer[:, 1:] != answer[:, :1]).mean()), 4),
    }
