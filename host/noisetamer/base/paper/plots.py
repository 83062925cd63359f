"""Plots in the style of all paper, for matplotlib."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from noisetamer.base.output import writing
from noisetamer.base.paper.font import FAMILY, FILES, drawable
from noisetamer.base.paper.style import FAINT, GRID, INK, SERIES

_MM_AN_INCH = 25.4
_STYLE: dict[Any, Any] = {
    "font.family": [FAMILY],
    "text.color": INK,
    "text.parse_math": False,  # a title with a $ is a title with a $
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=SERIES),
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "hatch.linewidth": 0.8,
    "legend.edgecolor": "none",
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.hinting": "none",  # letters stand where they belong, not on the next whole dot
    "svg.hashsalt": "noisetamer",
}


@contextmanager
def style(size: float = 9.0) -> Iterator[None]:
    """Draw and write figures within it. size: of the font, points."""
    _add_font()
    with mpl.rc_context({**_STYLE, "font.size": size}):
        yield


def of_mm(width: float, height: float) -> tuple[float, float]:
    """As `figsize` wants it."""
    return width / _MM_AN_INCH, height / _MM_AN_INCH


def write_png(figure: Figure, path: Path, **how: Any) -> None:
    """The same figure gives the same bytes. how: as of `print_figure`. Raises UserError."""
    _draw_what_can_be(figure)
    with writing(path):
        FigureCanvasAgg(figure).print_figure(path, metadata={"Software": None}, **how)


def svg(figure: Figure, outlines: bool = False) -> str:
    """The same figure gives the same string.

    Its text is text, for a page in the same font; or outlines, for a browser that has not got it.
    """
    _draw_what_can_be(figure)
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path" if outlines else "none"}):
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None})
    return out.getvalue()


def _draw_what_can_be(figure: Figure) -> None:
    for text in _texts(figure):
        if (shown := drawable(text.get_text())) != text.get_text():
            text.set_text(shown)


def _texts(artist: Artist) -> Iterator[Text]:
    if isinstance(artist, Text):
        yield artist
    # Ticks are named as they are drawn. To be asked for them makes them, a fifth of a figure's
    # time, those too that nobody will see.
    axis = isinstance(artist, Axis)
    for part in (artist.label, artist.offsetText) if axis else artist.get_children():
        yield from _texts(part)


@cache
def _add_font() -> None:
    for file in FILES:
        font_manager.fontManager.addfont(file)
