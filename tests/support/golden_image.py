"""Pictures somebody has looked at and found right; from then on a change of them is a failure.

To change them: GOLDEN=update pytest tests/firmware/act/test_panel_golden.py, look, and commit.
"""

import os
from collections.abc import Mapping

import pytest
from folders import OUT, TESTS
from PIL import Image, ImageChops

FOLDER = TESTS / "firmware" / "act" / "golden"
LEFT = OUT / "golden"

_GAP = 8
_PAPER = (96, 96, 96)

UPDATING = os.environ.get("GOLDEN") == "update"


def sheet(pictures: Mapping[str, Image.Image], columns: int) -> Image.Image:
    """All pictures, of one size, row by row."""
    every = list(pictures.values())
    width, height = every[0].width + _GAP, every[0].height + _GAP
    rows = -(-len(every) // columns)
    page = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), _PAPER)
    for place, picture in enumerate(every):
        row, column = divmod(place, columns)
        page.paste(picture, (_GAP + column * width, _GAP + row * height))
    return page


def assert_as_approved(name: str, pictures: Mapping[str, Image.Image], columns: int) -> None:
    """Compare a sheet of named pictures with golden/`name`.png, point by point."""
    path, found = FOLDER / f"{name}.png", sheet(pictures, columns)
    if UPDATING:
        FOLDER.mkdir(exist_ok=True)
        found.quantize(256).save(path, optimize=True)
    approved = Image.open(path).convert("RGB")
    if approved.size == found.size and _same(approved, found):
        return
    LEFT.mkdir(parents=True, exist_ok=True)
    found.save(LEFT / path.name)
    pytest.fail(
        f"{path.name} has changed: {', '.join(_changed(approved, found, pictures, columns))}. "
        f"Now it is {LEFT / path.name}; "
        "if that is right, GOLDEN=update makes it the approved one.",
        pytrace=False,
    )


def _changed(
    approved: Image.Image, found: Image.Image, pictures: Mapping[str, Image.Image], columns: int
) -> list[str]:
    if approved.size != found.size:
        return ["its size"]
    changed = []
    for place, (name, picture) in enumerate(pictures.items()):
        row, column = divmod(place, columns)
        x, y = _GAP + column * (picture.width + _GAP), _GAP + row * (picture.height + _GAP)
        box = (x, y, x + picture.width, y + picture.height)
        if not _same(approved.crop(box), found.crop(box)):
            changed.append(name)
    return changed


def _same(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is None
