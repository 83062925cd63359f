"""What the news of units say about their square: who is above the limit, who is ill. Pure.

**Late news.** A box that comes back after an outage tells what its journal holds, oldest first,
and none of it must ring a phone for what is long over. Which news are late is seen by the unit's
own clock alone, since simulated units live at another time than the hub and the hub's own clock
may be put on: a unit that connects says in its status what time it has, so an event from more than
LATE_SECONDS before the newest time it has told is late; so is one without a date of an earlier
boot than the one it is in. What is late opens an incident whose calls are held. They go out if the
unit has told everything up to its status (`caught_up`), or tells something that is not late, and
is still above; if it was released before, nobody is called.

**Out of order.** A broker that has just started may lose what boxes tell it before the hub
listens; they tell it again later. So an event counts by its name, not by when it comes: what is
older than the newest that told of a stage changes nothing of now, and a warning or a call of the
box says as well as its stage that it is above.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from noisetamer.hub.store.queries import News
from tamer.judge.stages import GREEN, RED, TOO_LOUD
from tamer.record.events import STAGES
from tamer.record.reading import MISSING, is_dated

LATE_SECONDS = 60

TOLD = frozenset(
    (
        *("boot", "resumed", "stage", "spotlight", "warning", "spoken", "outcome", "hand-over"),
        *("relapse", "sudden", "dealt", "incident", "doctor", "link", "self-check", "order"),
    )
)
"""The kinds of events that belong into an incident's timeline."""

_ILL = ("microphone", "unknown")
_NO_VERDICT = ("too loud", "reference")


@dataclass(frozen=True)
class Unit:
    """What is known of one unit.

    boot: the one it says it is in; own: the newest time it told, Unix s; own_undated: the same in
    seconds of that boot, while it did not know the time; both -1 before; said: the time in its
    last status, dated or not; online: None before it said; key: (boot, seq) of the newest event
    that told of its stage; level, limit: 0.1 dB, of that event; since: its time; doctor, check:
    what is wrong with the microphone, "" for nothing.
    """

    boot: int | None = None
    own: int = -1
    own_undated: int = -1
    said: int = -1
    online: bool | None = None
    stage: str = GREEN
    key: tuple[int, int] = (-1, -1)
    level: int | None = None
    limit: int | None = None
    since: int = -1
    doctor: str = ""
    check: str = ""

    @property
    def above(self) -> bool:
        """Red, or louder still."""
        return self.stage in TOO_LOUD

    @property
    def ill(self) -> str:
        """What is wrong with its microphone; "" for nothing."""
        return self.doctor or self.check


@dataclass(frozen=True)
class Heard:
    """What one piece of news is beside a unit's state. moment: "sudden", "hand-over" or "";
    to: of a hand-over; level, limit: 0.1 dB, where it tells them; superseded: that it went above,
    but something newer of its stage is known already."""

    late: bool
    moment: str = ""
    to: str = ""
    level: int | None = None
    limit: int | None = None
    superseded: bool = False


@dataclass(frozen=True)
class Square:
    """All units of a square together: those above, the highest level and stage among them."""

    above: tuple[str, ...]
    level: int | None
    limit: int | None
    stage: str


def take(unit: Unit, news: News) -> tuple[Unit, Heard]:
    """The unit after its news."""
    if news.kind == "status":
        return _status(unit, news.fields), Heard(False)
    if news.t is None or news.boot is None or news.seq is None:
        return unit, Heard(True)
    key = news.boot, news.seq
    unit = _timed(unit, news)
    late = is_late(unit, news.boot, news.t)
    said = news.fields
    moment = news.kind if news.kind in ("sudden", "hand-over") else ""
    level = said.get("LAFmax" if news.kind == "sudden" else "level")
    heard = Heard(
        late,
        moment,
        said["to"] if moment == "hand-over" else "",
        None if level == MISSING else level,
        said.get("limit"),
        news.kind == "stage" and said["to"] in TOO_LOUD and not _is_newer(unit, key),
    )
    match news.kind:
        case "boot" if _is_newer(unit, key):
            unit = replace(unit, stage=GREEN, key=key, since=news.t)
        case "resumed" if _is_newer(unit, key):
            unit = replace(unit, stage=said["stage"], key=key, since=news.t)
        case "stage" if _is_newer(unit, key):
            unit = replace(
                unit,
                stage=said["to"],
                key=key,
                since=news.t if (said["to"] in TOO_LOUD) != unit.above else unit.since,
                level=heard.level,
                limit=heard.limit,
            )
        case "hand-over" | "warning" if not unit.above and _is_newer(unit, key):
            stage = said.get("stage")
            stage = stage if stage in TOO_LOUD else RED
            unit = replace(unit, stage=stage, key=key, since=news.t)
        case "doctor":
            unit = replace(unit, doctor=", ".join(said["findings"])[:200])
        case "self-check":
            unit = replace(unit, check=_check(unit.check, said))
    return unit, heard


def is_late(unit: Unit, boot: int, t: int) -> bool:
    """Whether what a unit tells of a time (Unix s, or undated) may be long over."""
    if is_dated(t):
        return unit.own - t > LATE_SECONDS
    if unit.boot is not None and boot != unit.boot:
        return True
    return unit.own_undated - t > LATE_SECONDS


def caught_up(unit: Unit, newest: int) -> bool:
    """Whether a unit has told everything up to its last status. newest: the time of its newest
    record, Unix s or undated."""
    if is_dated(unit.said) and not is_dated(newest):
        return False
    return newest >= unit.said - LATE_SECONDS


def square(units: Mapping[str, Unit]) -> Square:
    """{id: Unit} of one square."""
    above = tuple(sorted(id for id, unit in units.items() if unit.above))
    loud = [units[id] for id in above]
    loudest = (
        max(loud, key=lambda unit: unit.level if unit.level is not None else MISSING - 1)
        if loud
        else None
    )
    return Square(
        above,
        loudest.level if loudest else None,
        loudest.limit if loudest else None,
        max((unit.stage for unit in loud), key=STAGES.index, default=""),
    )


def ill(units: Mapping[str, Unit]) -> dict[str, str]:
    """{id: what is wrong with its microphone}, of those that have something."""
    return {id: unit.ill for id, unit in sorted(units.items()) if unit.ill}


def silent(
    units: Mapping[str, Unit], heard: Mapping[str, float], now: float, after: float
) -> tuple[str, ...]:
    """Those not heard of for so many s, of those that ever were. heard: when each was last, and
    now, by the hub's monotonic clock, s; one that says it is offline was not heard since."""
    return tuple(
        sorted(
            id
            for id, unit in units.items()
            if unit.online is not None and now - heard.get(id, now) >= after
        )
    )


def to_fields(unit: Unit) -> dict[str, Any]:
    """For JSON."""
    return {**vars(unit)}


def from_fields(found: Mapping[str, Any]) -> Unit:
    """What a later version has added is left out, what it lacks has its default."""
    known = {field.name for field in fields(Unit)} & found.keys()
    kept = {name: found[name] for name in known}
    if "key" in kept:
        kept["key"] = tuple(kept["key"])
    return Unit(**kept)


def _status(unit: Unit, said: Mapping[str, Any]) -> Unit:
    if not said["online"]:
        return replace(unit, online=False)
    boot = said.get("b", unit.boot)
    if boot != unit.boot:
        unit = replace(unit, boot=boot, own_undated=-1)
    unit = replace(unit, online=True)
    t = said.get("t")
    if t is None:
        return unit
    # Its clock may have been put back, or it is a simulation that begins anew.
    own = {"own": t} if is_dated(t) else {"own_undated": t}
    return replace(unit, said=t, **own)


def _timed(unit: Unit, news: News) -> Unit:
    assert news.t is not None
    if is_dated(news.t):
        put_back = news.kind == "clock" and news.fields.get("step", 0) < 0
        return replace(unit, own=news.t if put_back else max(unit.own, news.t))
    if unit.boot is None or news.boot == unit.boot:
        return replace(unit, own_undated=max(unit.own_undated, news.t))
    return unit


def _is_newer(unit: Unit, key: tuple[int, int]) -> bool:
    """A board whose memory was lost may count its boots on from a lower number."""
    return (key[0] == unit.boot, *key) > (unit.key[0] == unit.boot, *unit.key)


def _check(before: str, said: Mapping[str, Any]) -> str:
    verdict = said["verdict"]
    if verdict in _NO_VERDICT:
        return before
    if verdict in _ILL and said.get("deviations"):
        return f"self-check: {verdict}"
    return ""
