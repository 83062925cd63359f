"""A complaint."""

from dataclasses import dataclass

SOURCES = ("110", "12345", "button", "other")


@dataclass(frozen=True)
class Complaint:
    """One that somebody made.

    id: 0 before it is kept; at: when it was too loud, as told, Unix s; source: one of SOURCES;
    number: the desk's own, "" without one; place: where it was heard, in the desk's words; side:
    of the square, as the manager names its sides ("" unknown); text: what was said, "" once it is
    deleted; unit, level: of a button, the box it hangs on and what that heard, 0.1 dB;
    """

    id: int
    square: str
    at: int
    source: str
    number: str = ""
    place: str = ""
    side: str = ""
    text: str = ""
    unit: str = ""
    level: int | None = None
