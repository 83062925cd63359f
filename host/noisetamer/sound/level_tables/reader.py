"""A table of levels in one call, whatever wrote it."""

import re
from dataclasses import replace
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables import files, formats, layout, quantities, taking
from noisetamer.sound.level_tables.layout import Layout
from noisetamer.sound.level_tables.sheets import Sheet, text
from noisetamer.sound.level_tables.stamps import DateOrder
from noisetamer.sound.level_tables.table import LevelTable
from noisetamer.sound.level_tables.times import Asked

_CLOCK = re.compile(r"([+-]?)(?:(\d+(?:\.\d+)?)s?|(?:(\d+):)?(\d{1,2}):(\d\d(?:\.\d+)?))")


def read(
    path: Path | str,
    quantity: str = "LAeq",
    *,
    zone: str | None = None,
    date_order: DateOrder | None = None,
    clock: str = "",
    near: float | None = None,
    else_zone: tuple[str, str] | None = None,
) -> LevelTable:
    """The readings of a quantity that a file of any known format, or a plain table, holds.

    quantity: LAeq, LAFmax, LCeq, LAF, ... zone: of stamps that name none, whatever file and format
    say: +08:00, UTC, Asia/Shanghai. else_zone: (zone, whose it is) where they say nothing, such as
    ("+08:00", "the policy's"); else this computer's. date_order: dmy, mdy or ymd, where the file
    does not tell. clock: what to add to the meter's clock, s or [-]HH:MM:SS. near: Unix time in s;
    of times without a date the nearest day is taken.

    Levels told more often than once a second become those of whole seconds, of LAeq and LCeq by
    energy, of maxima and peaks the highest.

    Raises UserError: the file cannot be read or holds no such quantity; its dates can be read two
    ways; its times have no date and `near` is not given.
    """
    path = Path(path)
    wanted = quantities.of(quantity)
    if wanted is None or wanted.kind == "other":
        raise UserError(f"{quantity}: is no quantity; ask for LAeq, LAFmax, LCeq or their like")
    shift = seconds(clock) if clock else 0.0
    found = files.sheets_of(path)
    if instead := formats.what_instead(found[0].lines[:1]):
        raise UserError(f"{path}: {instead}")
    sheet, table = _table(path, found)
    place = f"{path}, sheet {sheet.name!r}" if len(found) > 1 else str(path)
    asked = Asked(zone, date_order, near, else_zone)
    return taking.take(place, sheet, table, wanted, asked, shift)


def seconds(clock: str, option: str = "--meter-clock") -> float:
    """Of +45, -300 or [-][HH:]MM:SS. Raises UserError."""
    match = _CLOCK.fullmatch(clock.strip())
    if not match:
        raise UserError(f"{option} {clock}: write seconds such as +45, or -00:05:00")
    sign, plain, hours, minutes, rest = match.groups()
    value = float(plain) if plain else int(hours or 0) * 3600 + int(minutes) * 60 + float(rest)
    return -value if sign == "-" else value


def _table(path: Path, found: list[Sheet]) -> tuple[Sheet, Layout]:
    """The sheet of a known format and its name, else of a known format, else the first."""
    tables = [(sheet, table) for sheet in found if (table := layout.find(sheet))]
    if not tables:
        raise UserError(
            f"{path}: holds no table of times and levels; export one with a heading such as "
            "time,LAeq and a line an interval"
        )

    def known(one: tuple[Sheet, Layout]) -> int:
        sheet, table = one
        if table.format is formats.PLAIN:
            return 0
        return 2 if formats.places([sheet.name], "|".join(table.format.sheet) or ".*") else 1

    best, its = max(tables, key=known)
    if not its.format.every_sheet:
        return best, its
    # The first heading is a number: how many rows there are.
    more = [
        text(sheet.below(table.begins))
        for sheet, table in tables
        if sheet is not best and (table.format, table.names[1:]) == (its.format, its.names[1:])
    ]
    return replace(best, body="\n".join([text(best.body).rstrip("\n"), *more])), its
