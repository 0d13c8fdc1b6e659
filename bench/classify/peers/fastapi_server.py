"""The server that the first team would write: FastAPI, requests, Pillow, onnxruntime."""

import json
import os
from io import BytesIO

import numpy as np
import onnxruntime as ort
import requests
from fastapi import FastAPI
from PIL import Image, ImageOps
from pydantic import BaseModel

MODEL_DIR = os.environ["BENCH_MODEL_DIR"]
IS_ASYNC = os.environ["BENCH_HANDLER"] == "async"
THREADS = int(os.environ["BENCH_THREADS"])

with open(os.path.join(MODEL_DIR, "model.json")) as file:
    MANIFEST = json.load(file)

INPUT, DESK = MANIFEST["input"], MANIFEST["desk"]
KERNELS = {
    "nearest": Image.NEAREST,
    "linear": Image.BILINEAR,
    "cubic": Image.BICUBIC,
    "mitchell": Image.BICUBIC,
    "lanczos2": Image.LANCZOS,
    "lanczos3": Image.LANCZOS,
}

options = ort.SessionOptions()
options.intra_op_num_threads = THREADS
session = ort.InferenceSession(
    os.path.join(MODEL_DIR, MANIFEST["file"]), options, providers=["CPUExecutionProvider"]
)
app = FastAPI()


class ClassifyRequest(BaseModel):
    initial_image_url: str


def to_input(image):
    size = (INPUT["width"], INPUT["height"])
    kernel = KERNELS[INPUT["kernel"]]
    image = ImageOps.exif_transpose(image).convert("RGB")
    if INPUT["resize"] == "cover":
        image = ImageOps.fit(image, size, kernel)
    elif INPUT["resize"] == "contain":
        image = ImageOps.pad(image, size, kernel, color=(127, 127, 127))
    else:
        image = image.resize(size, kernel)
    array = np.asarray(image)
    if INPUT["channels"] == "BGR":
        array = array[:, :, ::-1]
    if INPUT["dtype"] == "float32":
        array = (array.astype(np.float32) - np.float32(INPUT["mean"])) / np.float32(INPUT["std"])
    if INPUT["layout"] == "NCHW":
        array = array.transpose(2, 0, 1)
    return np.ascontiguousarray(array[np.newaxis])


def to_probability(values):
    if DESK["activation"] == "none":
        return float(values[DESK["index"]])
    scaled = values / DESK.get("temperature", 1)
    if DESK["activation"] == "sigmoid":
        return float(1 / (1 + np.exp(-scaled[DESK["index"]])))
    exps = np.exp(scaled - scaled.max())
    return float(exps[DESK["index"]] / exps.sum())


def answer(body):
    response = requests.get(body.initial_image_url, timeout=10)
    response.raise_for_status()
    tensor = to_input(Image.open(BytesIO(response.content)))
    values = session.run([DESK["output"]], {INPUT["name"]: tensor})[0].ravel()
    confidence = to_probability(values)
    return {
        "initial_image_url": body.initial_image_url,
        "classify": confidence >= MANIFEST["threshold"],
        "confidence": confidence,
    }


if IS_ASYNC:

    @app.post("/classify")
    async def classify(body: ClassifyRequest):
        return answer(body)

else:

    @app.post("/classify")
    def classify(body: ClassifyRequest):
        return answer(body)


@app.get("/health")
async def health():
    return {"status": "ok"}
