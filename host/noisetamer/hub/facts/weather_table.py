"""The weather from a station's table: CSV or XLSX, columns by what they are called."""

import re
import time
from dataclasses import dataclass
from datetime import timedelta, timezone

from noisetamer.base.errors import UserError
from noisetamer.hub.complaints.desk_tables import plain, table_of
from noisetamer.hub.complaints.moments import read as read_moments
from noisetamer.hub.facts.weather import Hour
from noisetamer.hub.store.hour_sums import HOUR

_COLUMNS = {
    "time": r"时间|日期|time|date",
    "wind": r"风速|wind",
    "rain": r"降水|雨量|降雨|rain|precipitation",
    "temperature": r"气温|温度|temperature|temp\b",
    "square": r"广场|square",
}
# beyond these a figure is of another unit, or none at all
_LIMITS = {"wind": (0, 80), "rain": (0, 300), "temperature": (-60, 60)}


@dataclass(frozen=True)
class Imported:
    """hours: one an hour and square, the last that stood for it; faults: "row 7: ..." of rows
    that could not be read."""

    hours: list[Hour]
    faults: list[str]


def read(name: str, data: bytes, utc_offset: float, squares: frozenset[str]) -> Imported:
    """name: of the file; utc_offset: of its clock, h; squares: that there are. Raises UserError
    where nothing of it can be read."""
    table = table_of(name, data)
    at: dict[str, int] = {}
    for what, pattern in _COLUMNS.items():
        for n, heading in enumerate(table.headings):
            if n not in at.values() and re.search(pattern, heading, re.IGNORECASE):
                at[what] = n
                break
    if "time" not in at or not at.keys() & _LIMITS.keys():
        raise UserError(
            f"{name}: name its columns 时间 (time) and 风速 m/s, 降水 mm or 气温 °C; its columns "
            f"are {', '.join(table.headings)}"
        )
    zone = timezone(timedelta(hours=utc_offset))
    cells = [row.cells[at["time"]] for row in table.rows]
    moments = read_moments(name, cells, zone, time.time())
    found: dict[tuple[str, int], Hour] = {}
    faults: list[str] = []
    for row, t, why in zip(table.rows, moments.t, moments.why, strict=True):
        values: dict[str, float | None] = {}
        for what, limits in _LIMITS.items():
            if what in at:
                try:
                    values[what] = _number(row.cells[at[what]], limits)
                except ValueError:
                    why = f"{row.cells[at[what]][:40]!r} is no {what}"
        square = plain(row.cells[at["square"]]) if "square" in at else ""
        if square and square not in squares:
            why = f"{square[:40]!r} is no square of this hub"
        if t is None or why:
            faults.append(f"{table.noun} {row.number}: {why}")
            continue
        hour = t // HOUR * HOUR
        found[square, hour] = Hour(square, hour, **values)
    if not found:
        raise UserError(f"{name}: no row of it can be read ({'; '.join(faults[:3])})")
    return Imported(list(found.values()), faults)


def _number(cell: str, limits: tuple[float, float]) -> float | None:
    """Raises ValueError."""
    text = plain(cell).replace(",", ".")
    if text in ("", "-", "--", "/"):
        return None
    value = float(text)
    if not limits[0] <= value <= limits[1]:
        raise ValueError(text)
    return value
