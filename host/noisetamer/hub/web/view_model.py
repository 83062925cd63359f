"""The page's cards, and their sum: states put into words of one language. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import SIMULATED
from noisetamer.hub.store.hours import Hour
from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.web import chain_words
from noisetamer.hub.web.story import rows
from noisetamer.hub.web.timeline import (
    UNKNOWN,
    Line,
    clock,
    decibels,
    duration,
    level_text,
    local_time,
    tell,
)
from noisetamer.hub.wire import Now, reason_of
from noisetamer.hub.words.i18n import Texts
from tamer.judge.stages import AMBER, GREEN, RED, TOO_LOUD
from tamer.record.reading import MISSING, is_dated

STORY_LINES = 8
NAMES = 3
# The worst comes first.
SPEAKING, LOUD, NEAR, NOT_KNOWN, CALM = range(5)
# for how long a card says that something is lost
LOST_SECONDS = 7 * 86_400


@dataclass(frozen=True)
class Card:
    """What the card shows, but for its story.

    title: where the unit is, as far as that is known; serial: its id, where the title is another;
    rank: SPEAKING to CALM; look: the number's colour, 'green', 'amber', 'red', 'speaking' or
    'unknown'; shape: of the sign, a stage or 'unknown'; stage: what most matters, large;
    note: why the number is not judged, or '';
    budget: when a limit over some minutes is reached at this level, or '';
    notices: what of its reports was set aside or lost, why, and what to do.
    """

    id: str
    title: str
    serial: str
    rank: int
    look: str
    shape: str
    number: str
    stage: str
    limit: str
    difference: str
    note: str
    budget: str
    speaking: bool
    spotlight: bool
    spotlight_words: str
    time: str
    notices: list[str]


@dataclass(frozen=True)
class Row:
    """A square in a line: its worst box that is known, in words.

    title: its name, which is its id too; address: of its page; rank: of the worst of its boxes,
    known or not; unit: which box the number is of; where: that too, '' where there is one only;
    boxes: how many there are, and how many are not known; state: of the incident that goes on, ''
    without one; incident: that in words, and who sees to it; the rest: as of Card.
    """

    id: str
    title: str
    serial: str
    address: str
    rank: int
    look: str
    shape: str
    number: str
    stage: str
    limit: str
    difference: str
    note: str
    unit: str
    where: str
    boxes: str
    state: str
    incident: str
    speaking: bool
    simulated: bool
    time: str


class Ranked(Protocol):
    """A card or a row."""

    @property
    def rank(self) -> int: ...

    @property
    def title(self) -> str: ...

    @property
    def serial(self) -> str: ...


@dataclass(frozen=True)
class Summary:
    """All cards, or rows, in a line. look: of the worst; over: how many are over the limit;
    text: that and where; unknown: how many are not known, or ''.
    """

    look: str
    over: int
    text: str
    unknown: str


def card(state: UnitState, texts: Texts, utc_offset: float, at: float | None = None) -> Card:
    """utc_offset: of the unit's local time, h. at: now, Unix s; None: on the unit's own day."""
    number, note = _number(state, texts, utc_offset, at)
    known = not state.stale and state.now is not None
    speaking = known and state.now is not None and _own_voice(state.now)
    undated = known and state.now is not None and not speaking and _is_undated(state.now)
    judged = undated or (known and note == "")
    shape = state.stage if known else "unknown"
    stage = texts[f"stage_{shape}"]
    if not known or (number == UNKNOWN and shape == GREEN):
        # the news are why: nobody knows whether it is quiet
        shape, stage, note = "unknown", note, ""
    look = "red" if shape in TOO_LOUD else shape
    if speaking:
        look = "speaking"
    place = state.unit.place
    return Card(
        id=state.unit.id,
        title=place or state.unit.id,
        serial=state.unit.id if place else "",
        rank=_rank(state, known),
        look=look,
        shape=shape,
        number=number,
        stage=stage,
        limit=_limit(state, texts) if known else "",
        difference=_difference(state, texts) if judged else "",
        note=note,
        budget=_budget(state.now, texts) if judged and state.now is not None else "",
        speaking=speaking,
        spotlight=known and state.spotlight,
        spotlight_words=texts["spotlight_on" if state.spotlight else "spotlight_off"]
        if known
        else "",
        time=_time(state, texts, utc_offset),
        notices=list(_notices(state, texts, utc_offset)),
    )


def story(state: UnitState, texts: Texts, utc_offset: float) -> list[Line]:
    """What happened at its place lately, newest first."""
    replaced = (state.unit.replaced or ("",))[0]
    told = rows(state.events, state.before, replaced, texts, utc_offset, STORY_LINES)
    return chain_words.lines(state.chain, texts, utc_offset) + told


def row(square: str, cards: Sequence[Card], state: str, incident: str, texts: Texts) -> Row:
    """cards: of all its boxes, at least one; state, incident: as of Row."""
    known = [card for card in cards if card.rank != NOT_KNOWN]
    worst = min(known or cards, key=lambda card: (card.rank, -_as_number(card.number), card.id))
    unknown = len(cards) - len(known)
    boxes = ""
    if len(cards) > 1:
        key = "square_boxes_unknown" if unknown else "square_boxes"
        boxes = texts[key].format(count=len(cards), unknown=unknown)
    return Row(
        id=square,
        title=square,
        serial="",
        address=address_of(square),
        rank=min(card.rank for card in cards),
        look=worst.look,
        shape=worst.shape,
        number=worst.number,
        stage=worst.stage,
        limit=worst.limit,
        difference=worst.difference,
        note=worst.note,
        unit=worst.id,
        where=worst.id if len(cards) > 1 else "",
        boxes=boxes,
        state=state,
        incident=incident,
        speaking=worst.speaking,
        simulated=all(card.id.startswith(SIMULATED) for card in cards),
        time=worst.time,
    )


def address_of(square: str) -> str:
    """Of its page. A name may hold whatever people write."""
    return "/squares/" + quote(square, safe="")


def summary(cards: Collection[Ranked], texts: Texts) -> Summary:
    """The worst of all cards, and where it is."""
    over = sorted((card for card in cards if card.rank <= LOUD), key=lambda card: card.rank)
    near = [card for card in cards if card.rank == NEAR]
    unknown = sum(card.rank == NOT_KNOWN for card in cards)
    key, those, look = "calm", [card for card in cards if card.rank == CALM], GREEN
    if over:
        key, those, look = "over", over, RED
    elif near:
        key, those, look = "near", near, AMBER
    elif not those:
        key, look = "unknown", "unknown"
    elif not unknown:
        key = "all_calm"
    text = texts[f"summary_{key}"].format(
        count=len(those), total=len(cards), names=_names(those, cards, texts)
    )
    some = texts["summary_some_unknown"].format(count=unknown) if unknown and those else ""
    return Summary(look, len(over), text, some)


def _names(those: Collection[Ranked], cards: Collection[Ranked], texts: Texts) -> str:
    how_many = Counter(card.title for card in cards)
    names = [
        texts["summary_one_of_square"].format(place=card.title, serial=card.serial)
        if how_many[card.title] > 1
        else card.title
        for card in those
    ]
    said = texts["summary_comma"].join(names[:NAMES])
    if len(names) > NAMES:
        return texts["summary_more"].format(names=said, count=len(names) - NAMES)
    return said


def _rank(state: UnitState, known: bool) -> int:
    if not known or state.now is None or reason_of(state.now.flags) == "microphone":
        return NOT_KNOWN
    if state.stage in TOO_LOUD:
        return LOUD if state.stage == RED else SPEAKING
    return NEAR if state.stage == AMBER else CALM


def _budget(now: Now, texts: Texts) -> str:
    """Only where the limit is reached if it stays as loud."""
    if len(now.budget) < 4:
        return ""
    limit, minutes, _, left = now.budget[:4]
    key = "budget_left" if left else "budget_reached"
    return texts[key].format(limit=decibels(limit), minutes=minutes, left=-(-left // 60))


def _time(state: UnitState, texts: Texts, utc_offset: float) -> str:
    if state.last is None:
        return ""
    return local_time(state.last, utc_offset) if is_dated(state.last) else texts["clock_not_set"]


def hour_row(hour: Hour, utc_offset: float) -> dict[str, str]:
    """An hour as the cells of a row. since: Unix time; at: local time; levels in dB(A); minutes:
    judged."""
    return {
        "since": str(hour.t),
        "at": f"{clock(hour.t, utc_offset):%H:%M}",
        "LAeq": level_text(hour.LAeq),
        "L10": level_text(hour.L10),
        "L50": level_text(hour.L50),
        "L90": level_text(hour.L90),
        "LAFmax": level_text(hour.LAFmax),
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
        if not is_dated(state.last):
            return UNKNOWN, texts[f"{key}_undated"]
        today = clock(state.last if at is None else int(at), utc_offset).date()
        with_date = clock(state.last, utc_offset).date() != today
        return UNKNOWN, texts[key].format(time=local_time(state.last, utc_offset, with_date))
    if _own_voice(now):
        return level_text(now.LAeq), texts["speaking"]
    if _is_undated(now):
        return level_text(now.LAeq), texts["undated"]
    reason = reason_of(now.flags)
    if reason != "valid":
        return UNKNOWN, texts["not_judged"].format(reason=texts[f"reason_{reason}"])
    return level_text(now.LAeq), ""


def _is_undated(now: Now) -> bool:
    """Heard and judged, by a box that does not know the time."""
    return reason_of(now.flags) == "clock" and now.LAeq != MISSING


def _own_voice(now: Now) -> bool:
    """While it speaks, and in the second that still holds the end of it."""
    return now.speaking or reason_of(now.flags) == "own voice"


def _as_number(shown: str) -> float:
    return float("-inf") if shown == UNKNOWN else float(shown)


def _limit(state: UnitState, texts: Texts) -> str:
    if not state.limits:
        return ""
    return texts["limit_now"].format(limit=decibels(state.limits[-1][1]))


def _difference(state: UnitState, texts: Texts) -> str:
    assert state.now is not None
    over = state.now.LAeq - state.now.limit
    key = "over" if over > 0 else "under" if over < 0 else "at_limit"
    return texts[key].format(difference=f"{abs(over) / 10:.1f}")
