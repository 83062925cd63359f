"""Pictures of the LED matrix, made from the bytes its driver sent."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from noisetamer.base.output import writing

PITCH = 24  # picture points from LED to LED
LED = 16  # points across one LED's lens
MARGIN = 20
_FINER = 4  # drawn this much finer, then reduced: round edges
_COARSER = 4  # divides PITCH and MARGIN

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
    seen = _unfolded(pixels, width, height, order)
    with writing(path):
        _picture(seen).save(path, compress_level=1)


def flat(pixels: bytes, width: int, height: int, order: Sequence[int], side: int) -> Image.Image:
    """The same, each LED a plain square of `side` points, its lower and right edge dark."""
    seen = _unfolded(pixels, width, height, order)
    colour = _with_dark(seen)
    squares = np.empty((height, side, width, side, 3), np.float32)
    squares[:] = colour[:, None, :, None]
    squares[:, -1], squares[:, :, :, -1] = _unit(_BOARD), _unit(_BOARD)
    points = (255 * squares + 0.5).astype(np.uint8)
    return Image.fromarray(points.reshape(height * side, width * side, 3))


def colours(pixels: bytes, width: int, height: int, order: Sequence[int]) -> np.ndarray:
    """The colour of each LED as an eye sees it, uint8 [y, x, rgb] in sRGB."""
    seen = _with_dark(_unfolded(pixels, width, height, order))
    return (255 * seen + 0.5).astype(np.uint8)


def sheet(
    pictures: Sequence[tuple[str, Path]], path: Path, columns: int = 2, note: str = ""
) -> None:
    """Write one PNG with every picture under its caption, row by row in the order given.

    `note` stands below them all.
    """
    if not pictures:
        raise ValueError("a sheet needs at least one picture")
    opened = [(caption, Image.open(source).convert("RGB")) for caption, source in pictures]
    font = ImageFont.load_default(size=20)
    columns = min(columns, len(opened))
    line, gap = 30, 24
    wide = max(picture.width for _, picture in opened) + gap
    high = max(picture.height for _, picture in opened) + line + gap
    rows = -(-len(opened) // columns)
    foot = line if note else 0
    page = Image.new("RGB", (columns * wide + gap, rows * high + gap + foot), _PAPER)
    pen = ImageDraw.Draw(page)
    for place, (caption, picture) in enumerate(opened):
        row, column = divmod(place, columns)
        corner = (gap + column * wide, gap + row * high)
        pen.text(corner, caption, fill=_INK, font=font)
        page.paste(picture, (corner[0], corner[1] + line))
    pen.text((gap, rows * high + gap), note, fill=_INK, font=font)
    with writing(path):
        page.save(path)


def _with_dark(seen: np.ndarray) -> np.ndarray:
    return np.where(seen.any(axis=2, keepdims=True), seen, _unit(_DARK_LED))


def _unfolded(pixels: bytes, width: int, height: int, order: Sequence[int]) -> np.ndarray:
    """What an eye sees of each LED, [y, x, rgb], 0..1."""
    count = width * height
    if len(pixels) != 3 * count or sorted(order) != list(range(count)):
        raise ValueError(f"{width} x {height} LEDs need {3 * count} bytes and each LED once")
    grb = np.frombuffer(pixels, np.uint8).reshape(count, 3)[list(order)]
    return _seen(grb[:, [1, 0, 2]]).reshape(height, width, 3)


def _seen(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0..1 of LED drive values: PWM is linear light, and an eye opens up to dim ones."""
    light = rgb / 255.0
    strongest = light.max(axis=1, keepdims=True)
    hue = np.divide(light, strongest, out=np.zeros_like(light), where=strongest > 0)
    return ((1 - np.exp(-8 * strongest)) * hue) ** (1 / 2.2)


def _picture(seen: np.ndarray) -> Image.Image:
    unlit = ~seen.any(axis=2, keepdims=True)
    lens = np.where(unlit, _unit(_DARK_LED), seen)
    # The die in the middle outshines its lens, up to white.
    die = seen.max(axis=2, keepdims=True) * (1 + seen) / 2
    dark = (1 - _tiled(np.ones_like(seen[..., :1]), _disc(LED))) * _unit(_BOARD)
    picture = 1 - (_tiled(lens, _disc(LED)) + dark)
    picture *= 1 - 0.7 * _glow(seen)
    picture *= 1 - 0.6 * _tiled(die, _disc(LED * 0.5, blur=0.1 * PITCH))
    return Image.fromarray((255.5 - 255 * picture).astype(np.uint8))


def _glow(seen: np.ndarray) -> np.ndarray:
    """The light around each LED: too soft to need all points, so it is made of every fourth."""
    disc = _disc(LED).reshape(PITCH // _COARSER, _COARSER, -1, _COARSER).mean((1, 3))
    light = Image.fromarray((255.5 * _tiled(seen, disc)).astype(np.uint8))
    soft = light.filter(ImageFilter.GaussianBlur(0.45 * PITCH / _COARSER))
    size = (light.width * _COARSER, light.height * _COARSER)
    return np.asarray(soft.resize(size, Image.Resampling.BICUBIC), np.float32) / 255


def _tiled(colour: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Every LED's colour [y, x, rgb] in the same square shape [points, points], and a margin."""
    side = len(shape)
    margin = MARGIN * side // PITCH
    height, width, depth = colour.shape
    picture = np.zeros((height * side + 2 * margin, width * side + 2 * margin, depth), np.float32)
    inner = picture[margin : margin + height * side, margin : margin + width * side]
    tiles = np.multiply(colour[:, None, :, None], shape[:, None, :, None], dtype=np.float32)
    inner[:] = tiles.reshape(inner.shape)
    return picture


@cache
def _disc(across: float, blur: float = 0) -> np.ndarray:
    """How much of each point of an LED's square lies within a disc in its middle, 0..1."""
    size = PITCH * _FINER
    begin, end = (size - across * _FINER) / 2, (size + across * _FINER) / 2
    fine = Image.new("L", (size, size))
    ImageDraw.Draw(fine).ellipse((begin, begin, end, end), fill=255)
    disc = fine.filter(ImageFilter.GaussianBlur(blur * _FINER))
    return np.asarray(disc.resize((PITCH, PITCH), Image.Resampling.BOX), np.float32) / 255


def _unit(rgb: tuple[int, ...]) -> np.ndarray:
    return np.array(rgb, np.float32) / 255
