"""Runs exported models as the service does: one thread, one picture at a time."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from dataset import Picture
from metrics import sigmoid
from pictures import Pixels, load, squash
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

    def __init__(self, path: Path, temperature: float) -> None:
        self.session = open_session(path)
        self.temperature = temperature
        self.logits: list[float] = []
        self.tags: list[int] = []
        self.times: list[float] = []

    def run(self, image: Pixels) -> None:
        start = time.perf_counter()
        desk, tags = self.session.run(["desk", "tags"], {"image": image[None]})
        self.times.append((time.perf_counter() - start) * 1000)
        self.logits.append(float(desk[0, 0]) / self.temperature)
        self.tags.append(int(tags[0].argmax()))


def compare(files: dict[str, Path], root: Path, pictures: list[Picture], temperature: float) -> dict[str, object]:
    """Each file against the first one, and each photo against itself sent again, on every 24th colour photo.

    Logits are calibrated ones: divided by the temperature.
    """
    photos = [p for p in pictures if p.normal and p.repo != "drawn"][::24]
    runners = {name: Runner(path, temperature) for name, path in files.items()}
    for photo in photos:
        pixels = load(root / photo.file)
        for image in (pixels, *(resend(pixels, share, quality) for share, quality in RESENT)):
            squashed = squash(image)
            for runner in runners.values():
                runner.run(squashed)
    first = next(iter(runners.values()))
    return {"photos": len(photos), **{name: _numbers(files[name], one, first) for name, one in runners.items()}}


def _numbers(path: Path, one: Runner, first: Runner) -> dict[str, float]:
    exact, logits = (np.array(r.logits).reshape(-1, 1 + len(RESENT)) for r in (first, one))
    original, again = logits[:, :1], logits[:, 1:]
    yes = np.log(THRESHOLD / (1 - THRESHOLD))
    return {
        "bytes": path.stat().st_size,
        "median ms": round(float(np.median(one.times)), 2),
        "mean difference of the probability": round(float(np.abs(sigmoid(logits) - sigmoid(exact)).mean()), 5),
        "standard deviation of the logit's error": round(float((logits - exact).std()), 4),
        "same answer": round(float(((logits >= yes) == (exact >= yes)).mean()), 4),
        "same first tag": round(float(np.mean(np.equal(one.tags, first.tags))), 4),
        "sent again: standard deviation of the logit's change": round(float((again - original).std()), 4),
        "sent again: other answer": round(float(((again >= yes) != (original >= yes)).mean()), 4),
    }
