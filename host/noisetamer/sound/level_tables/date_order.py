"""In which order a file writes day, month and year: decided once for all of it."""

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables import stamps
from noisetamer.sound.level_tables.stamps import DateOrder, Stamps

# With dashes a year of two digits comes first as often as last.
_SHORT_YEAR = re.compile(r"\s*\d\d-\d\d?-\d\d(?!\d)")
_ORDINAL_1970 = date(1970, 1, 1).toordinal()


def of_file(
    place: str,
    usual: DateOrder | None,
    found: Stamps,
    texts: Sequence[str],
    asked: DateOrder | None,
    option: str = "--date-order ",
) -> DateOrder:
    """Of day and month in the whole file: what is asked, what its format writes, what the dates
    allow, what makes consecutive days of them. option: by which it is asked. Raises UserError
    where none tells."""
    rows = np.flatnonzero(found.unordered)
    if not len(rows):
        return "dmy"
    wrong = {one: np.isnan(found.days(one)[rows]) for one in stamps.DATE_ORDERS}
    bad = {one: int(np.count_nonzero(wrong[one])) for one in ("dmy", "mdy")}
    for one in (asked, usual):
        if one and not wrong[one].any():
            return one
    if asked:
        row = rows[int(np.argmax(wrong[asked]))]
        raise UserError(f"{place}: {texts[row]!r} is no date in the order {option}{asked}")
    best: DateOrder = min(bad, key=lambda one: bad[one])  # type: ignore[assignment]
    if bad[best] > 0.01 * len(rows):
        raise UserError(
            f"{place}: its dates are of two orders, such as {texts[rows[0]]!r} and "
            f"{texts[rows[int(np.argmax(wrong[best]))]]!r}; something swapped day and month in "
            "part of it: export it again"
        )
    sample = texts[int(rows[0])]
    if _SHORT_YEAR.match(sample) and not wrong["ymd"].any():
        return _with_short_year(place, found, rows, sample, best, option)
    if bad["dmy"] != bad["mdy"]:
        return best
    # Nobody writes the month first with dots.
    if np.all(found.dotted[rows]):
        return "dmy"
    steps = {one: np.abs(np.diff(found.days(one)[rows])) for one in ("dmy", "mdy")}
    follow = {one: bool(np.nanmax(steps[one], initial=0.0) <= 1.0) for one in steps}
    if follow["dmy"] != follow["mdy"]:
        return "dmy" if follow["dmy"] else "mdy"
    first, second = int(found.first[rows[0]]), int(found.second[rows[0]])
    if first == second and np.all(found.first[rows] == found.second[rows]):
        return "dmy"
    year = int(found.year[rows[0]])
    one, other = date(year, second, first), date(year, first, second)
    raise UserError(
        f"{place}: {texts[rows[0]]!r} may be {one.isoformat()} or {other.isoformat()}, and "
        f"nothing in the file tells: say {option}dmy or mdy"
    )


def _with_short_year(
    place: str,
    found: Stamps,
    rows: NDArray[np.intp],
    text: str,
    best: DateOrder,
    option: str,
) -> DateOrder:
    """Of 26-11-23, which may begin with its year. Raises UserError where nothing tells."""
    days = {one: found.days(one)[rows] for one in (best, "ymd")}
    follow = {one: bool(np.all(np.abs(np.diff(days[one])) <= 1.0)) for one in days}
    if follow[best] != follow["ymd"]:
        return best if follow[best] else "ymd"
    shown = [date.fromordinal(_ORDINAL_1970 + int(each[0])).isoformat() for each in days.values()]
    raise UserError(
        f"{place}: {text!r} may be {shown[0]} or {shown[1]}, and nothing in the file tells: say "
        f"{option}{best} or ymd"
    )
