"""The sign for the pole: what is measured here, by whom, and which limits hold.

It says what boards/README.md prescribes, in Chinese and below it in English, whatever language
the terminal speaks: people who pass have not chosen one.
"""

import datetime
from collections import Counter
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from noisetamer.base.language import WEEKDAYS, say_in
from noisetamer.base.paper import pages
from noisetamer.unit.policy.show import rulings
from noisetamer.unit.policy.times import days, local, unix_time
from tamer.judge.policy import Policy

SIZES = ("a4", "a5")

_TEMPLATE = Path(__file__).with_name("sign.typ")
_DASH = "\N{EN DASH}"
_WEEKS = 10  # so many tell what a weekday is like, whatever holidays are among them
_TITLE = "Sound levels are measured here"
_SAYS = (
    "The box on this pole measures all the time how loud it is here, and shows it.",
    "Levels alone are stored: no sound is recorded, and no speech.",
    "The numbers are indicative. They are not of a verified instrument.",
    "If you have a question, or object to what was measured, call the number below.",
)
_LAW = (
    "Personal Information Protection Law of the PRC, article 26; Administrative Penalty Law of "
    "the PRC, article 41"
)
_OTHER_DAYS = "On holidays and on quiet days, such as of exams, other limits may hold."

Hours = tuple[tuple[str, int], ...]
"""(from when to when, limit in 0.1 dB) of a day."""


@dataclass(frozen=True)
class Sign:
    """place: the square's name; run_by, phone: of whoever answers for it."""

    place: str
    run_by: str
    phone: str
    policy: Policy


def write(sign: Sign, size: str, first: datetime.date, pdf: Path, png: Path) -> None:
    """size: of SIZES; first: the day from which its week is looked at. Raises OSError."""
    words = _words(sign, size, first)
    pdf.write_bytes(pages.pdf(_TEMPLATE, words))
    png.write_bytes(pages.png(_TEMPLATE, words))


def week(policy: Policy, first: datetime.date) -> list[tuple[int, int, Hours]]:
    """(first weekday, last weekday, hours) of neighbours that are alike; 0 is Monday."""
    begins = days(policy.clock, unix_time(policy.clock, str(first)), 7 * _WEEKS)
    seen: list[Counter[Hours]] = [Counter() for _ in WEEKDAYS]
    for begin, end in pairwise(begins):
        seen[local(policy.clock, begin).weekday()][_hours(policy, begin, end)] += 1
    usual = [counter.most_common(1)[0][0] for counter in seen]
    nights = {(hours[0], hours[-1][1]) for hours in usual if len(hours) > 1}
    if len(nights) == 1 and all(len(hours) > 1 for hours in usual):
        usual = [_over_midnight(hours) for hours in usual]
    return [
        (alike[0], alike[-1], hours)
        for hours, numbers in groupby(range(7), lambda number: usual[number])
        for alike in [list(numbers)]
    ]


def _over_midnight(hours: Hours) -> Hours:
    """With the night as one, where its limit goes on in the morning."""
    (morning, limit), *rest, (evening, last) = hours
    if limit != last:
        return hours
    night = evening.partition(_DASH)[0] + _DASH + morning.partition(_DASH)[2]
    return (*rest, (night, limit))


def _hours(policy: Policy, begin: int, end: int) -> Hours:
    found = []
    for limit, of in groupby(rulings(policy, begin, end), lambda now: now.limit):
        held = list(of)
        to = "24:00" if held[-1].until == end else f"{local(policy.clock, held[-1].until):%H:%M}"
        found.append((f"{local(policy.clock, held[0].since):%H:%M}{_DASH}{to}", limit))
    return tuple(found)


def _words(sign: Sign, size: str, first: datetime.date) -> dict[str, Any]:
    found = week(sign.policy, first)
    return {
        "size": size,
        "place": sign.place,
        "phone": sign.phone,
        "languages": [_in(language, sign, found) for language in ("zh", "en")],
    }


def _in(language: str, sign: Sign, found: list[tuple[int, int, Hours]]) -> dict[str, Any]:
    def said(text: str, **values: object) -> str:
        return say_in(language, text, **values)

    def named(since: int, until: int) -> str:
        if (since, until) == (0, 6):
            return said("every day")
        if since == until:
            return said(WEEKDAYS[since])
        return said("{since} to {until}", since=WEEKDAYS[since], until=WEEKDAYS[until])

    return {
        "title": said(_TITLE),
        "says": [said(sentence) for sentence in _SAYS],
        "limits": said("Limits, LAeq in dB(A)"),
        "rows": [
            (named(since, until), [(hours, f"{limit / 10:g} dB") for hours, limit in of])
            for since, until, of in found
        ],
        "other_days": said(_OTHER_DAYS),
        "run_by": (said("Run by"), sign.run_by),
        "phone": said("Telephone"),
        "law": said(_LAW),
    }
