"""A group, and the permit it asks for and gets."""

from dataclasses import dataclass
from datetime import date

STATES = ("applied", "approved", "refused", "revoked")


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
