"""What there is to send: one fact is a period of a unit with its levels, something a unit did, or
a change of an incident. Pure.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tamer.record.reading import MISSING

SECOND, MINUTE, HOUR, DAY = "second", "minute", "hour", "day"
EVENT, STATUS, INCIDENT = "event", "status", "incident"
PERIODS = {SECOND: 1, MINUTE: 60, HOUR: 3600, DAY: 86400}
"""{kind: s}. Minutes and hours are those of the clock in UTC, days those of the hub's clock."""
KINDS = (*PERIODS, EVENT, STATUS, INCIDENT)

LEVELS = ("LAeq", "LCeq", "LAFmax", "LAmin", "LCpeak", "L5", "L10", "L50", "L90", "L95", "SD")
"""Of a minute, an hour and a day, where known; a second has LAeq, LCeq, LAFmax and LCpeak. LN:
LAeq,1s exceeded in N % of the valid seconds; LAmin: least LAeq,1s; SD: standard deviation of
LAeq,1s."""
OF_DAYS = ("Ld", "Ln", "Ldn")
"""Of a day besides: LAeq from 06:00 to 22:00 and of the rest, and both, the night 10 dB heavier
(GB 3096-2008, 3.4 to 3.6)."""

CHANGES = ("opened", "reopened", "acknowledged", "resolved", "closed")
"""What of an incident is told: nobody's name, and not who was called."""


@dataclass(frozen=True)
class Fact:
    """One thing to be sent. Nobody is named in it.

    kind: of KINDS; unit: its id, of an incident the first one concerned, "" where none is; name:
    as people call it; square: where it stands; since, until: Unix s by the unit's own clock, of
    an event and of what follows it both the moment; key: its name for ever: who has had it may
    get it again, and takes it once (a correction has the key of what it corrects).

    late: it came after its time, from the unit's journal, or corrects what was told before.

    levels: {one of LEVELS or OF_DAYS: 0.1 dB re 20 uPa}, without those that are not known; valid:
    seconds that count; reasons: {why the others do not: how many}, "not received" among them;
    overload, under_range: a second was lost to it, so that all levels may be too low, or L90, L95
    and LAmin too high. Only of periods.

    what: of an event its kind (tamer.record.events.KINDS), of a status "online" or "offline", of
    an incident one of CHANGES; fields: of an event as on the wire (WIRE.md), of an incident `id`,
    `kind`, `state`, `units`, `level` and `limit` (0.1 dB or None), `stage`, `begin`, `end`.
    """

    kind: str
    key: str
    unit: str
    name: str
    square: str
    since: int
    until: int
    late: bool = False
    levels: Mapping[str, int] = field(default_factory=dict)
    valid: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    overload: bool = False
    under_range: bool = False
    what: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> int:
        """How many the period has; 0 of what is none."""
        return self.until - self.since

    @property
    def coverage(self) -> float:
        """Valid seconds of all, 0 to 1: to be looked at before the levels."""
        return self.valid / self.seconds if self.seconds else 0.0

    def dB(self, level: str) -> float | None:
        """A level in dB; None where it is not known."""
        found = self.levels.get(level, MISSING)
        return None if found == MISSING else found / 10

    def came_late(self, now: float, seconds: float) -> bool:
        """Whether it is late, or has waited for so long after its end. now: Unix s."""
        return self.late or now - self.until > seconds


_DEFAULTS = {
    name: Fact.__dataclass_fields__[name].default
    for name in ("late", "valid", "overload", "under_range", "what")
}


def to_fields(fact: Fact) -> dict[str, Any]:
    """As JSON holds it, without what is as usual."""
    return {
        name: value
        for name, value in asdict(fact).items()
        if value != {} and not (name in _DEFAULTS and value == _DEFAULTS[name])
    }


def from_fields(fields: Mapping[str, Any]) -> Fact:
    """The reverse."""
    return Fact(**fields)
