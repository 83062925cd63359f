"""Pictures in which nobody can be known and nothing can be read, where a square wants that.

`all` lays a coarse mosaic over the whole picture: it needs to find nothing, so it misses nothing.
How full the square is, and where people stand, is still seen. `faces` lays one over the faces and
the text that are found (detector.py), and misses some. Where it cannot look, it is `all`.
"""

import asyncio
import json
import math
import os
import sys
from dataclasses import dataclass

from PIL import Image

from noisetamer.hub.bus import die_with_parent
from noisetamer.hub.cameras import detector
from noisetamer.hub.cameras.settings import BLURS

NONE, FACES, ALL = BLURS
NOT_INSTALLED, TOO_SLOW, FAILED = "all_not_installed", "all_too_slow", "all_failed"
"""What was done instead of `faces`: `all`, and why."""
DONE = frozenset((NONE, FACES, ALL, NOT_INSTALLED, TOO_SLOW, FAILED))
"""Each but `none` has its words, `blurred_DONE`."""

BLOCKS = 64
"""Along the longer edge: a face that fills a tenth of it is 6 blocks wide."""
PROGRAM = detector.__file__
SECONDS = 60.0
"""For a picture, waiting for others included; 3 s on a core that has nothing else to do."""

# along the shorter edge of a place: a face's own features are less than two blocks apart, and a
# block of text holds several letters
_BLOCKS_OF = {"face": 4, "text": 1}
_LEAST_BLOCK = 8

# 600 MB for each
_one_at_a_time = asyncio.Semaphore(1)


@dataclass(frozen=True)
class Place:
    """kind: "face" or "text"; left, top, right, bottom: pixels; may reach beyond the picture."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float


class NotLookedError(Exception):
    """why: NOT_INSTALLED, TOO_SLOW or FAILED."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def blurred(image: Image.Image, blur: str) -> tuple[Image.Image, str]:
    """The picture as it may be kept, and what was done to it: one of DONE.

    image: RGB; blur: one of `settings.BLURS`.
    """
    if blur == NONE:
        return image, NONE
    if blur == ALL:
        return await asyncio.to_thread(mosaic, image), ALL
    try:
        places = await places_of(image)
    except NotLookedError as error:
        return await asyncio.to_thread(mosaic, image), error.why
    return await asyncio.to_thread(cover, image, places), FACES


def mosaic(image: Image.Image) -> Image.Image:
    """Over everything."""
    return _blocks(image, max(1, round(max(image.size) / BLOCKS)))


def cover(image: Image.Image, places: list[Place]) -> Image.Image:
    """A mosaic over each of the places."""
    shown = image.copy()
    for place in places:
        left, top = max(0, math.floor(place.left)), max(0, math.floor(place.top))
        right = min(image.width, math.ceil(place.right))
        bottom = min(image.height, math.ceil(place.bottom))
        if left < right and top < bottom:
            part = image.crop((left, top, right, bottom))
            block = max(_LEAST_BLOCK, math.ceil(min(part.size) / _BLOCKS_OF[place.kind]))
            shown.paste(_blocks(part, block), (left, top))
    return shown


def _blocks(image: Image.Image, edge: int) -> Image.Image:
    # every pixel of a block becomes their mean: what is gone cannot be computed back
    return image.reduce(edge).resize(image.size, Image.Resampling.NEAREST)


async def places_of(image: Image.Image) -> list[Place]:
    """Where faces and text were found. image: RGB. Raises NotLookedError."""
    try:
        async with asyncio.timeout(SECONDS), _one_at_a_time:
            code, said = await _run(image)
    except TimeoutError:
        raise NotLookedError(TOO_SLOW) from None
    except OSError:
        raise NotLookedError(FAILED) from None
    if code == detector.MISSING:
        raise NotLookedError(NOT_INSTALLED)
    if code:
        raise NotLookedError(FAILED)
    try:
        return [Place(str(kind), *map(float, edges)) for kind, *edges in json.loads(said)]
    except (ValueError, TypeError):
        raise NotLookedError(FAILED) from None


async def _run(image: Image.Image) -> tuple[int, bytes]:
    """Its exit code, and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", die_with_parent.__file__, str(os.getpid())),
        *(sys.executable, "-I", PROGRAM, *map(str, image.size)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said, _ = await process.communicate(await asyncio.to_thread(image.tobytes))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    assert process.returncode is not None
    return process.returncode, said
