"""Pictures of the LED matrix, made from the bytes its driver sent."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from noisetamer.simulate.output import writing

PITCH = 24  # picture points from LED to LED
LED = 16  # points across one LED's lens
MARGIN = 20
_FINER = 4  # drawn this much finer, then reduced: round edges

_BOARD = (13, 15, 18)
_DARK_LED = (30, 33, 38)
_PAPER = (244, 244, 240)
_INK = (28, 30, 34)


def draw(pixels: bytes, width: int, height: int, order: Sequence[int], path: Path) -> None:
    """Write a PNG of the matrix as an eye sees it.

    `pixels` are 3 bytes (green, red, blue) for each LED along the chain, as sent to a WS2812;
    `order[y * width + x]` is the place in the chain of the LED in column x of row y from the top.
    Raises ValueError where the three do not fit together.
    """
    count = width * height
    if len(pixels) != 3 * count or sorted(order) != list(range(count)):
        raise ValueError(f"{width} x {height} LEDs need {3 * count} bytes and each LED once")
    grb = np.frombuffer(pixels, np.uint8).reshape(count, 3)[list(order)]
    seen = _seen(grb[:, [1, 0, 2]]).reshape(height, width, 3)
    with writing(path):
        _picture(seen).save(path)


def sheet(pictures: Sequence[tuple[str, Path]], path: Path, columns: int = 2) -> None:
    """Write one PNG with every picture under its caption, row by row in the order given."""
    if not pictures:
        raise ValueError("a sheet needs at least one picture")
    opened = [(caption, Image.open(source).convert("RGB")) for caption, source in pictures]
    font = ImageFont.load_default(size=20)
    columns = min(columns, len(opened))
    line, gap = 30, 24
    wide = max(picture.width for _, picture in opened) + gap
    high = max(picture.height for _, picture in opened) + line + gap
    rows = -(-len(opened) // columns)
    page = Image.new("RGB", (columns * wide + gap, rows * high + gap), _PAPER)
    pen = ImageDraw.Draw(page)
    for place, (caption, picture) in enumerate(opened):
        row, column = divmod(place, columns)
        corner = (gap + column * wide, gap + row * high)
        pen.text(corner, caption, fill=_INK, font=font)
        page.paste(picture, (corner[0], corner[1] + line))
    with writing(path):
        page.save(path)


def _seen(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0..1 of LED drive values: PWM is linear light, and an eye opens up to dim ones."""
    light = rgb / 255.0
    strongest = light.max(axis=1, keepdims=True)
    hue = np.divide(light, strongest, out=np.zeros_like(light), where=strongest > 0)
    return ((1 - np.exp(-8 * strongest)) * hue) ** (1 / 2.2)


def _picture(seen: np.ndarray) -> Image.Image:
    unlit = ~seen.any(axis=2, keepdims=True)
    lens = _tiled(np.ones_like(seen), _disc(LED))
    colour = np.where(unlit, np.array(_DARK_LED) / 255, seen)
    picture = lens * _tiled(colour, np.ones((PITCH, PITCH))) * 255
    picture += (1 - lens) * np.array(_BOARD)
    # The die in the middle outshines its lens, up to white.
    die = seen.max(axis=2, keepdims=True) * (1 + seen) / 2
    for layer, spread, strength in (
        (_tiled(seen, _disc(LED)), 0.45, 0.7),
        (_tiled(die, _disc(LED * 0.5)), 0.1, 0.6),
    ):
        air = Image.fromarray((255 * layer).round().astype(np.uint8))
        shine = np.asarray(air.filter(ImageFilter.GaussianBlur(spread * PITCH)), np.float64)
        picture = 255 - (255 - picture) * (255 - strength * shine) / 255
    return Image.fromarray(picture.round().astype(np.uint8))


def _tiled(colour: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Every LED's colour [y, x, 3] in the same shape [PITCH, PITCH], with a dark margin."""
    tiles = colour[:, None, :, None] * shape[:, None, :, None]
    height, _, width, _, _ = tiles.shape
    picture = tiles.reshape(height * PITCH, width * PITCH, 3)
    return np.pad(picture, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)))


@cache
def _disc(across: float) -> np.ndarray:
    """How much of each point of an LED's square lies within a disc in its middle, 0..1."""
    size = PITCH * _FINER
    begin, end = (size - across * _FINER) / 2, (size + across * _FINER) / 2
    fine = Image.new("L", (size, size))
    ImageDraw.Draw(fine).ellipse((begin, begin, end, end), fill=255)
    return np.asarray(fine.resize((PITCH, PITCH), Image.Resampling.BOX), np.float64) / 255
