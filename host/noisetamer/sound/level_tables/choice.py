"""Which column holds the quantity wanted."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables import formats, layout, levels, quantities
from noisetamer.sound.level_tables.formats import Format
from noisetamer.sound.level_tables.quantities import Quantity

_UNIT = re.compile(r"units?|einheit|unidad|jednostka|unité|unità|单位|unit_of_measurement", re.I)


@dataclass(frozen=True)
class Column:
    """at: its place. named: whether its heading says the quantity, or only that it is a level."""

    at: int
    quantity: Quantity
    named: bool


Sample = Callable[[int], Sequence[str]]
"""Some cells of a column, by its place."""


def columns(
    place: str, names: list[str], entry: Format, wanted: Quantity, sample: Sample, width: int
) -> list[Column]:
    """Those that may be it, the best first. Raises UserError that names what is there instead."""
    if not names:
        return _without_headings(place, wanted, sample, width)
    pattern = entry.level.get(wanted.heading)
    if pattern and (places := formats.places(names, pattern)):
        return [Column(at, replace(wanted, heading=names[at]), True) for at in places]
    quantity_at = {
        at: _with_unit(found, names, sample)
        for at, name in enumerate(names)
        if not layout.is_time(name) and (found := quantities.of(name)) is not None
    }
    # A heading that the entry takes for one quantity is not also what its name would say.
    renamed = {at for pattern in entry.level.values() for at in formats.places(names, pattern)}
    shadowed = set(entry.level) if renamed else set()
    exact = [
        Column(at, found, True)
        for at, found in quantity_at.items()
        if quantities.answers(found, wanted) and wanted.heading not in shadowed
    ]
    if exact:
        return exact
    vague = [
        Column(at, found, False)
        for at, found in quantity_at.items()
        if quantities.may_be(found, wanted) and at not in renamed
    ]
    plain = [column for column in vague if column.quantity.weighting == wanted.weighting]
    if plain or vague:
        return _only(place, names, plain or vague, wanted)
    if not quantity_at or all(one.kind == "other" for one in quantity_at.values()):
        unknown = [
            at
            for at, name in enumerate(names)
            if not layout.is_time(name) and at not in quantity_at and _levels(sample(at))
        ]
        if len(unknown) == 1 and wanted.kind in ("eq", "instant"):
            at = unknown[0]
            return [Column(at, Quantity(names[at], "level", ""), False)]
    raise UserError(f"{place}: {_instead(names, quantity_at, wanted)}")


def _without_headings(place: str, wanted: Quantity, sample: Sample, width: int) -> list[Column]:
    found = [at for at in range(width) if _levels(sample(at))]
    if len(found) != 1 or wanted.kind not in ("eq", "instant"):
        raise UserError(
            f"{place}: has no headings, and {len(found)} columns of levels: put a line above "
            f"that names them, such as time,{wanted.heading}"
        )
    return [Column(found[0], Quantity(f"column {found[0] + 1}", "level", ""), False)]


def _with_unit(found: Quantity, names: list[str], sample: Sample) -> Quantity:
    """The weighting may stand in a column of units: dBA."""
    if found.weighting or found.kind == "other":
        return found
    for at, name in enumerate(names):
        if _UNIT.fullmatch(name.strip()):
            told = {quantities.weighting_of_unit(cell) for cell in sample(at) if cell.strip()}
            if len(told) == 1 and (weighting := told.pop()):
                return replace(found, weighting=weighting)
    return found


def _only(place: str, names: list[str], found: list[Column], wanted: Quantity) -> list[Column]:
    if len(found) > 1:
        several = " and ".join(names[column.at] for column in found[:3])
        raise UserError(
            f"{place}: {several} may each be {wanted.heading}: name the right one "
            f"{wanted.heading} in the heading, or leave one in"
        )
    return found


def _levels(cells: Sequence[str]) -> bool:
    """Most of the cells are levels, and they do not count."""
    found = [cell for cell in cells if levels.is_level(cell)]
    if len(found) < max(1, len([cell for cell in cells if cell.strip()]) / 2):
        return False
    values = levels.read(list(found))
    steps = values[1:] - values[:-1]
    return not (len(steps) > 2 and (steps == 1.0).all())


def _instead(names: list[str], quantity_at: dict[int, Quantity], wanted: Quantity) -> str:
    others = [names[at] for at, found in quantity_at.items() if found.kind != "other"]
    if not others:
        there = ", ".join(name for name in names if name)[:100]
        return f"no column is {wanted.heading}; there are {there}"
    shown = ", ".join(others[:6]) + (", ..." if len(others) > 6 else "")
    if wanted.weighting == "A" and all(
        found.weighting in ("C", "Z", "B", "D", "G")
        for found in quantity_at.values()
        if found.kind != "other"
    ):
        return f"holds {shown}, not {wanted.heading}: set the meter to dB(A)"
    return f"holds {shown}, not {wanted.heading}: export {wanted.heading} too"
