"""Draws pictures that look like screenshots: the data set has almost none."""

from __future__ import annotations

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIZES = ((390, 844), (412, 915), (768, 1024), (1280, 800), (1366, 768), (1920, 1080), (1024, 768))
WORDS = (
    "account settings today message search report order total invoice calendar meeting project draft inbox shared "
    "download error value return function class import const result score player level menu home profile news photo "
    "price cart weather map route time sunny sign in password cancel save next back help about table column sum"
).split()

Colour = tuple[int, int, int]


def _palette(rng: np.random.Generator) -> tuple[Colour, Colour, Colour, Colour]:
    """Background, panel, text and accent of a light or dark theme."""
    dark = rng.random() < 0.4
    base = int(rng.integers(12, 45)) if dark else int(rng.integers(235, 256))
    tint = rng.integers(-6, 7, 3)
    back = tuple(int(v) for v in np.clip(base + tint, 0, 255))
    panel = tuple(int(v) for v in np.clip(base + tint + (14 if dark else -14), 0, 255))
    text = (225, 225, 230) if dark else (30, 32, 38)
    accent = tuple(round(255 * v) for v in colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.5, 1), rng.uniform(0.5, 1)))
    return back, panel, text, accent  # type: ignore[return-value]


def _sentence(rng: np.random.Generator, words: int) -> str:
    return " ".join(WORDS[i] for i in rng.integers(0, len(WORDS), words))


class Screen:
    """One screen being drawn."""

    def __init__(self, rng: np.random.Generator, photos: list[np.ndarray]) -> None:
        self.rng = rng
        self.photos = photos
        self.width, self.height = SIZES[rng.integers(len(SIZES))]
        self.back, self.panel, self.text, self.accent = _palette(rng)
        self.image = Image.new("RGB", (self.width, self.height), self.back)
        self.draw = ImageDraw.Draw(self.image)

    def font(self, low: int, high: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        return ImageFont.load_default(int(self.rng.integers(low, high)))

    def lines(self, left: int, top: int, right: int, bottom: int, coloured: bool = False) -> None:
        """Running text; coloured words and indents make it look like code."""
        size = int(self.rng.integers(11, 20))
        font = ImageFont.load_default(size)
        y = top
        while y < bottom - size:
            x = left + (int(self.rng.integers(0, 5)) * 18 if coloured else 0)
            for _ in range(int(self.rng.integers(0 if coloured else 3, 12))):
                word = _sentence(self.rng, 1)
                length = self.draw.textlength(word + " ", font=font)
                if x + length > right:
                    break
                fill = self.text
                if coloured and self.rng.random() < 0.5:
                    red, green, blue = (int(v) for v in self.rng.integers(90, 255, 3))
                    fill = (red, green, blue)
                self.draw.text((x, y), word, font=font, fill=fill)
                x += int(length)
            y += int(size * 1.5)

    def bar(self, height: int, bottom: bool = False) -> None:
        top = self.height - height if bottom else 0
        fill = self.accent if self.rng.random() < 0.4 else self.panel
        self.draw.rectangle((0, top, self.width, top + height), fill=fill)
        for x in range(12, self.width - 30, int(self.rng.integers(60, 140))):
            if self.rng.random() < 0.5:
                self.draw.ellipse((x, top + height // 4, x + height // 2, top + 3 * height // 4), fill=self.text)
            else:
                self.draw.text((x, top + height // 4), _sentence(self.rng, 1), font=self.font(11, 20), fill=self.text)

    def cards(self, left: int, top: int, right: int, bottom: int) -> None:
        """A grid or a list of cards, some with a photo in them."""
        columns = int(self.rng.integers(1, 5))
        across = max(60, (right - left) // columns)
        down = int(self.rng.integers(60, 260))
        for y in range(top, bottom - down // 2, down + 12):
            for x in range(left, right - across + 12, across):
                box = (x + 6, y, x + across - 6, y + down)
                self.draw.rounded_rectangle(box, int(self.rng.integers(0, 14)), fill=self.panel)
                if self.rng.random() < 0.3 and self.photos:
                    photo = Image.fromarray(self.photos[self.rng.integers(len(self.photos))])
                    self.image.paste(photo.resize((max(8, across - 24), max(8, down // 2))), (x + 12, y + 6))
                self.draw.text((x + 14, y + down // 2 + 8), _sentence(self.rng, 2), font=self.font(12, 22), fill=self.text)

    def chat(self, left: int, top: int, right: int, bottom: int) -> None:
        y = top
        while y < bottom - 50:
            down, across = int(self.rng.integers(30, 90)), int(self.rng.integers(80, max(90, (right - left) * 2 // 3)))
            mine = self.rng.random() < 0.5
            x = right - across - 12 if mine else left + 12
            self.draw.rounded_rectangle((x, y, x + across, y + down), 14, fill=self.accent if mine else self.panel)
            self.lines(x + 10, y + 6, x + across - 10, y + down)
            y += down + 14

    def table(self, left: int, top: int, right: int, bottom: int) -> None:
        across, down = int(self.rng.integers(60, 160)), int(self.rng.integers(20, 40))
        for y in range(top, bottom, down):
            self.draw.line((left, y, right, y), fill=self.panel)
            for x in range(left, right, across):
                self.draw.text((x + 4, y + 4), str(int(self.rng.integers(0, 99999))), font=self.font(11, 16), fill=self.text)
        for x in range(left, right, across):
            self.draw.line((x, top, x, bottom), fill=self.panel)

    def chart(self, left: int, top: int, right: int, bottom: int) -> None:
        count = int(self.rng.integers(4, 20))
        step = max(4, (right - left) // count)
        for i, value in enumerate(self.rng.random(count)):
            self.draw.rectangle(
                (left + i * step, bottom - int(value * (bottom - top)), left + i * step + step // 2 + 2, bottom), fill=self.accent
            )

    def window(self) -> None:
        """A desktop wallpaper with one window on it."""
        if self.photos:
            photo = Image.fromarray(self.photos[self.rng.integers(len(self.photos))])
            self.image.paste(photo.resize((self.width, self.height)), (0, 0))
        left, top = int(self.width * self.rng.uniform(0.03, 0.2)), int(self.height * self.rng.uniform(0.04, 0.15))
        right, bottom = int(self.width * self.rng.uniform(0.7, 0.97)), int(self.height * self.rng.uniform(0.7, 0.95))
        self.draw.rectangle((left, top, right, bottom), fill=self.back)
        self.draw.rectangle((left, top, right, top + 28), fill=self.panel)
        self.fill(left + 10, top + 36, right - 10, bottom - 8)

    def fill(self, left: int, top: int, right: int, bottom: int) -> None:
        kind = self.rng.integers(6)
        if kind == 0:
            self.lines(left, top, right, bottom)
        elif kind == 1:
            self.lines(left, top, right, bottom, coloured=True)
        else:
            (self.cards, self.chat, self.table, self.chart)[kind - 2](left, top, right, bottom)


def draw_screen(rng: np.random.Generator, photos: list[np.ndarray]) -> np.ndarray:
    """One screenshot-like picture in RGB bytes; `photos` are shown inside some of them."""
    screen = Screen(rng, photos)
    if screen.width > 800 and rng.random() < 0.3:
        screen.window()
        screen.bar(int(rng.integers(30, 56)), bottom=True)
        return np.asarray(screen.image)
    top = int(rng.integers(24, 90))
    left = 0
    if screen.width > 800 and rng.random() < 0.6:
        left = int(rng.integers(120, 320))
        screen.draw.rectangle((0, 0, left, screen.height), fill=screen.panel)
        screen.lines(12, top + 10, left - 10, screen.height)
    middle = int(rng.uniform(0.3, 1.0) * screen.height)
    screen.fill(left + 16, top + 10, screen.width - 16, middle)
    if middle < screen.height - 120:
        screen.fill(left + 16, middle + 16, screen.width - 16, screen.height - 60)
    screen.bar(top)
    if rng.random() < 0.5:
        screen.bar(int(rng.integers(40, 80)), bottom=True)
    return np.asarray(screen.image)
