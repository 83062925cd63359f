"""The style of all paper for a page that is read in a browser."""

import base64
import io
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from noisetamer.base.paper import style
from noisetamer.base.paper.font import FAMILY, FILES


def css(text: str) -> str:
    """A style sheet: the colours as variables (`--good-pale`), the font for just this text.

    The font goes along (about 20 kB a weight): a browser's computer may have no Chinese one.
    """
    colours = {name: value for name, value in vars(style).items() if isinstance(value, str)}
    lines = [
        f"--{name.lower().replace('_', '-')}: {value};"
        for name, value in colours.items()
        if name.isupper()
    ]
    letters = "".join(sorted(set(text)))
    faces = [
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; '
        f'src: url("{_uri(file, letters)}") format("woff"); }}'
        for file, weight in zip(FILES, ("400", "500 900"), strict=True)
    ]
    return "\n".join([f":root {{ {' '.join(lines)} }}", *faces])


def _uri(file: Path, text: str) -> str:
    font = TTFont(file, recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=["ccmp", "kern", "mark"]))
    subsetter.populate(text=text)
    subsetter.subset(font)
    font.flavor = "woff"
    out = io.BytesIO()
    font.save(out)
    return "data:font/woff;base64," + base64.b64encode(out.getvalue()).decode()
