"""Runs an exported model as the service does: one thread, one picture at a time."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import onnxruntime

from dataset import Picture
from metrics import sigmoid
from pictures import load, squash
from settings import THRESHOLD


def open_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options)


def compare(fp32: Path, int8: Path, root: Path, pictures: list[Picture], temperature: float) -> dict[str, object]:
    """Agreement and speed of the two files on every sixth colour photo."""
    photos = [p for p in pictures if p.normal and p.repo != "drawn"][::6]
    probabilities: list[list[float]] = [[], []]
    tags: list[list[int]] = [[], []]
    times: list[list[float]] = [[], []]
    sessions = [open_session(fp32), open_session(int8)]
    for photo in photos:
        image = squash(load(root / photo.file))[None]
        for which, session in enumerate(sessions):
            start = time.perf_counter()
            desk, tag = session.run(["desk", "tags"], {"image": image})
            times[which].append((time.perf_counter() - start) * 1000)
            probabilities[which].append(float(sigmoid(desk[0] / temperature)[0]))
            tags[which].append(int(tag[0].argmax()))
    exact, quick = np.array(probabilities[0]), np.array(probabilities[1])
    return {
        "photos": len(photos),
        "mean difference of the probability": round(float(np.abs(exact - quick).mean()), 4),
        "same answer": round(float(((exact >= THRESHOLD) == (quick >= THRESHOLD)).mean()), 4),
        "same first tag": round(float((np.array(tags[0]) == np.array(tags[1])).mean()), 4),
        "fp32 bytes": fp32.stat().st_size,
        "int8 bytes": int8.stat().st_size,
        "fp32 median ms": round(float(np.median(times[0])), 2),
        "int8 median ms": round(float(np.median(times[1])), 2),
    }
