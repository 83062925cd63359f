"""A group, and the permit it asks for and gets."""

import datetime
import unicodedata
from dataclasses import dataclass
from datetime import date

from noisetamer.base.errors import WordedError
from tamer.judge.calendar import DAYS

STATES = ("applied", "approved", "refused", "revoked")

LONGEST_NAME = 40
"""Of a group, a place, a leader: what a title of a phone has room for, and no more."""
LONGEST_TEXT = 200
LONGEST_DAYS = 366
"""From the first to the last: a pact is talked over once a year."""
_EARLIEST, _LATEST = 2000, 2100
LOWEST, HIGHEST = 300, 1000
"""A pact's limit, 0.1 dB."""


@dataclass(frozen=True)
class Group:
    """A group that uses a square. id: 0 before it is kept; leader: how she is called; contact:
    where she is reached (an account's name, "" without one); loudspeaker: in her words."""

    id: int
    square: str
    name: str
    leader: str
    contact: str = ""
    loudspeaker: str = ""


@dataclass(frozen=True)
class Permit:
    """A place and hours for a group, asked for or granted.

    id: 0 before it is kept; place: within the square; days: names as in a policy ("mon" ...
    "sun", "holiday"), none: every day; since, until: minutes after local midnight; first, last:
    dates, both included; limit: 0.1 dB, the pact's; state: one of STATES; reason: why it was
    refused, amended or revoked; at: Unix s of the last change; by: who made it.
    """

    id: int
    group: int
    square: str
    place: str
    days: tuple[str, ...]
    since: int
    until: int
    first: date
    last: date
    limit: int
    state: str = "applied"
    reason: str = ""
    at: int = 0
    by: str = ""


class PermitError(WordedError):
    """What cannot be asked for, or decided."""


def check_group(group: Group) -> None:
    """Raises PermitError for a name that is missing or too long."""
    if not (group.square and group.name.strip() and group.leader.strip()):
        raise PermitError("permit_no_name", "A group needs a name, and somebody who leads it.")
    for text, most in (
        (group.name, LONGEST_NAME),
        (group.leader, LONGEST_NAME),
        (group.loudspeaker, LONGEST_TEXT),
    ):
        _check_text(text, most)


def check_terms(permit: Permit) -> None:
    """Raises PermitError for a place, hours, days, dates or a limit that cannot be."""
    if not permit.place.strip():
        raise PermitError("permit_no_place", "Say where in the square it is.")
    _check_text(permit.place, LONGEST_NAME)
    _check_text(permit.reason, LONGEST_TEXT)
    minutes = (permit.since, permit.until)
    if permit.since in (permit.until, 1440) or not all(0 <= one <= 1440 for one in minutes):
        raise PermitError(
            "permit_no_hours", "The hours are no span: it ends at another time than it begins."
        )
    if not set(permit.days) <= set(DAYS):
        raise PermitError("permit_no_days", f"Days are named {', '.join(DAYS)}.")
    check_dates(permit.first, permit.last)
    if not LOWEST <= permit.limit <= HIGHEST:
        raise PermitError("permit_no_limit", f"A limit is {LOWEST // 10} to {HIGHEST // 10} dB.")


def check_dates(first: date, last: date) -> None:
    """Raises PermitError for dates in the wrong order, too far apart, or of no calendar here."""
    known = first.year >= _EARLIEST and last.year <= _LATEST
    if not (known and datetime.timedelta() <= last - first < datetime.timedelta(LONGEST_DAYS)):
        raise PermitError(
            "permit_no_dates", f"The last day is the first or later, within {LONGEST_DAYS} days."
        )


def _check_text(text: str, most: int) -> None:
    # no control characters, no override of direction
    if len(text) > most or any(unicodedata.category(sign)[0] == "C" for sign in text):
        raise PermitError("permit_long", f"One line of at most {most} characters has room here.")
