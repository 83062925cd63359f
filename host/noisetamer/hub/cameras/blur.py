"""Pictures in which nobody can be known and nothing can be read, where a square wants that.

`all` lays a coarse mosaic over the whole picture: it needs to find nothing, so it misses nothing.
How full the square is, and where people stand, is still seen.
"""

from collections.abc import Callable

from PIL import Image

BLOCKS = 64
"""Along the longer edge: a face that fills a tenth of it is 6 blocks wide."""


def _none(image: Image.Image) -> Image.Image:
    return image


def _all(image: Image.Image) -> Image.Image:
    edge = max(1, round(max(image.size) / BLOCKS))
    # every pixel of a block becomes their mean: what is gone cannot be computed back
    return image.reduce(edge).resize(image.size, Image.Resampling.NEAREST)


BLURS: dict[str, Callable[[Image.Image], Image.Image]] = {"none": _none, "all": _all}
