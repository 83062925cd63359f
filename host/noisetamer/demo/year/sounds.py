"""What a microphone in a square hears second by second, before anybody is warned. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from noisetamer.demo.year.town import DAY, EAST, HOUR, Session, Site, Year
from noisetamer.demo.year.weather import Weather
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from tamer.record.level_code import USUAL
from tamer.record.reading import GAP, MICROPHONE, MISSING, POWER, RAIN, WIND

# LAeq of a square without a group, by hour of its clock, dB.
_QUIET = (
    *(43, 42, 41, 41, 42, 45, 50, 53, 54, 54, 54, 54),
    *(53, 53, 54, 54, 55, 56, 56, 55, 54, 52, 48, 45),
)
_SUMMER = 2.0
_PASSING_S = 13
_BUMP = np.exp(-0.5 * ((np.arange(_PASSING_S) - 6) / 2.5) ** 2).astype(np.float32)

Levels = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Fault:
    """Nothing is heard from start to end (Unix s), for a reason of tamer.record.reading."""

    start: int
    end: int
    reason: int


@dataclass(frozen=True)
class Heard:
    """One day by UTC. background: shape (86400,), dB; flags: shape (86400,), as stored."""

    t: int
    background: Levels
    flags: npt.NDArray[np.int32]


def faults(year: Year, site: Site) -> list[Fault]:
    """Everything of a square's year that its box cannot hear, oldest first, each alone."""
    rng = year.random(site.number, 3)
    begin = year.start + site.box_from * DAY + HOUR
    end = year.start + year.days * DAY
    found: list[Fault] = []
    span = max(1, end - begin)
    months = span / (30 * DAY)
    for reason, count, shortest, longest in (
        (POWER, rng.poisson(0.6 * months), 600, 8 * HOUR),
        (GAP, rng.poisson(6 * months), 10, 90),
    ):
        for start in rng.integers(begin, end, count).tolist():
            length = int(np.exp(rng.uniform(np.log(shortest), np.log(longest))))
            found.append(Fault(start, min(start + length, end), reason))
    if site.number == 1 and span > 20 * DAY:
        # A microphone that dies, and is replaced three days later.
        start = begin + span // 3
        found.append(Fault(start, start + 3 * DAY - 5 * HOUR, MICROPHONE))
    found.sort(key=lambda one: one.start)
    apart: list[Fault] = []
    for one in found:
        if not apart or one.start > apart[-1].end + 300:
            apart.append(one)
    return apart


def day(year: Year, site: Site, t: int, weather: Weather, troubles: list[Fault]) -> Heard:
    """The day by UTC that begins at Unix time t."""
    rng = year.random(site.number, t // DAY)
    second = np.arange(DAY, dtype=np.float32)
    hours = np.arange(-1, 26)
    local = (t + hours * HOUR + EAST) % DAY // HOUR
    month = year.day(min(max(0, (t - year.start) // DAY), year.days - 1)).month
    season = _SUMMER * np.sin((month - 4) * np.pi / 6)
    at = np.clip((t + hours * HOUR - year.start) // HOUR, 0, len(weather.wind) - 1)
    quiet = np.array(_QUIET)[local] + season + rng.normal(0, 1.0)
    quiet = (
        quiet + np.maximum(0, weather.wind[at] - 5) * 0.8 + 2.0 * np.minimum(weather.rain[at], 3)
    )
    background = np.interp(second, hours * HOUR + HOUR // 2, quiet).astype(np.float32)
    # People and traffic: minute by minute, second by second, and what passes by.
    minutes = np.convolve(rng.normal(0, 1.2, DAY // 60 + 3), np.ones(3) / 3, "same")
    background += np.interp(second, np.arange(len(minutes)) * 60, minutes).astype(np.float32)
    background += rng.standard_normal(DAY, np.float32) * np.float32(0.35)
    passing = rng.integers(0, DAY - _PASSING_S, 160)
    heights = rng.uniform(2, 6, len(passing)).astype(np.float32)
    places = passing[:, None] + np.arange(_PASSING_S)
    np.add.at(background, places.ravel(), (heights[:, None] * _BUMP).ravel())
    if site.drift:
        gone = (t - year.start - site.box_from * DAY) / (365 * DAY)
        background += np.float32(site.drift * max(0.0, gone))
    return Heard(t, background, _flags(year, site, t, weather, troubles, rng))


def _flags(
    year: Year,
    site: Site,
    t: int,
    weather: Weather,
    troubles: list[Fault],
    rng: np.random.Generator,
) -> npt.NDArray[np.int32]:
    flags = np.zeros(DAY, np.int32)
    hour = np.clip((t - year.start) // HOUR + np.arange(24), 0, len(weather.wind) - 1)
    # Gusts and showers come and go in half minutes.
    chance = rng.random((2, 24, 120))
    gusts = np.clip((weather.wind[hour] - 6.5) / 5, 0, 0.9)[:, None] > chance[0]
    showers = np.clip(weather.rain[hour], 0, 0.95)[:, None] > chance[1]
    flags[np.repeat(gusts.ravel(), 30)] = WIND
    flags[np.repeat(showers.ravel(), 30)] = RAIN
    for one in troubles:
        a, b = max(0, one.start - t), min(DAY, one.end - t)
        if a < b:
            flags[a:b] = one.reason
    first = year.start + site.box_from * DAY - t
    last = year.start + year.days * DAY - t
    if first > 0:
        flags[:first] = NOT_RECEIVED
    if last < DAY:
        flags[max(0, last) :] = NOT_RECEIVED
    return flags


def music(year: Year, site: Site, session: Session) -> Levels:
    """LAeq at the box of a group that nobody warns, from the start of the session to its end."""
    rng = year.random(site.number, session.start)
    n = session.end - session.start
    second = np.arange(n)
    points = np.arange(0, n + 120, 60)
    strays = np.convolve(rng.normal(0, 1.6, len(points) + 4), np.ones(5) / 5, "same")[
        : len(points)
    ]
    level = session.level + np.interp(second, points, strays)
    level += rng.standard_normal(n, np.float32) * 0.5
    return level.astype(np.float32)


def columns(level: Levels, flags: npt.NDArray[np.int32]) -> Columns:
    """Seconds as stored, of these levels (dB) and flags."""
    found = np.empty((5, len(level)), np.int32)
    A = np.rint(level * 10).astype(np.int32)
    found[0], found[1] = A, A + USUAL[1]
    # What is deep changes half as much.
    found[2] = (A >> 1) + 430
    found[3] = found[2] + (USUAL[3] - USUAL[2])
    found[4] = flags
    nothing = (flags == NOT_RECEIVED) | (flags == POWER) | (flags == GAP) | (flags == MICROPHONE)
    found[:4, nothing] = MISSING
    return found


def together(background: Levels, others: list[Levels]) -> Levels:
    """The level of all of them, dB."""
    energy = 10 ** (background / 10)
    for one in others:
        energy = energy + 10 ** (one / 10)
    return (10 * np.log10(energy)).astype(np.float32)
