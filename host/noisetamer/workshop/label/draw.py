"""Labels on paper: a sheet of 65 on A4, a roll with one a page, or one PNG each.

Drawn with matplotlib and the font it comes with: the same on every computer.
"""

import pathlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from noisetamer.workshop.label.label import Label

_MM_AN_INCH = 25.4
_POINTS_A_MM = 72 / _MM_AN_INCH
# ISO/IEC 18004: four modules of white around the code.
_QUIET = 4
_INK = "black"

# Of thermal printers there are 203 and 300; twice 300 leaves both sharp.
_PNG_DPI = 600


@dataclass(frozen=True)
class Paper:
    """Labels of one size on a page, all in mm; from the upper left corner."""

    page_mm: tuple[float, float]
    label_mm: tuple[float, float]
    columns: int
    rows: int
    first_mm: tuple[float, float]
    pitch_mm: tuple[float, float]


# A4 sheets of 65 labels 38.1 x 21.2 mm, as Avery L7651 and its like have them.
SHEET = Paper((210.0, 297.0), (38.1, 21.2), 5, 13, (4.75, 10.7), (40.6, 21.2))
# A roll of labels 50 x 30 mm.
ROLL = Paper((50.0, 30.0), (50.0, 30.0), 1, 1, (0.0, 0.0), (50.0, 30.0))


def pdf(labels: Sequence[Label], paper: Paper, file: pathlib.Path, skip: int = 0) -> None:
    """skip: places of the first sheet that are used up. Raises OSError."""
    places: list[Label | None] = [*([None] * skip), *labels]
    per_page = paper.columns * paper.rows
    # Without a date of its own: the same units give the same bytes.
    metadata = {"CreationDate": None, "Title": "Noise Tamer labels"}
    with _look(), PdfPages(file, metadata=metadata) as pages:
        for start in range(0, len(places), per_page):
            pages.savefig(_page(places[start : start + per_page], paper))


def png(label: Label, file: pathlib.Path) -> None:
    """One label of the roll's size. Raises OSError."""
    with _look():
        _page([label], ROLL).savefig(file, dpi=_PNG_DPI, metadata={"Software": None})


def _page(labels: Sequence[Label | None], paper: Paper) -> Figure:
    width, height = paper.page_mm
    figure = Figure(figsize=(width / _MM_AN_INCH, height / _MM_AN_INCH), facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    for i, label in enumerate(labels):
        if label:
            x = paper.first_mm[0] + i % paper.columns * paper.pitch_mm[0]
            y = paper.first_mm[1] + i // paper.columns * paper.pitch_mm[1]
            _draw(axes, label, (x, y), paper.label_mm)
    return figure


def _draw(axes: Any, label: Label, at: tuple[float, float], size: tuple[float, float]) -> None:
    """The code at the left, as large as its quiet zone lets it be; the words beside it."""
    (x, y), (width, height) = at, size
    modules = label.modules()
    pitch = min(height, width / 2) / (len(modules) + 2 * _QUIET)
    edge = _QUIET * pitch
    top = y + (height - len(modules) * pitch) / 2
    code = PathPatch(_outline(modules, (x + edge, top), pitch), color=_INK, linewidth=0)
    axes.add_artist(code)
    left = x + 2 * edge + len(modules) * pitch
    room = x + width - left - 1.0
    middle = y + height / 2
    em = room / (0.66 * len(label.serial))
    for offset, text, scale, weight in (
        (-1.9, "Noise Tamer", 1.0, "normal"),
        (-0.2, label.serial, 1.0, "bold"),
        (1.3, "claim", 0.8, "normal"),
        (2.75, label.claim_for_people, 1.15, "bold"),
    ):
        axes.text(
            left,
            middle + offset * em,
            text,
            fontsize=em * scale * _POINTS_A_MM,
            weight=weight,
            color=_INK,
            va="baseline",
        )


def _outline(modules: list[list[bool]], at: tuple[float, float], pitch: float) -> Path:
    """All dark modules as one path: drawn one by one they show hairlines between them."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], float)
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    dark = np.argwhere(np.array(modules))[:, ::-1]
    vertices = (dark[:, None, :] + corners) * pitch + at
    return Path(vertices.reshape(-1, 2), codes * len(dark))


@contextmanager
def _look() -> Iterator[None]:
    settings: Any = {"font.family": "DejaVu Sans", "pdf.fonttype": 42, "path.snap": False}
    with mpl.rc_context(settings):
        yield
