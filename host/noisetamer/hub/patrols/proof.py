"""Which minute digits prove, and how often they may be guessed. Pure.

Four digits are one of 10,000. Typed at once they are looked for in the minute that is, the one
before it (he walked) and, in a minute's last seconds, the one to come (a box's clock is not the
hub's): in 2 1/6 minutes on average. Told later, after an hour without a network, the minute is
known by how long ago the phone says it was, and looked for five minutes around it: in 11.

A guess is counted, right or wrong. Of a guard, one point takes no more than MOST_WRONG wrong ones
in a day told at once and MOST_WRONG_LATE told later, with growing waits: see `chance`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

MINUTE = 60
DAY = 86_400
AHEAD = 10
"""So far a box's clock may be ahead of the hub's, s."""
AROUND = 5
"""Minutes before and after what the phone says, of what is told late."""
LATE = 90
"""From when on it is told late, s: it was typed, and found no network."""
OLDEST = DAY
"""Older ones are not taken, s."""

FREE = 3
MOST_WRONG, MOST_WRONG_LATE = 12, 3
MOST_WRONG_OF_GUARD, MOST_WRONG_LATE_OF_GUARD = 24, 8
"""Of one guard at all points in a day: in all, and of those told later."""
LONGEST_WAIT = 3600.0


@dataclass(frozen=True)
class Wrong:
    """An attempt with digits that fitted nothing. at: Unix s."""

    point: int
    at: float
    late: bool


def minutes(typed: float, late: bool) -> list[int]:
    """Minutes since 1970 in which digits are looked for, the likeliest first. typed: Unix s by
    the hub's clock."""
    now = int(typed // MINUTE)
    if late:
        around = range(now - AROUND, now + AROUND + 1)
        return sorted(around, key=lambda minute: abs(minute - now))
    ahead = int((typed + AHEAD) // MINUTE)
    return [now, now - 1, *([ahead] if ahead != now else [])]


def proven(digits: str, typed: float, late: bool, digits_of: Callable[[int], str]) -> int | None:
    """The minute that they prove; None: none. digits_of: of a minute."""
    return next((one for one in minutes(typed, late) if digits_of(one) == digits), None)


def wait(wrong: Sequence[Wrong], point: int, late: bool, now: float) -> float:
    """Seconds until this guard may try digits at this point; 0: at once.

    wrong: of the guard, those of the last DAY. After FREE wrong ones each waits twice as long as
    the one before, from a minute on; at the most in a day, until the oldest is a day old.
    """
    here = [one for one in wrong if one.point == point]
    waits = [0.0]
    bounds = [(wrong, MOST_WRONG_OF_GUARD), (here, MOST_WRONG)]
    if late:
        bounds.append(([one for one in here if one.late], MOST_WRONG_LATE))
        bounds.append(([one for one in wrong if one.late], MOST_WRONG_LATE_OF_GUARD))
    for found, most in bounds:
        if len(found) >= most:
            waits.append(sorted(one.at for one in found)[-most] + DAY - now)
    if len(here) >= FREE:
        pause = min(60.0 * 2 ** (len(here) - FREE), LONGEST_WAIT)
        waits.append(max(one.at for one in here) + pause - now)
    return max(waits)


def chance(at_once: int = MOST_WRONG, late: int = MOST_WRONG_LATE) -> tuple[float, float]:
    """That somebody who guesses all day has one taken: of so many told at once, and of so many of
    any minute he likes, told late; by default all that one point takes."""
    minutes_at_once, minutes_late = 2 + AHEAD / MINUTE, 2 * AROUND + 1
    return (
        1 - (1 - minutes_at_once / 10_000) ** at_once,
        1 - (1 - minutes_late / 10_000) ** late,
    )
