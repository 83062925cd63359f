"""What stands around the squares, as the facts ask for it: each room's own records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.schema import FILE as COMPLAINTS
from noisetamer.hub.facts.weather import FILE as WEATHER
from noisetamer.hub.open_day.open_day import FILE as OPEN_DAY
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.patrols.check_in import CheckIn, Point
from noisetamer.hub.patrols.coverage import Held
from noisetamer.hub.patrols.schema import FILE as PATROLS
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import FILE as PERMITS
from noisetamer.unit.policy.days import Calendar

One = TypeVar("One")
All = Callable[[], Iterable[One]]
"""All there are, when asked; from any thread."""


def _none() -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Sources:
    """Each as of a hub that has none of it. held: rounds of a square that held
    between two times, Unix s; calendar: what the days of a square go by."""

    complaints: All[Complaint] = _none
    groups: All[Group] = _none
    permits: All[Permit] = _none
    points: All[Point] = _none
    held: Callable[[float, float, str], Iterable[Held]] = lambda since, until, square: ()
    check_ins: All[CheckIn] = _none
    questions: All[Question] = _none
    calendar: Callable[[str], Calendar] = lambda square: Calendar()


NONE = Sources()
"""Of a hub around whose squares nothing stands."""

FILES = (COMPLAINTS, PERMITS, PATROLS, OPEN_DAY, WEATHER)
"""In which they are kept: none of these has changed, nothing is read again."""
