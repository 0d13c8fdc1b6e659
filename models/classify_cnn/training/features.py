"""Runs the frozen backbone once over every copy of every picture and keeps what the heads read."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, fields
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from dataset import Picture
from onnx_graph import GraphWriter, State, build_model, tail, trunk
from pictures import Pixels, augment, closer_looks, load, squash
from screens import draw_screen
from settings import COPIES, SCREENSHOTS, SEED, SIZE
from tag_groups import GROUPS, read_maps

MAP_SHAPE = (120, SIZE // 16, SIZE // 16)
"""Of the maps in front of the blocks that are tuned."""

_session: onnxruntime.InferenceSession | None = None


@dataclass(frozen=True)
class Features:
    """Feature vectors [rows, 1280], evidence of the tags [rows, 2 * groups], the maps [rows, 120, SIZE / 16, SIZE / 16] in
    front of the tuned blocks as fp16, and which copy of which picture each row is: 0 is the clean picture. Of `closer_looks`
    (never trained on) it is which of them."""

    pooled: np.ndarray
    evidence: np.ndarray
    maps: np.ndarray
    owner: np.ndarray
    copy: np.ndarray

    def only(self, rows: np.ndarray) -> Features:
        """Some of its rows."""
        return Features(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def with_evidence(self) -> np.ndarray:
        """Input of the desk head [rows, 1280 + 2 * groups]."""
        return np.concatenate([self.pooled, self.evidence], axis=1)


@dataclass(frozen=True)
class Job:
    """One picture to be turned into rows; without a file it is a drawn screenshot."""

    index: int
    path: Path | None
    copies: int
    fit: str
    degrade: bool
    photos: tuple[Path, ...] = ()
    looks: bool = False


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


def backbone_model(state: State) -> onnx.ModelProto:
    """The ImageNet network alone, with what the heads are trained on."""
    writer = GraphWriter(state)
    maps = trunk(writer)
    readings = read_maps(writer, tail(writer, maps))
    flat = writer.node("Flatten", [maps], "maps")
    widths = {readings.features: 1280, readings.evidence: 2 * len(GROUPS), flat: math.prod(MAP_SHAPE)}
    return build_model(writer, widths)


def _start(model: str) -> None:
    global _session
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    _session = onnxruntime.InferenceSession(model, options)


def _run(versions: list[Pixels]) -> list[np.ndarray]:
    assert _session is not None
    rows = [_session.run(["features", "evidence", "maps"], {"image": version[None]}) for version in versions]
    pooled, evidence, maps = (np.concatenate(values) for values in zip(*rows, strict=True))
    return [pooled, evidence, maps.astype(np.float16).reshape(-1, *MAP_SHAPE)]


def _work(job: Job) -> tuple[int, list[np.ndarray], list[np.ndarray] | None]:
    rng = np.random.default_rng([SEED, job.index])
    pixels = load(job.path) if job.path else draw_screen(rng, [load(photo) for photo in job.photos])
    versions = [squash(pixels, fit=job.fit)]
    versions += [augment(pixels, rng, job.fit, job.degrade) for _ in range(job.copies)]
    return job.index, _run(versions), _run(closer_looks(pixels)) if job.looks else None


def _gather(results: list[tuple[int, list[np.ndarray]]]) -> Features:
    counts = [len(values[0]) for _, values in results]
    pooled, evidence, maps = (np.concatenate([values[i] for _, values in results]) for i in range(3))
    owner = np.repeat([index for index, _ in results], counts)
    return Features(pooled, evidence, maps, owner, copy=np.concatenate([np.arange(count) for count in counts]))


def extract(
    root: Path, pictures: list[Picture], state: State, cache: Path, fit: str = "fill", degrade: bool = True, processes: int = 2
) -> tuple[Features, Features]:
    """Features of all copies, and of the closer looks at normal photos; kept in `cache` so that a second run starts at once."""
    cache.mkdir(parents=True, exist_ok=True)
    names = [field.name for field in fields(Features)]
    files = [[cache / f"{kind}-{name}.npy" for name in names] for kind in ("copies", "looks")]
    if files[-1][-1].exists():
        copies, looks = (Features(*(np.load(file) for file in kind)) for kind in files)
        return copies, looks
    model = cache / "backbone.onnx"
    onnx.save(backbone_model(state), model)
    photos = [root / p.file for p in pictures if p.normal and not p.desk and p.repo != "drawn"]
    rng = np.random.default_rng(SEED)
    jobs = [
        Job(
            index=index,
            path=None if picture.repo == "drawn" else root / picture.file,
            copies=copies_of(picture),
            fit=fit,
            degrade=degrade,
            looks=picture.normal and picture.repo != "drawn",
            photos=tuple(photos[i] for i in rng.integers(0, len(photos), 3)) if picture.repo == "drawn" else (),
        )
        for index, picture in enumerate(pictures)
    ]
    os.environ["VIPS_CONCURRENCY"] = "1"
    with Pool(processes, _start, (str(model),)) as pool:
        results = sorted(pool.imap_unordered(_work, jobs, chunksize=8), key=lambda result: result[0])
    copies = _gather([(index, rows) for index, rows, _ in results])
    looks = _gather([(index, rows) for index, _, rows in results if rows])
    for features, kind in zip((copies, looks), files, strict=True):
        for name, file in zip(names, kind, strict=True):
            np.save(file, getattr(features, name))
    return copies, looks
