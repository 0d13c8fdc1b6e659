"""Runs the frozen backbone once over every copy of every picture and keeps the feature vectors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from dataset import Picture
from onnx_graph import State, export_backbone
from pictures import augment, load, squash
from screens import draw_screen
from settings import COPIES, SCREENSHOTS, SEED

_session: onnxruntime.InferenceSession | None = None


@dataclass(frozen=True)
class Features:
    """Feature vectors, and which copy (0 is the clean picture) of which picture each row is."""

    pooled: np.ndarray
    owner: np.ndarray
    copy: np.ndarray


@dataclass(frozen=True)
class Job:
    """One picture to be turned into rows; without a file it is a drawn screenshot."""

    index: int
    path: Path | None
    copies: int
    fit: str
    degrade: bool
    photos: tuple[Path, ...] = ()


def copies_of(picture: Picture) -> int:
    if picture.kind == "screenshot":
        return COPIES.screenshot
    if picture.colour != "normal":
        return COPIES.thumbnail if picture.colour == "thumbnail" else COPIES.grey
    return COPIES.desk if picture.desk else COPIES.negative


def screenshot_pictures() -> list[Picture]:
    """Entries for the drawn screenshots; each is its own group, spread over the folds."""
    return [
        Picture(f"screenshot-{i}", False, "drawn", f"screenshot-{i}", i % 6, "screenshot", "normal", False, 0.5)
        for i in range(SCREENSHOTS)
    ]


def _start(model: str) -> None:
    global _session
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    _session = onnxruntime.InferenceSession(model, options)


def _work(job: Job) -> tuple[int, np.ndarray]:
    assert _session is not None
    rng = np.random.default_rng([SEED, job.index])
    pixels = load(job.path) if job.path else draw_screen(rng, [load(photo) for photo in job.photos])
    versions = [squash(pixels, fit=job.fit)]
    versions += [augment(pixels, rng, job.fit, job.degrade) for _ in range(job.copies)]
    rows = [_session.run(None, {"image": version[None]})[0] for version in versions]
    return job.index, np.concatenate(rows)


def extract(
    root: Path, pictures: list[Picture], state: State, cache: Path, fit: str = "fill", degrade: bool = True, processes: int = 2
) -> Features:
    """Features of all copies; kept in `cache` so that a second run starts at once."""
    cache.mkdir(parents=True, exist_ok=True)
    done = cache / "features.npz"
    if done.exists():
        data = np.load(done)
        return Features(data["pooled"], data["owner"], data["copy"])
    model = cache / "backbone.onnx"
    onnx.save(export_backbone(state), model)
    photos = [root / p.file for p in pictures if p.normal and not p.desk and p.repo != "drawn"]
    rng = np.random.default_rng(SEED)
    jobs = [
        Job(
            index=index,
            path=None if picture.repo == "drawn" else root / picture.file,
            copies=copies_of(picture),
            fit=fit,
            degrade=degrade,
            photos=tuple(photos[i] for i in rng.integers(0, len(photos), 3)) if picture.repo == "drawn" else (),
        )
        for index, picture in enumerate(pictures)
    ]
    os.environ["VIPS_CONCURRENCY"] = "1"
    with Pool(processes, _start, (str(model),)) as pool:
        results = sorted(pool.imap_unordered(_work, jobs, chunksize=8), key=lambda result: result[0])
    features = Features(
        pooled=np.concatenate([pooled for _, pooled in results]),
        owner=np.concatenate([np.full(len(pooled), index) for index, pooled in results]),
        copy=np.concatenate([np.arange(len(pooled)) for _, pooled in results]),
    )
    np.savez(done, pooled=features.pooled, owner=features.owner, copy=features.copy)
    return features
