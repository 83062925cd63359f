"""Pictures of the LED matrix, made from the bytes its driver sent."""

from collections.abc import Sequence
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
        _picture(seen).save(path, optimize=True)


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
        page.save(path, optimize=True)


def _seen(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0..1 of LED drive values: PWM is linear light, and an eye opens up to dim ones."""
    light = rgb / 255.0
    strongest = light.max(axis=1, keepdims=True)
    hue = np.divide(light, strongest, out=np.zeros_like(light), where=strongest > 0)
    return ((1 - np.exp(-8 * strongest)) * hue) ** (1 / 2.2)


def _picture(seen: np.ndarray) -> Image.Image:
    height, width = seen.shape[:2]
    size = (width * PITCH + 2 * MARGIN, height * PITCH + 2 * MARGIN)
    board = Image.new("RGB", (size[0] * _FINER, size[1] * _FINER), _BOARD)
    light, heart = Image.new("RGB", board.size), Image.new("RGB", board.size)
    on_board, in_air, in_heart = (ImageDraw.Draw(layer) for layer in (board, light, heart))
    for y in range(height):
        for x in range(width):
            colour = seen[y, x]
            on_board.ellipse(_lens(x, y, LED), fill=_rgb(colour) if colour.any() else _DARK_LED)
            in_air.ellipse(_lens(x, y, LED), fill=_rgb(colour))
            # The die in the middle outshines its lens, up to white.
            in_heart.ellipse(_lens(x, y, LED * 0.5), fill=_rgb(colour.max() * (1 + colour) / 2))
    picture = _array(board.resize(size, Image.Resampling.LANCZOS))
    for layer, spread, strength in ((light, 0.45, 0.7), (heart, 0.1, 0.6)):
        reduced = layer.resize(size, Image.Resampling.BOX)
        shine = _array(reduced.filter(ImageFilter.GaussianBlur(spread * PITCH)))
        picture = 255 - (255 - picture) * (255 - strength * shine) / 255
    return Image.fromarray(picture.round().astype(np.uint8))


def _array(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float64)


def _lens(x: int, y: int, across: float) -> tuple[float, float, float, float]:
    centre_x = (MARGIN + (x + 0.5) * PITCH) * _FINER
    centre_y = (MARGIN + (y + 0.5) * PITCH) * _FINER
    reach = across * _FINER / 2
    return centre_x - reach, centre_y - reach, centre_x + reach, centre_y + reach


def _rgb(colour: np.ndarray) -> tuple[int, ...]:
    return tuple(round(255 * float(part)) for part in colour)
