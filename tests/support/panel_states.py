"""The panel in every state, shown by a virtual box, and a picture of it for readers:

python tests/support/panel_states.py draws host/pictures/panel.png.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from folders import ON_BOX, ROOT
from PIL import Image
from stand import Stand

from noisetamer.simulate import panel_picture
from tamer.act.matrix import columns_there_and_back

STAGES = ("green", "amber", "red", "polite", "firm")


Shown = tuple[str, str, bool, int] | tuple[str, str, bool, int, float]
"""Number, stage, heartbeat, brightness in 1/256; how long the bar is, of 1."""


class Size(NamedTuple):
    """LEDs; mA the supply has for them."""

    width: int
    height: int
    supply: int

    @property
    def order(self) -> list[int]:
        return list(columns_there_and_back(self.width, self.height))


SIZES = {"8x32": Size(32, 8, 1000), "16x64": Size(64, 16, 3000)}


def plan(size: Size) -> dict[str, Any]:
    """The settings of a box with such a panel."""
    return {"size": (size.width, size.height), "supply": size.supply}


def frames(folder: Path, size: Size, shown: Sequence[Shown], more: bool = False) -> list[bytes]:
    """What the LEDs were sent for each. more: of a panel that may have digits and a bar."""
    stand = Stand(folder, ON_BOX / "main_panel.py", show=shown, more=more, **plan(size))
    return stand.run(60).frames


def drawn_mA(frame: bytes) -> float:
    """What the LEDs draw: 12 mA a channel fully on, 1 mA each besides."""
    return len(frame) / 3 + 12 * sum(frame) / 255


def draw_for_readers(path: Path) -> None:
    """Each stage on both sizes, the smaller on the left."""
    shown = [
        (number, stage, True, 256)
        for number, stage in zip(("58.4", "63.9", "68.7", "69.2", "71.5"), STAGES, strict=True)
    ]
    with tempfile.TemporaryDirectory() as temporary:
        pictures = []
        for row, (number, stage, *_) in enumerate(shown):
            for name, size in SIZES.items():
                folder = Path(temporary) / f"{stage}_{name}"
                folder.mkdir()
                (frame,) = frames(folder, size, shown[row : row + 1])
                picture = folder / "panel.png"
                panel_picture.draw(frame, size.width, size.height, size.order, picture)
                if size.height > 8:
                    with Image.open(picture) as large:
                        large.reduce(2).save(picture)
                pictures.append((f"{stage}, {number} dB, {name}", picture))
        panel_picture.sheet(pictures, path)
    with Image.open(path) as sheet:
        smaller = sheet.resize((sheet.width * 5 // 8, sheet.height * 5 // 8))
    smaller.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    draw_for_readers(ROOT / "host" / "pictures" / "panel.png")
