"""The time of each row of a table, in Unix time."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables import date_order, formats, layout, stamps, zones
from noisetamer.sound.level_tables.cells import Column, CutColumn
from noisetamer.sound.level_tables.layout import Layout
from noisetamer.sound.level_tables.sheets import matches
from noisetamer.sound.level_tables.stamps import DAY_S, DateOrder, Stamps

Cells = Callable[[int], Column]
"""All cells of a column, by its place."""

_SAMPLE = 60

# Of rows of one length: what a clock of whole seconds, or a slow start, makes of it.
_CLOCK_S, _SAME = 1.0, 0.02

_YEAR = r"any|año|ano|year|jahr|année|anno|rok|年"
_MONTH = r"mes|month|monat|mois|mese|miesiąc|月"
_DAY = r"dia|día|day|tag|jour|giorno|dzień|日"

# Days of Excel between 2000 and 2100, and its day of 1970-01-01.
_EXCEL_DAYS, _EXCEL_1970 = (36_526.0, 73_051.0), 25_569.0


@dataclass(frozen=True)
class Times:
    """t: Unix time in s of each row, NaN where it has none. ends: whether of the interval's end.
    zone: words for the sentence. spoken: the zone in which times are told. seconds: whether the
    stamps have them. counted: whether they are no Unix times. offset: see LevelTable. length: s
    of the usual row, where each tells its end, and which rows are of another."""

    t: NDArray[np.float64]
    ends: bool
    zone: str
    spoken: object
    seconds: bool = True
    counted: bool = False
    offset: float | None = None
    length: float | None = None
    other_length: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Asked:
    """What the caller says of the file's times; see reader.read."""

    zone: str | None
    order: DateOrder | None
    near: float | None
    else_zone: tuple[str, str] | None = None


def of_rows(
    place: str, table: Layout, columns: Sequence[Column], asked: Asked, taken: Sequence[int]
) -> Times:
    """taken: places of columns that hold levels. Raises UserError."""
    cells, width = columns.__getitem__, len(columns)
    if table.format.begin_in_head:
        return _counted(place, table, cells, len(columns[0]), asked)
    chosen, ends = _columns(place, table, cells, width, taken)
    if of_zone := table.format.zone_column:
        chosen = [*chosen[:1], *formats.places(table.names, of_zone)[:1]]
    texts = _joined(cells, chosen)
    if isinstance(texts, CutColumn) and (runs := stamps.minutes(texts)):
        times = _of_minutes(place, table, texts, runs, ends, asked)
    else:
        times = _of_texts(place, table, texts, chosen, ends, asked)
    if ends or times.counted:
        return times
    return _with_lengths(place, table, cells, chosen, taken, times, asked)


def _of_minutes(
    place: str,
    table: Layout,
    texts: CutColumn,
    runs: tuple[NDArray[np.intp], NDArray[np.uint8]],
    ends: bool,
    asked: Asked,
) -> Times:
    """No zone changes within a minute: each is understood once, seconds are counted from it."""
    rows, seconds = runs
    found = _of_texts(place, table, texts.only(rows), [], ends, asked)
    begins = found.t - seconds[rows]
    t = np.repeat(begins, np.diff(rows, append=len(seconds)))
    t += seconds
    return replace(found, t=t)


def _of_texts(
    place: str,
    table: Layout,
    texts: Sequence[str],
    chosen: list[int],
    ends: bool,
    asked: Asked,
) -> Times:
    found, count = stamps.read(texts), len(texts)
    few = np.count_nonzero(found.there) * 2 < count and len(chosen) == 1
    if few and (numbers := _numbers(texts)) is not None:
        return _of_numbers(table, numbers, ends, asked)
    if not np.any(found.there):
        raise UserError(
            f"{place}: no time can be read in {_named(table, chosen)} "
            f"(such as {_first(texts)!r}); write 2026-11-23 19:00:01"
        )
    return _of_stamps(place, table, texts, found, ends, asked)


def _of_stamps(
    place: str, table: Layout, texts: Sequence[str], found: Stamps, ends: bool, asked: Asked
) -> Times:
    local = found.local(date_order.of_file(place, table.format.order, found, texts, asked.order))
    dated = found.year > 0
    zone, words = _zone(table, asked)
    own = np.isfinite(found.offset)
    there = np.isfinite(local)
    if np.any(there & ~dated) and not np.any(there & dated):
        local = _past_midnight(local)
        local, words = _on_a_day(place, table, local, zone, words, asked)
    if table.format.late_from:
        local = np.where(found.clock >= 3600.0 * table.format.late_from, local - DAY_S, local)
    plain = there & ~own
    if plain.all():
        t = _to_unix(local, zone)
    else:
        t = np.where(own, local - found.offset, found.unix)
        t[plain] = _to_unix(local[plain], zone)
    if not np.any(plain):
        words = "zone of the stamps" if np.any(own) else "Unix time"
    seconds = bool(np.any(np.isfinite(found.unix)) or not np.all(found.without_seconds[there]))
    offset = float((local[plain] - t[plain])[0]) if np.any(plain) else None
    return Times(t, ends, words, zone, seconds, offset=offset)


def _columns(
    place: str, table: Layout, cells: Cells, width: int, taken: Sequence[int]
) -> tuple[list[int], bool]:
    """(columns that make the stamp, whether it is of the interval's end)."""
    names, entry = table.names, table.format
    ends = entry.stamp == "end"
    if names:
        parts = [
            next(iter(formats.places(names, pattern)), None) for pattern in (_YEAR, _MONTH, _DAY)
        ]
        if None not in parts:
            clock = [at for at, name in enumerate(names) if name.lower() in ("hora", "hour")]
            return [at for at in parts if at is not None] + clock, ends
    named = [at for pattern in entry.time for at in formats.places(names, pattern)]
    if not named:
        named = [at for at, name in enumerate(names) if layout.is_time(name) and at not in taken]
    last = [at for at, name in enumerate(names) if layout.is_end(name) and at not in taken]
    anywhere = [at for at in range(width) if at not in taken]
    for choice, at_end in ((named, ends), (last, True), (anywhere, ends)):
        if columns := _stamp_among(choice, cells):
            plain = entry is formats.PLAIN and names
            begins = plain and re.search(r"start|begin", names[columns[-1]], re.IGNORECASE)
            return columns, at_end and not begins
    if named:
        return named[:1], ends
    raise UserError(f"{place}: no column is a time; name one time, with 2026-11-23 19:00:01")


def _stamp_among(columns: Sequence[int], cells: Cells) -> list[int]:
    dates, clocks = [], []
    for at in columns:
        sample = [cell for cell in cells(at)[: 4 * _SAMPLE] if cell.strip()][:_SAMPLE]
        found = stamps.read(sample)
        there = np.count_nonzero(found.there)
        if not there or 2 * there < len(sample):
            continue
        whole = (found.dated & np.isfinite(found.clock)) | np.isfinite(found.unix)
        if 2 * np.count_nonzero(whole) > there:
            return [at]
        (dates if 2 * np.count_nonzero(found.dated) > there else clocks).append(at)
    return dates[:1] + clocks[:1]


def _joined(cells: Cells, columns: list[int]) -> Sequence[str]:
    if len(columns) == 1:
        return cells(columns[0])
    if len(columns) == 2:
        return [f"{one.strip()} {two.strip()}" for one, two in zip(*map(cells, columns))]  # noqa: B905
    year, month, day, *clock = [[cell.strip() for cell in cells(at)] for at in columns]
    hours = clock[0] if clock else [""] * len(year)
    return [
        f"{y}-{m}-{d} {h}".strip() if ":" in h or not h else f"{y}-{m}-{d} {h}:00"
        for y, m, d, h in zip(year, month, day, hours, strict=True)
    ]


def _zone(table: Layout, asked: Asked) -> tuple[object, str]:
    entry = table.format
    if asked.zone is not None:
        zone, name = zones.named(asked.zone)
        return zone, f"zone {name}, as --zone says"
    if entry.zone_in_head and (match := matches(entry.zone_in_head, table.head)):
        zone, name = zones.named(match.group(1))
        return zone, f"zone {name}, as the file says"
    if entry.zone != "local":
        zone, name = zones.named(entry.zone)
        return zone, f"{name}, as this format writes"
    if asked.else_zone is not None:
        offset, whose = asked.else_zone
        zone, name = zones.named(offset)
        return zone, f"zone {name}, {whose}, as nothing says another"
    return None, "this computer's zone"


def _to_unix(local: NDArray[np.float64], zone: object) -> NDArray[np.float64]:
    # Newest first: the twofold hour is told by a step back, so in the order of time.
    if len(local) > 1 and np.median(np.diff(local)) < 0:
        return zones.to_unix(local[::-1], zone)[::-1]  # type: ignore[arg-type]
    return zones.to_unix(local, zone)  # type: ignore[arg-type]


def _past_midnight(clock: NDArray[np.float64]) -> NDArray[np.float64]:
    there = np.flatnonzero(np.isfinite(clock))
    some = clock[there]
    steps = np.diff(some, prepend=some[:1])
    days = np.cumsum(np.where(steps < -DAY_S / 2, 1.0, np.where(steps > DAY_S / 2, -1.0, 0.0)))
    whole = clock.copy()
    whole[there] = some + days * DAY_S
    return whole


def _on_a_day(
    place: str,
    table: Layout,
    clock: NDArray[np.float64],
    zone: object,
    words: str,
    asked: Asked,
) -> tuple[NDArray[np.float64], str]:
    """Local times of day on the day that the head of the file names, else the one near."""
    entry = table.format
    if entry.date_in_head and (match := matches(entry.date_in_head, table.head)):
        day = stamps.read([match.group(1)])
        if np.any(day.dated):
            texts = [match.group(1)]
            begun = day.days(date_order.of_file(place, entry.order, day, texts, asked.order))[0]
            if np.isfinite(begun):
                return clock + begun * DAY_S, words
    if asked.near is None:
        raise UserError(
            f"{place}: its times have no date; put the date before each, 2026-11-23 19:00:01"
        )
    first = clock[np.isfinite(clock)][:1]
    day = np.floor(asked.near / DAY_S) * DAY_S
    away = _to_unix(first + day, zone)[0] - asked.near
    return clock + day - DAY_S * np.round(away / DAY_S), f"{words}, on the day of the unit's run"


def _counted(place: str, table: Layout, cells: Cells, count: int, asked: Asked) -> Times:
    """Of rows without a time: numbered, each of a period, or as many as fill the time told."""
    entry = table.format
    begin = _in_head(place, table, entry.begin_in_head, asked)
    numbers: NDArray[np.float64] | None = np.arange(count, dtype=np.float64)
    if entry.counts:
        period = matches(entry.period_in_head, table.head)
        length = stamps.read([period.group(1).strip()]).clock[0] if period else np.nan
        numbers = _numbers(cells(formats.places(table.names, entry.counts)[0]))
    else:
        length = (_in_head(place, table, entry.end_in_head, asked) - begin) / count
    if numbers is None or not length > 0:
        raise UserError(f"{place}: its head does not say how long a period is, or no row has one")
    zone, words = _zone(table, asked)
    local = begin + numbers * length
    t = np.full(len(local), np.nan)
    there = np.isfinite(local)
    t[there] = _to_unix(local[there], zone)
    offset = float((local[there] - t[there])[0]) if np.any(there) else None
    return Times(t, entry.stamp == "end", words, zone, offset=offset)


def _in_head(place: str, table: Layout, pattern: str, asked: Asked) -> float:
    """Local time in s since 1970 that stands above the table."""
    match = matches(pattern, table.head)
    text = " ".join(match.group(1).split()) if match else ""
    found = stamps.read([text])
    if found.dated[0]:
        local = found.local(
            date_order.of_file(place, table.format.order, found, [text], asked.order)
        )[0]
        if np.isfinite(local):
            return float(local)
    raise UserError(f"{place}: its head does not say when it begins or ends ({text[:40]!r})")


def _with_lengths(
    place: str,
    table: Layout,
    cells: Cells,
    begins: list[int],
    taken: Sequence[int],
    times: Times,
    asked: Asked,
) -> Times:
    """The same, and how long rows are that tell their end: in the second Date and Time, or in
    columns named so. Gaps between measurements are no part of them."""
    names = table.names
    ends = [at for at, name in enumerate(names) if at > max(begins) and name and at not in taken
            and (layout.is_end(name) or name in [names[one] for one in begins])]  # fmt: skip
    if not names or not (ends := _stamp_among(ends, cells)):
        return times
    if len(ends) == 1 and len(begins) == 2 and not np.any(stamps.read(cells(ends[0])).dated):
        ends = [begins[0], *ends]
    texts = _joined(cells, ends)
    length = _of_stamps(place, table, texts, stamps.read(texts), False, asked).t - times.t
    length = np.where(length < 0, length + DAY_S, length)
    there = np.isfinite(length) & (length > 0)
    if not np.any(there):
        return times
    usual = float(np.median(length[there]))
    other = there & (np.abs(length - usual) > max(_CLOCK_S, _SAME * usual))
    if 2 * np.count_nonzero(other) > np.count_nonzero(there):
        raise UserError(
            f"{place}: its rows are of {np.min(length[there]):g} to {np.max(length[there]):g} s, "
            "no interval that is the same; export levels of equal intervals"
        )
    return replace(times, length=usual, other_length=other | (np.isfinite(times.t) & ~there))


def _numbers(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """None where most are no numbers."""
    values = np.full(len(cells), np.nan)
    for at, cell in enumerate(cells):
        text = cell.strip().replace(",", ".")
        if text[:1].isdigit() and len(text) < 25 and "_" not in text:
            try:
                values[at] = float(text)
            except ValueError:
                continue
    values[~np.isfinite(values)] = np.nan
    return values if 2 * np.count_nonzero(np.isfinite(values)) > len(cells) else None


def _of_numbers(table: Layout, numbers: NDArray[np.float64], ends: bool, asked: Asked) -> Times:
    """Days of Excel, or seconds from a start of their own."""
    there = numbers[np.isfinite(numbers)]
    steps = np.abs(np.diff(there))
    low, high = _EXCEL_DAYS
    if np.all((there > low) & (there < high)) and len(steps) and np.median(steps) < 1.0:
        zone, words = _zone(table, asked)
        local = np.round((numbers - _EXCEL_1970) * DAY_S, 3)
        t = np.full(len(local), np.nan)
        t[np.isfinite(local)] = _to_unix(local[np.isfinite(local)], zone)
        return Times(t, ends, f"days of Excel, {words}", zone)
    return Times(numbers, ends, "seconds from a start of its own", None, counted=True)


def _named(table: Layout, columns: list[int]) -> str:
    if not table.names:
        return f"column {columns[0] + 1}"
    return " and ".join(repr(table.names[at]) for at in columns)


def _first(texts: Sequence[str]) -> str:
    return next((text.strip()[:40] for text in texts if text.strip()), "")
