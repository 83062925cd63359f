"""What residents complain of, at the desks and by the button at the pole. Pure."""

from dataclasses import dataclass, replace

import numpy as np

from noisetamer.demo.year.town import (
    AFTER_BOX,
    DAY,
    HOUR,
    SEASON,
    WEEKDAY,
    Session,
    Site,
    Year,
)
from noisetamer.hub.complaints.complaint import Complaint

LOUD = 64.0
"""An evening of this level brings as many complaints as one on average, dB."""
_TWICE = 3.0
"""So much louder, and there are twice as many, dB."""
_NOBODY_PLAYS = 0.1
_SAYS = (
    *("广场舞声音太大", "音响太吵，孩子睡不着", "晚上一直放音乐", "太吵了，老人心脏受不了"),
    *("音乐声太大影响学习", "天天这么吵", "到点了还在跳"),
)
_SAYS_NORTH = ("后巷音响太吵", "北面每周二和周六很吵", "楼北侧放音乐，关窗也没用")


@dataclass(frozen=True)
class Expected:
    """Of one square: complaints that were to be expected before and after its box, all that is
    known of season, weekday and the groups admitted; days: of each."""

    before: float
    after: float
    days_before: int
    days_after: int


def complaints(
    year: Year, site: Site, sessions: list[Session]
) -> tuple[list[Complaint], Expected]:
    """Oldest first. Those by the button have a unit and no level yet."""
    rng = year.random(site.number, 6)
    evenings: dict[int, list[Session]] = {}
    for one in sessions:
        evenings.setdefault(one.day, []).append(one)
    found: list[Complaint] = []
    expected = [0.0, 0.0]
    for day in range(year.days):
        then = year.day(day)
        season = SEASON[then.month - 1] * WEEKDAY[then.weekday()]
        has_box = day >= site.box_from
        of_day = [one for one in evenings.get(day, []) if not site.dancers[one.dancers].hidden]
        heard = [one for one in of_day if site.dancers[one.dancers].annoys]
        hidden = [one for one in evenings.get(day, []) if site.dancers[one.dancers].hidden]
        much = site.complaints * season * loudness(heard) * (AFTER_BOX if has_box else 1.0)
        expected[has_box] += much
        for _ in range(rng.poisson(much)):
            found.append(_one(year, site, rng, day, heard, has_box))
        if site.north:
            # The box does not hear that group, and nothing comes of it.
            for _ in range(rng.poisson(site.north * season * (3.0 if hidden else 0.1))):
                found.append(_one(year, site, rng, day, hidden, False, north=True))
    found.sort(key=lambda one: one.at)
    known = Expected(expected[0], expected[1], site.box_from, year.days - site.box_from)
    return _numbered(found), known


def loudness(sessions: list[Session]) -> float:
    """How many complaints an evening brings, per one of an average evening."""
    if not sessions:
        return _NOBODY_PLAYS
    loudest = max(one.level for one in sessions)
    return float(np.clip(2 ** ((loudest - LOUD) / _TWICE), 0.2, 6.0))


def _one(
    year: Year,
    site: Site,
    rng: np.random.Generator,
    day: int,
    sessions: list[Session],
    has_box: bool,
    north: bool = False,
) -> Complaint:
    source = str(rng.choice(["12345", "110", "button"], p=[0.5, 0.3, 0.2]))
    if source == "button" and not has_box:
        source = "12345"
    midnight = year.start + day * DAY
    at = midnight + 19 * HOUR + int(rng.integers(3 * HOUR))
    side = str(rng.choice(["东", "南", "西"]))
    if sessions:
        loud = max(sessions, key=lambda one: one.level)
        at = loud.start + 300 + int(rng.integers(max(60, loud.end - loud.start - 300)))
        side = site.dancers[loud.dancers].side
    side = "北" if north else side
    says = _SAYS_NORTH if north else _SAYS
    text = says[int(rng.integers(len(says)))]
    place = f"{side}面{int(rng.integers(1, 12))}号楼"
    if source == "button":
        return Complaint(0, site.square, at, source, side=side, unit=site.unit)
    return Complaint(0, site.square, at, source, "?", place, side, text)


def _numbered(found: list[Complaint]) -> list[Complaint]:
    """With the desks' own numbers."""
    return [
        replace(one, number=f"{one.source}-{one.square}-{number:04}") if one.number else one
        for number, one in enumerate(found, 1)
    ]
