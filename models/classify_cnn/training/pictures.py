"""The service's own preprocessing, and the augmentation that imitates a phone camera."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pyvips
from PIL import Image, ImageFilter

from settings import SECOND_LOOK, SIZE

ASPECTS = (3 / 4, 4 / 3, 1.0, 9 / 16, 16 / 9, 2 / 3, 3 / 2)
Pixels = np.ndarray


def load(path: Path) -> Pixels:
    """RGB bytes at full size, orientation applied, transparency on white."""
    image = pyvips.Image.new_from_file(str(path)).autorot()
    if image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    return image.colourspace("srgb").cast("uchar").numpy()[:, :, :3]


def squash(pixels: Pixels, size: int = SIZE, fit: str = "fill") -> Pixels:
    """What sharp's resize(size, size, { fit, kernel: 'cubic' }) makes of the picture."""
    image = pyvips.Image.new_from_array(pixels)
    across, down = size / image.width, size / image.height
    if fit == "cover":
        across = down = max(across, down)
    image = image.resize(across, vscale=down, kernel="cubic")
    if image.width != size or image.height != size:
        image = image.smartcrop(size, size, interesting="centre")
    return image.numpy()[:, :, :3]


def closer_looks(pixels: Pixels) -> list[Pixels]:
    """What the service cuts out of a doubtful photo, each SIZE x SIZE: its middle, then its corners row by row."""
    side = round(SIZE / SECOND_LOOK.scale)
    larger, rest = squash(pixels, side), side - SIZE
    places = [(rest // 2, rest // 2), (0, 0), (0, rest), (rest, 0), (rest, rest)]
    return [np.ascontiguousarray(larger[top : top + SIZE, left : left + SIZE]) for top, left in places]


def _tilt(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A few degrees of rotation and shear, cropped so that no border shows."""
    angle = math.radians(rng.uniform(-10, 10))
    shear_x, shear_y = rng.uniform(-0.12, 0.12, 2)
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos, -sin + shear_x], [sin + shear_y, cos]])
    width, height = image.size
    corners = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]]) * [width / 2, height / 2]
    reach = np.abs(corners @ matrix.T).max(axis=0) / [width / 2, height / 2]
    matrix = matrix / reach.max()
    offset = np.array([width / 2, height / 2]) - matrix @ [width / 2, height / 2]
    coefficients = (matrix[0, 0], matrix[0, 1], offset[0], matrix[1, 0], matrix[1, 1], offset[1])
    return image.transform(image.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)


def _crop(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A part of the picture in one of the shapes that phones take: portrait, landscape, square."""
    width, height = image.size
    area = rng.uniform(0.5, 1.0) * width * height
    aspect = width / height * math.exp(rng.uniform(-0.25, 0.25))
    if rng.random() < 0.35:
        aspect = ASPECTS[rng.integers(len(ASPECTS))]
    across = min(width, max(16, round(math.sqrt(area * aspect))))
    down = min(height, max(16, round(math.sqrt(area / aspect))))
    left, top = int(rng.integers(0, width - across + 1)), int(rng.integers(0, height - down + 1))
    return image.crop((left, top, left + across, top + down))


def _light(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Exposure, contrast, colour cast, saturation, and sometimes a dark noisy room."""
    x = pixels.astype(np.float32) / 255
    if rng.random() < 0.8:
        x = x ** math.exp(rng.uniform(-0.45, 0.45)) * rng.uniform(0.75, 1.25)
        x = (x - 0.5) * rng.uniform(0.7, 1.3) + 0.5
    if rng.random() < 0.6:
        warm = rng.normal(0, 0.10)
        x = x * np.array([1 + warm, 1 + rng.normal(0, 0.04), 1 - warm], np.float32)
    if rng.random() < 0.5:
        grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
        x = grey[:, :, None] + (x - grey[:, :, None]) * rng.uniform(0.3, 1.5)
    if rng.random() < 0.15:
        x = np.clip(x, 0, 1) * rng.uniform(0.25, 0.6) + rng.normal(0, rng.uniform(0.01, 0.04), x.shape)
    elif rng.random() < 0.2:
        x = x + rng.normal(0, rng.uniform(0.005, 0.03), x.shape)
    return (np.clip(x, 0, 1) * 255).astype(np.uint8)


def _blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    if rng.random() < 0.5:
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.0)))
    length = int(rng.integers(1, 4)) * 2 + 1
    row = int(rng.integers(0, 2)) * 2
    kernel = np.zeros((5, 5))
    kernel[2, : min(5, length)] = 1
    if row:
        kernel = kernel.T
    return image.filter(ImageFilter.Kernel((5, 5), kernel.flatten().tolist(), float(kernel.sum())))


def _jpeg(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(25, 90)))
    return Image.open(buffer).convert("RGB")


def _degrade(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Thumbnail resolution, so that resolution says nothing about desks."""
    scale = math.exp(rng.uniform(math.log(48), math.log(224))) / max(image.size)
    if scale >= 1:
        return image
    small = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    return image.resize(small, Image.Resampling.BICUBIC)


def augment(pixels: Pixels, rng: np.random.Generator, fit: str = "fill", degrade: bool = True) -> Pixels:
    """One random copy, SIZE x SIZE, as another phone on another day could have taken it."""
    image = Image.fromarray(pixels)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < 0.4:
        image = _tilt(image, rng)
    if rng.random() < 0.85:
        image = _crop(image, rng)
    if degrade and rng.random() < 0.3:
        image = _degrade(image, rng)
    if rng.random() < 0.15:
        image = _blur(image, rng)
    image = Image.fromarray(_light(np.asarray(image), rng))
    if rng.random() < 0.4:
        image = _jpeg(image, rng)
    if degrade and rng.random() < 0.12:
        image = image.convert("L").convert("RGB")
    return squash(np.asarray(image), fit=fit)
