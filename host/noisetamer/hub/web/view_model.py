"""One unit's card on the page: a state put into words of one language. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from noisetamer.hub.live import UnitState
from noisetamer.hub.store.hours import Hour
from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.web.i18n import Texts
from noisetamer.hub.web.timeline import Line, clock, decibels, duration, local_time, tell
from noisetamer.hub.wire import Now, reason_of
from tamer.judge.stages import TOO_LOUD
from tamer.record.reading import MISSING, is_dated

STORY_LINES = 8
UNKNOWN = "--"
# for how long a card says that something is lost
LOST_SECONDS = 7 * 86_400


@dataclass(frozen=True)
class Card:
    """What the card shows.

    look: the number's colour, 'green', 'amber', 'red', 'speaking' or 'unknown';
    shape: of the sign, a stage or 'unknown'; note: why the number is not judged, or '';
    notices: what of its reports was set aside or lost, why, and what to do.
    """

    id: str
    look: str
    shape: str
    number: str
    stage: str
    limit: str
    difference: str
    note: str
    speaking: bool
    spotlight: bool
    spotlight_words: str
    time: str
    notices: list[str]
    story: list[Line]


def card(state: UnitState, texts: Texts, utc_offset: float, at: float | None = None) -> Card:
    """utc_offset: of the unit's local time, h. at: now, Unix s; None: on the unit's own day."""
    number, note = _number(state, texts, utc_offset, at)
    known = not state.stale and state.now is not None
    speaking = known and state.now is not None and _own_voice(state.now)
    undated = known and state.now is not None and not speaking and _is_undated(state.now)
    judged = undated or (known and note == "")
    shape = state.stage if known else "unknown"
    look = "red" if shape in TOO_LOUD else shape
    if known and not judged:
        look = "speaking" if speaking else "unknown"
    return Card(
        id=state.unit.id,
        look=look,
        shape=shape,
        number=number,
        stage=texts[f"stage_{shape}"],
        limit=_limit(state, texts),
        difference=_difference(state, texts) if judged else "",
        note=note,
        speaking=speaking,
        spotlight=known and state.spotlight,
        spotlight_words=texts["spotlight_on" if state.spotlight else "spotlight_off"]
        if known
        else "",
        time=local_time(state.last, utc_offset) if state.last is not None else "",
        notices=list(_notices(state, texts, utc_offset)),
        story=tell(state.events, texts, utc_offset, STORY_LINES),
    )


def hour_row(hour: Hour, utc_offset: float) -> dict[str, str]:
    """An hour as the cells of a row. at: local time; levels in dB(A); minutes: judged."""
    return {
        "at": f"{clock(hour.t, utc_offset):%H:%M}",
        "LAeq": _level(hour.LAeq),
        "L10": _level(hour.L10),
        "L50": _level(hour.L50),
        "L90": _level(hour.L90),
        "LAFmax": _level(hour.LAFmax),
        "minutes": str(hour.valid // 60),
    }


def _notices(state: UnitState, texts: Texts, utc_offset: float) -> Iterator[str]:
    told = {
        "set_aside": state.set_aside,
        "conflicts": state.conflicts,
        "turned_away": state.turned_away,
    }
    for key, what in told.items():
        if what:
            at = f"{clock(int(what.received), utc_offset):%H:%M}"
            yield texts[key].format(count=what.count, time=at, reason=what.reason)
    if seconds := state.undated_for_ever:
        yield texts["undated_for_ever"].format(duration=duration(seconds, texts))
    if state.lost and _is_of_late(state.lost, state):
        for line in tell([state.lost], texts, utc_offset, 1):
            yield line.text


def _is_of_late(event: PastEvent, state: UnitState) -> bool:
    """By the unit's own clock; what has no date is as long as the unit's events are kept."""
    if state.last is not None and is_dated(event.t) and is_dated(state.last):
        return state.last - event.t < LOST_SECONDS
    return event.key in {kept.key for kept in state.events}


def _number(
    state: UnitState, texts: Texts, utc_offset: float, at: float | None
) -> tuple[str, str]:
    """The number, or '--' where there is none to trust, and the note that says why."""
    now = state.now
    if state.last is None:
        return UNKNOWN, texts["never"]
    if state.stale or now is None:
        key = "offline_since" if state.online is False else "no_data_since"
        if now is None and state.online is not False:
            key = "asking"
        today = clock(state.last if at is None else int(at), utc_offset).date()
        with_date = clock(state.last, utc_offset).date() != today
        return UNKNOWN, texts[key].format(time=local_time(state.last, utc_offset, with_date))
    if _own_voice(now):
        return _level(now.LAeq), texts["speaking"]
    if _is_undated(now):
        return _level(now.LAeq), texts["undated"]
    reason = reason_of(now.flags)
    if reason != "valid":
        return UNKNOWN, texts["not_judged"].format(reason=texts[f"reason_{reason}"])
    return _level(now.LAeq), ""


def _is_undated(now: Now) -> bool:
    """Heard and judged, by a box that does not know the time."""
    return reason_of(now.flags) == "clock" and now.LAeq != MISSING


def _own_voice(now: Now) -> bool:
    """While it speaks, and in the second that still holds the end of it."""
    return now.speaking or reason_of(now.flags) == "own voice"


def _level(tenths: int) -> str:
    return UNKNOWN if tenths == MISSING else f"{tenths / 10:.1f}"


def _limit(state: UnitState, texts: Texts) -> str:
    if not state.limits:
        return texts["limit_unknown"]
    return texts["limit_now"].format(limit=decibels(state.limits[-1][1]))


def _difference(state: UnitState, texts: Texts) -> str:
    assert state.now is not None
    over = state.now.LAeq - state.now.limit
    key = "over" if over > 0 else "under" if over < 0 else "at_limit"
    return texts[key].format(difference=f"{abs(over) / 10:.1f}")
