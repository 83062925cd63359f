"""What stands on the report's pages, one after the other, as `report.typ` lays it out. Pure."""

from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]
Cell = str | dict[str, str]


def head(title: str, below: str, right: str = "") -> Block:
    return {"is": "head", "title": title, "below": below, "right": right}


def heading(text: str, size: int = 1) -> Block:
    return {"is": "heading", "text": text, "size": size}


def words(text: str, big: bool = False, faint: bool = False) -> Block:
    return {"is": "words", "text": text, "big": big, "faint": faint}


def box(title: str, lines: Sequence[str], fill: str = "pale") -> Block:
    """fill: a colour of paper."""
    return {"is": "box", "title": title, "lines": list(lines), "fill": fill}


def tiles(of: Sequence[tuple[str, str]]) -> Block:
    """of: (a figure, what it is)"""
    return {"is": "tiles", "tiles": [{"value": value, "label": label} for value, label in of]}


def items(of: Sequence[str], big: bool = False) -> Block:
    return {"is": "list", "items": list(of), "big": big}


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    right: Sequence[int] = (),
    big: bool = False,
    last: bool = False,
) -> Block:
    """widths: shares of what is left, 0: as wide as its words; right: columns of figures; last:
    whether the last row is a sum."""
    return {
        "is": "table",
        "heads": list(heads),
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "right": list(right),
        "big": big,
        "last": last,
    }


def link(text: str, url: str) -> Cell:
    """As text where there is no address."""
    return {"text": text, "url": url} if url else text


def picture(name: str) -> Block:
    return {"is": "picture", "name": name}


def beside(name: str, value: str, lines: Sequence[str]) -> Block:
    """A picture, and beside it a figure with words."""
    return {"is": "beside", "picture": name, "value": value, "lines": list(lines)}


def new_page() -> Block:
    return {"is": "page"}
