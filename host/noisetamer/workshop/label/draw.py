"""Labels on paper: a sheet of 65 on A4, a roll with one a page, or one PNG each."""

import pathlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from noisetamer.base.paper import pages
from noisetamer.workshop.label.label import Label

_TEMPLATE = pathlib.Path(__file__).with_name("labels.typ")

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
    """skip: places of the first sheet that are used up. The same units give the same bytes.

    Raises OSError.
    """
    file.write_bytes(pages.pdf(_TEMPLATE, _words([*([None] * skip), *labels], paper)))


def png(label: Label, file: pathlib.Path) -> None:
    """One label of the roll's size. Raises OSError."""
    file.write_bytes(pages.png(_TEMPLATE, _words([label], ROLL), dpi=_PNG_DPI))


def _words(places: Sequence[Label | None], paper: Paper) -> dict[str, Any]:
    return {
        "paper": {
            "page": paper.page_mm,
            "label": paper.label_mm,
            "columns": paper.columns,
            "rows": paper.rows,
            "first": paper.first_mm,
            "pitch": paper.pitch_mm,
        },
        "places": [label and _of(label) for label in places],
    }


def _of(label: Label) -> dict[str, Any]:
    return {
        "serial": label.serial,
        "claim": label.claim_for_people,
        "code": ["".join(".#"[dark] for dark in row) for row in label.modules()],
    }
