"""Dates and times as text, a column at once.

A stamp's picture is its text with every digit as 0. Stamps of one picture are read together, as
digits at known places; a file has one picture, or a few where numbers are not padded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.level_tables import months
from noisetamer.sound.level_tables.cells import DIGITS, Column, CutColumn, Group

DateOrder = Literal["dmy", "mdy", "ymd"]
DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)

DAY_S = 86_400.0

_LONGEST = 48
_LEAST_FOR_MINUTES = 1000

# Rows at once, so that what lies between stays in memory that is there already.
_AT_A_TIME = 1 << 15
# Numbers of varying width make a handful of pictures, 1 to 9 of them for each zone.
_MOST_PICTURES = 200

_DATE = r"""
    (?: (?P<y1>0000)(?:[-/._]|\.\ )(?P<m1>00?)(?:[-/._]|\.\ )(?P<d1>00?)\.?
      | (?P<y2>0000)(?P<m2>00)(?P<d2>00)
      | (?P<a>00?)(?P<s>[-/.])(?P<b>00?)(?P=s)(?P<y3>0000|00)
    )"""
_DAY = r"(?:[^\W\d_]{2,12}\.?,?\ )?"
_HALF_DAY = r"(?P<%s>[AaPp]\.?\ ?[Mm]\.?)"
_CLOCK = rf"""
    (?: (?:{_HALF_DAY % "before"}\ ?)?
        (?P<h>00?)[:.h](?P<min>00)(?:[:.m](?P<sec>00)(?:[.,:](?P<f>0{{1,9}})|s)?)?
        (?:\ ?{_HALF_DAY % "after"})?
      | (?P<h2>00)(?P<min2>00)(?P<sec2>00)
    )"""
_ZONE = (
    r"(?:\ ?(?P<utc>Z|UTC|GMT))?(?:\ ?\(?(?:UTC|GMT)?(?P<sign>[+-])(?P<zh>00):?(?P<zm>00)?\)?)?"
)
_STAMP = re.compile(
    rf"{_DAY}{_DATE}(?:(?:[T_]|\ *[,;-]?\ *(?:at\ )?){_CLOCK}{_ZONE})?"
    rf"|(?:{_CLOCK.replace('P<', 'P<only_')}){_ZONE.replace('P<', 'P<only_')}",
    re.VERBOSE,
)
# Of 14 digits it is 20261123190001: in ms these would be years beyond 2286.
_UNIX = re.compile(r"(?:0{9,13}|0{15,19})(?:\.0{1,9})?")


@dataclass
class Stamps:
    """What a column of stamps says; arrays of one entry a row.

    first, second: day and month or month and day where `year_first` is False. year: 0 where there
    is no date, -1 where the cell is no stamp. clock: s since midnight, NaN without one. offset: of
    its zone, s; NaN where it says none. unix: Unix time in s, NaN but where the cell is one.
    """

    year: NDArray[np.int32]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    year_first: NDArray[np.bool_]
    dotted: NDArray[np.bool_]
    clock: NDArray[np.float64]
    offset: NDArray[np.float64]
    unix: NDArray[np.float64]
    without_seconds: NDArray[np.bool_]

    @classmethod
    def none(cls, count: int) -> "Stamps":
        return cls(
            year=np.full(count, -1, np.int32),
            first=np.zeros(count, np.int32),
            second=np.zeros(count, np.int32),
            year_first=np.zeros(count, np.bool_),
            dotted=np.zeros(count, np.bool_),
            clock=np.full(count, np.nan),
            offset=np.full(count, np.nan),
            unix=np.full(count, np.nan),
            without_seconds=np.zeros(count, np.bool_),
        )

    @property
    def there(self) -> NDArray[np.bool_]:
        return (self.year >= 0) | np.isfinite(self.unix)

    @property
    def dated(self) -> NDArray[np.bool_]:
        return (self.year > 0) | np.isfinite(self.unix)

    @property
    def unordered(self) -> NDArray[np.bool_]:
        """Whose day and month stand in an order that the stamp does not tell."""
        return (self.year > 0) & ~self.year_first

    def local(self, order: DateOrder) -> NDArray[np.float64]:
        """s since 1970-01-01 00:00 there, of cells without a date since midnight; NaN where there
        is no time, and of a Unix time."""
        local = np.full(len(self.year), np.nan)
        for first in range(0, len(local), _AT_A_TIME):
            rows = slice(first, first + _AT_A_TIME)
            part = Stamps(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})
            clock = np.where(part.clock < 0, np.nan, part.clock)
            whole = np.where(np.isnan(part.clock), 0.0, clock) + part.days(order) * DAY_S
            some = np.where(part.year > 0, whole, clock)
            some[part.year < 0] = np.nan
            local[rows] = some
        return local

    def days(self, order: DateOrder) -> NDArray[np.float64]:
        """Days since 1970-01-01 of each, NaN where there is none."""
        month = np.where(self.year_first | (order == "mdy"), self.first, self.second)
        day = np.where(self.year_first | (order == "mdy"), self.second, self.first)
        year = self.year
        if order == "ymd":
            # 26/11/23: what was taken for the year is the day.
            swapped = ~self.year_first & (self.year > 0)
            year = np.where(swapped, 2000 + self.first, year)
            month = np.where(swapped, self.second, month)
            day = np.where(swapped, self.year % 100, day)
        return _days(year.astype(np.int64) * 10_000 + month * 100 + day)


def read(cells: Sequence[str]) -> Stamps:
    """A cell that is no stamp is left out; see `Stamps.there`."""
    column = cells if isinstance(cells, Column) else Column(cells)
    if not column.isascii:
        column = Column([_in_digits(cell) for cell in column])
    found = Stamps.none(len(column))
    done = np.zeros(len(column), np.bool_)
    for group in column.groups(_LONGEST):
        left = group
        for _ in range(_MOST_PICTURES):
            if not len(left.rows):
                break
            picture = left.text(0).translate(DIGITS)
            alike = left.alike(picture)
            these = left.only(alike)
            done[these.rows] = _read_picture(found, these, picture)
            left = left.only(~alike)
    for row in np.flatnonzero(~done).tolist():
        _in_words(found, row, column[row])
    return found


def minutes(cells: CutColumn) -> tuple[NDArray[np.intp], NDArray[np.uint8]] | None:
    """(first rows of each run of rows that share all but their whole seconds, seconds of every
    row); None where cells are not of that kind, or do not follow each other.

    A file of a million seconds has sixty times fewer minutes, and only these need be understood.
    """
    if len(cells) < _LEAST_FOR_MINUTES:
        return None
    picture = cells[0].translate(DIGITS)
    match = _STAMP.fullmatch(picture)
    if not match or match["f"] or match["only_f"]:
        return None
    place = next((one for one in ("sec", "sec2", "only_sec", "only_sec2") if match[one]), None)
    found = cells.runs(*match.span(place)) if place else None
    return found if found and len(found[0]) * 4 < len(cells) else None


def is_stamp(cell: str) -> bool:
    """Whether this is a time, or a date with or without one."""
    picture = _in_digits(cell.strip()).translate(DIGITS)
    if _STAMP.fullmatch(picture) or _UNIX.fullmatch(picture):
        return True
    return months.date_and_rest(cell) is not None


_CHINESE = str.maketrans({
    "年": "-", "月": "-", "日": " ", "时": ":", "分": ":", "秒": " ", "，": ",", "\u3000": " ",
    "\xa0": " ", "\u202f": " ", "\u2212": "-",
})  # fmt: skip


def _in_digits(cell: str) -> str:
    """2026年11月23日 下午7:00:01 in the signs of other stamps."""
    if cell.isascii():
        return cell
    plain = cell.replace("上午", "AM ").replace("下午", "PM ").translate(_CHINESE)
    return " ".join(plain.split()).replace("AM :", "AM ").rstrip(":")


def _read_picture(found: Stamps, group: Group, picture: str) -> bool:
    """Enter what cells of one picture say; False where it is none of a stamp."""
    rows = group.rows
    bare = picture.strip()
    shift = picture.find(bare) if bare else 0

    def digits(begin: int, end: int) -> NDArray[np.int64]:
        return group.digits(begin + shift, end + shift)

    if _UNIX.fullmatch(bare):
        whole, _, rest = bare.partition(".")
        value = digits(0, len(whole)).astype(np.float64)
        if rest:
            value += digits(len(whole) + 1, len(bare)) / 10.0 ** len(rest)
        scale = {True: 1.0, len(whole) > 11: 1e3, len(whole) > 14: 1e6, len(whole) > 17: 1e9}[True]
        found.unix[rows] = value / scale
        return True
    match = _STAMP.fullmatch(bare)
    if not match:
        return False
    groups = match.groupdict()
    only = "only_" if groups["only_h"] or groups["only_h2"] else ""

    def field(*names: str) -> NDArray[np.int64] | None:
        for name in names:
            if groups.get(name):
                return digits(*match.span(name))
        return None

    _enter_clock(found, rows, groups, only, field)
    year = field("y1", "y2", "y3")
    if year is None:
        found.year[rows] = 0
        return True
    short = bool(groups["y3"]) and len(groups["y3"]) == 2
    found.year[rows] = year + 2000 if short else year
    first, second = field("m1", "m2", "a"), field("d1", "d2", "b")
    assert first is not None
    assert second is not None
    found.first[rows], found.second[rows] = first, second
    found.year_first[rows] = not groups["y3"]
    found.dotted[rows] = groups["s"] == "."
    return True


def _enter_clock(found, rows, groups, only, field) -> None:
    hours = field(f"{only}h", f"{only}h2")
    if hours is None:
        return
    minutes = field(f"{only}min", f"{only}min2")
    seconds = field(f"{only}sec", f"{only}sec2")
    half = groups[f"{only}before"] or groups[f"{only}after"]
    wrong = (minutes > 59) | (hours > (12 if half else 24))
    if half:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    clock = hours * 3600.0 + minutes * 60.0
    if seconds is not None:
        clock += seconds
        wrong |= seconds > 60
        if groups[f"{only}f"]:
            clock += field(f"{only}f") / 10.0 ** len(groups[f"{only}f"])
    else:
        found.without_seconds[rows] = True
    found.clock[rows] = np.where(wrong, -1.0, clock)
    if groups[f"{only}sign"]:
        offset = field(f"{only}zh") * 3600.0
        if groups[f"{only}zm"]:
            offset = offset + field(f"{only}zm") * 60.0
        found.offset[rows] = offset if groups[f"{only}sign"] == "+" else -offset
    elif groups[f"{only}utc"]:
        found.offset[rows] = 0.0


def _in_words(found: Stamps, row: int, cell: str) -> None:
    """19 maj 2026 11:29:47, Mon Nov 23 19:00:01 2026 and their kin."""
    if len(cell) > _LONGEST or not (taken := months.date_and_rest(cell)):
        return
    day, rest = taken
    clock = read([rest]) if rest else None
    if clock is not None and (clock.year[0] != 0 or clock.clock[0] < 0):
        return
    found.year[row], found.first[row], found.second[row] = day.year, day.month, day.day
    found.year_first[row] = True
    if clock is not None:
        found.clock[row], found.offset[row] = clock.clock[0], clock.offset[0]
        found.without_seconds[row] = clock.without_seconds[0]


def _days(dates: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of dates as 20261123. Neighbours mostly share a day, so each run is looked up once."""
    begins = np.flatnonzero(np.diff(dates, prepend=dates[:1] - 1))
    distinct, which = np.unique(dates[begins], return_inverse=True)
    days = np.array([_day(int(one)) for one in distinct])
    return np.repeat(days[which], np.diff(begins, append=len(dates)))


def _day(number: int) -> float:
    year = number // 10_000
    if not 1970 <= year < 2200:
        return np.nan
    try:
        day = date(year, number // 100 % 100, number % 100)
    except ValueError:
        return np.nan
    return float(day.toordinal() - date(1970, 1, 1).toordinal())
