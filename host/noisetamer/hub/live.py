"""What every unit is doing right now, and the pages that want to know."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.store.queries import PastEvent, Queries, SetAside
from noisetamer.hub.store.refusals import Refusal
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.wire import Event, Now, Record, Seconds
from tamer.record.reading import is_dated

STALE_SECONDS = 3.0
# by how much a live second and the report of the same moment may overtake each other
OVERTAKING_SECONDS = 2.0
ASK_SECONDS = 60
RENEW_SECONDS = 30
CARD_SECONDS = 1.0
CURVE_SECONDS = 5.0
URGENT_SECONDS = 0.05
HEARTBEAT_SECONDS = 2.0
EVENTS_KEPT = 200
MOST_LISTENERS = 200
# how long a card says that reports were set aside
SET_ASIDE_SECONDS = 86_400

# of news that are not urgent, s
_PAUSE = {"card": CARD_SECONDS, "curve": CURVE_SECONDS, "gone": 0.0, "incident": 0.0}
_SET_ASIDE = ("set_aside", "conflicts", "turned_away")


@dataclass
class UnitState:
    """The latest of one unit.

    boot: the one it says it is in; last: the unit's own time of the last it said, Unix s, whatever
    its clock did before; newest: (boot, seq) of its newest record; heard: the hub's monotonic
    time when `now` came, s; stage_at, stage_heard: when it went to its stage, by its clock and by
    the hub's; limits: (t, 0.1 dB), the limit from t on, as far as it is known; set_aside: what of
    its reports could not be read lately; conflicts: which had the name of another; turned_away:
    what of either the hub had no room for; chain: what was found lately of its chain, the newest
    first; undated: seconds without a date, by their boot; lost:
    the last event that says so; before: events of the units it replaced; changes: how often
    something was new; story: how often an event was; stored: how often seconds were.
    """

    unit: Unit
    online: bool | None = None
    boot: int | None = None
    last: int | None = None
    newest: tuple[int, int] = (-1, -1)
    now: Now | None = None
    heard: float = float("-inf")
    stage: str = "green"
    stage_at: int = -1
    stage_heard: float = float("-inf")
    spotlight: bool = False
    events: deque[PastEvent] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    limits: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=100))
    set_aside: SetAside | None = None
    conflicts: SetAside | None = None
    turned_away: SetAside | None = None
    chain: Sequence[Finding] = ()
    undated: dict[int, int] = field(default_factory=dict)
    lost: PastEvent | None = None
    before: list[PastEvent] = field(default_factory=list)
    changes: int = 0
    story: int = 0
    stored: int = 0
    stale: bool = True
    asked: float = float("-inf")
    asked_at: int = 0

    @property
    def undated_for_ever(self) -> int:
        """Seconds of earlier boots, which never came to know the time."""
        present = self.newest[0] if self.boot is None else self.boot
        return sum(seconds for boot, seconds in self.undated.items() if boot != present)

    def place(self, key: tuple[int, int]) -> tuple[bool, int, int]:
        """Where a record stands among all of the unit's: what it is in comes last. A board whose
        memory was lost, or that was flashed since, may count on from a lower number.
        """
        boot, seq = key
        return boot == self.boot, boot, seq


class Listener:
    """Whoever wants the news. Bounded by units, however slow they are taken.

    News are told together, each kind as often as `_PAUSE` says, so that a page with many units has
    one message a second and not one a unit; what is urgent hardly waits.
    """

    def __init__(self, sees: Callable[[Unit], bool]) -> None:
        """sees: of which units it wants to know."""
        self.sees = sees
        self._waiting: dict[str, dict[str, None]] = {kind: {} for kind in _PAUSE}
        self._urgent: dict[tuple[str, str], None] = {}
        self._told = dict.fromkeys(_PAUSE, float("-inf"))
        self._last = float("-inf")
        self._news = asyncio.Event()
        self._closed = False

    def tell(self, kind: str, unit: str, at_once: bool = False) -> None:
        """News of `kind` ('card', 'curve', 'gone') about a unit, or 'incident' about a square."""
        if at_once:
            begins = not self._urgent
            self._urgent[kind, unit] = None
        else:
            waiting = self._waiting[kind]
            begins = not waiting
            waiting[unit] = None
        if begins:
            self._news.set()

    def close(self) -> None:
        """End `news`."""
        self._closed = True
        self._news.set()

    async def news(self) -> AsyncIterator[list[tuple[str, str]]]:
        """(kind, unit) pairs as they fall due; an empty list as a sign of life."""
        while not self._closed:
            now = time.monotonic()
            if found := self._due(now):
                self._last = now
                yield found
                continue
            self._news.clear()
            pause = min([HEARTBEAT_SECONDS, *(at - now for at in self._times())])
            try:
                await asyncio.wait_for(self._news.wait(), max(0.0, pause))
            except TimeoutError:
                if pause == HEARTBEAT_SECONDS:
                    yield []

    def _due(self, now: float) -> list[tuple[str, str]]:
        found: dict[tuple[str, str], None] = {}
        if self._urgent and now >= self._last + URGENT_SECONDS:
            found, self._urgent = self._urgent, {}
        for kind, waiting in self._waiting.items():
            if waiting and now >= self._told[kind] + _PAUSE[kind]:
                found.update(dict.fromkeys((kind, unit) for unit in waiting))
                waiting.clear()
                self._told[kind] = now
        return list(found)

    def _times(self) -> Iterator[float]:
        """When what waits is due."""
        if self._urgent:
            yield self._last + URGENT_SECONDS
        for kind, waiting in self._waiting.items():
            if waiting:
                yield self._told[kind] + _PAUSE[kind]


class Live:
    """States of all units; tells the listeners, and asks units for live seconds meanwhile."""

    def __init__(self, commands: Commands, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: the hub's, monotonic, s."""
        self._commands = commands
        self._clock = clock
        self.states: dict[str, UnitState] = {}
        self._listeners: set[Listener] = set()
        self._looked_at: set[str] | None = None
        self._wake = asyncio.Event()

    @property
    def watched(self) -> bool:
        """Whether any page is open."""
        return bool(self._listeners)

    def load(self, units: Iterable[Unit], queries: Queries) -> None:
        """These are the units: take in those not known yet, with what the store knows of them,
        and let go of those that are none any more.
        """
        known = {unit.id: unit for unit in units}
        self._looked_at = None
        for id in self.states.keys() - known.keys():
            del self.states[id]
            self._tell("gone", id, at_once=True)
        new = [unit for id, unit in known.items() if id not in self.states]
        if new:
            with queries.at_once():
                self._take_in(new, queries)
        for id, unit in known.items():
            state = self.states[id]
            if state.unit != unit:
                state.unit, state.before = unit, _events_before(unit, queries)
                state.story += 1
                self._tell("card", id, at_once=True)

    def _take_in(self, new: Iterable[Unit], queries: Queries) -> None:
        online = queries.online()
        for unit in new:
            state = self.states[unit.id] = UnitState(unit, online.get(unit.id))
            state.boot = queries.present_boot(unit.id)
            if latest := queries.latest(unit.id):
                state.newest, state.last = latest
            since = time.time() - SET_ASIDE_SECONDS
            state.set_aside = queries.set_aside(unit.id, since, conflict=False)
            state.conflicts = queries.set_aside(unit.id, since, conflict=True)
            state.undated = queries.undated(unit.id)
            state.before = _events_before(unit, queries)
            for event in state.before:
                if event.kind == "stage":
                    _note_limit(state, event.t, event.fields["limit"])
            for event in queries.events(unit.id, EVENTS_KEPT):
                _apply(state, event, float("-inf"))
            self._tell("card", unit.id, at_once=True)

    def listen(self, sees: Callable[[Unit], bool] = lambda _: True) -> Listener | None:
        """A new listener, or None when there are too many already. Give it back to `leave`.

        sees: of which units it wants to know; they are asked for live seconds meanwhile.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            return None
        listener = Listener(sees)
        self._listeners.add(listener)
        self._looked_at = None
        self._wake.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener; without any, units are no longer asked for live seconds."""
        self._listeners.discard(listener)
        self._looked_at = None

    def close(self) -> None:
        """End every open stream, so that the web server can stop."""
        for listener in self._listeners:
            listener.close()

    def tell_of_chains(self, found: Mapping[str, Sequence[Finding]]) -> None:
        """What was found lately of units' chains, of all of them."""
        for id, state in self.states.items():
            now = found.get(id, ())
            if list(state.chain) != list(now):
                state.chain = now
                state.story += 1
                self._tell("card", id, at_once=True)

    def on_now(self, now: Now) -> None:
        """Take in a live second. A change of stage, limit or voice is told at once."""
        state = self.states.get(now.unit)
        if state is None:
            return
        before = state.now
        state.now, state.heard, state.online = now, self._clock(), True
        state.last = now.t
        changed = state.stale or before is None or before.speaking != now.speaking
        # A second that was sent before a change of stage may arrive after it. By its own clock
        # that shows, unless the clock was put back: then it shows by the hub's.
        overtaken = state.heard - state.stage_heard < OVERTAKING_SECONDS
        if now.stage != state.stage and (now.t >= state.stage_at or not overtaken):
            state.stage, state.stage_at = now.stage, now.t
            changed = True
        state.stale = False
        changed |= _note_limit(state, now.t, now.limit)
        self._tell("card", now.unit, at_once=changed)

    def on_stored(self, stored: Stored) -> None:
        """Take in what was committed; a subscriber of `Ingest`."""
        for status in stored.statuses:
            if state := self.states.get(status.unit):
                state.boot = status.fields.get("b", state.boot)
        for record in stored.fresh:
            if state := self.states.get(record.unit):
                self._take(state, record)
        for record in stored.dated:
            if state := self.states.get(record.unit):
                self._date(state, record)
        for status in stored.statuses:
            if state := self.states.get(status.unit):
                state.online = status.online
                self._tell("card", status.unit, at_once=True)
        for refusal in stored.refused:
            what = "conflicts" if refusal.conflict else "set_aside"
            self._set_aside(refusal, what, stored.received)
        for refusal in stored.turned_away:
            self._set_aside(refusal, "turned_away", stored.received)

    def _take(self, state: UnitState, record: Record) -> None:
        state.online = True
        key = record.boot, record.seq
        if state.place(key) > state.place(state.newest):
            state.newest = key
            if state.stale or state.now is None:
                state.last = record.last
        match record:
            case Event():
                event = PastEvent(record.t, *key, record.kind, record.fields)
                _apply(state, event, self._clock())
                self._tell("card", record.unit, at_once=True)
            case Seconds():
                if not is_dated(record.t):
                    known = state.undated.get(record.boot, 0)
                    state.undated[record.boot] = known + len(record.seconds)
                self._tell_of_seconds(state)

    def _date(self, state: UnitState, record: Record) -> None:
        """Of before, now with its date."""
        key = record.boot, record.seq
        if key == state.newest and (state.stale or state.now is None):
            state.last = record.last
        if isinstance(record, Seconds):
            left = state.undated.pop(record.boot, 0) - len(record.seconds)
            if left > 0:
                state.undated[record.boot] = left
            self._tell_of_seconds(state)
            return
        for place, event in enumerate(state.events):
            if event.key == key:
                afterwards = event.dated_afterwards or record.t != event.t
                dated = replace(
                    event, t=record.t, fields=record.fields, dated_afterwards=afterwards
                )
                state.events[place] = dated
                if state.lost and state.lost.key == key:
                    state.lost = dated
                state.story += 1
        self._tell("card", record.unit)

    def _set_aside(self, refusal: Refusal, what: str, received: float) -> None:
        if state := self.states.get(refusal.unit):
            before: SetAside | None = getattr(state, what)
            count = before.count if before else 0
            setattr(state, what, SetAside(count + 1, received, refusal.reason))
            self._tell("card", state.unit.id)

    def tell_of_square(self, square: str) -> None:
        """Its incidents are others now."""
        for listener in self._listeners:
            listener.tell("incident", square, at_once=True)

    async def run(self) -> None:
        """Ask watched units for live seconds and notice silent ones, until cancelled."""
        while True:
            if self.watched:
                await self._tick()
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), 0.5)
            except TimeoutError:
                continue

    async def _tick(self) -> None:
        now = self._clock()
        looked_at = self._watched_units()
        for state in self.states.values():
            silent = now - state.heard > STALE_SECONDS
            if silent and not state.stale:
                state.stale = True
                self._tell("card", state.unit.id, at_once=True)
            for what in _SET_ASIDE:
                told: SetAside | None = getattr(state, what)
                if told and time.time() - told.received > SET_ASIDE_SECONDS:
                    setattr(state, what, None)
                    self._tell("card", state.unit.id)
            # a simulated unit's minute may pass in a second: its own clock counts too
            ran_on = abs((state.last or 0) - state.asked_at) >= RENEW_SECONDS
            waited = now - state.asked
            if state.unit.id not in looked_at:
                continue
            if waited >= RENEW_SECONDS or ran_on or (silent and waited >= STALE_SECONDS):
                state.asked, state.asked_at = now, state.last or 0
                await self._commands.live(state.unit.id, ASK_SECONDS)

    def _watched_units(self) -> set[str]:
        """Those that any listener wants to know of; all, where there is none."""
        if self._looked_at is None:
            self._looked_at = {
                id
                for id, state in self.states.items()
                if not self._listeners or any(one.sees(state.unit) for one in self._listeners)
            }
        return self._looked_at

    def _tell_of_seconds(self, state: UnitState) -> None:
        state.stored += 1
        self._tell("curve", state.unit.id)

    def _tell(self, what: str, unit: str, at_once: bool = False) -> None:
        if state := self.states.get(unit):
            state.changes += 1
        for listener in self._listeners:
            listener.tell(what, unit, at_once)


def _events_before(unit: Unit, queries: Queries) -> list[PastEvent]:
    """Of the units it replaced, oldest first; without what has no date."""
    return [
        event
        for id in reversed(unit.replaced)
        for event in queries.events(id, EVENTS_KEPT)
        if is_dated(event.t)
    ][-EVENTS_KEPT:]


def _apply(state: UnitState, event: PastEvent, heard: float) -> None:
    """Take an event in. One of an earlier boot, late from the journal, changes only the story.

    heard: the hub's monotonic time, s.
    """
    state.story += 1
    place = state.place(event.key)
    if event.kind == "lost" and (state.lost is None or place > state.place(state.lost.key)):
        state.lost = event
    newest = not state.events or place > state.place(state.events[-1].key)
    state.events.append(event)
    if not newest:
        in_order = sorted(state.events, key=lambda old: state.place(old.key))
        state.events = deque(in_order, state.events.maxlen)
        return
    match event.kind:
        case "boot":
            state.spotlight = False
            _turn(state, "green", event.t, heard)
        case "resumed":
            _turn(state, event.fields["stage"], event.t, heard)
        case "stage":
            # a report delayed by the network must not undo what the unit says live
            live = None if state.stale or state.now is None else state.now.t
            if live is None or 0 <= event.t - live <= RENEW_SECONDS:
                _turn(state, event.fields["to"], event.t, heard)
                _note_limit(state, event.t, event.fields["limit"])
        case "spotlight":
            state.spotlight = event.fields["on"]


def _turn(state: UnitState, stage: str, t: int, heard: float) -> None:
    state.stage, state.stage_at, state.stage_heard = stage, t, heard


def _note_limit(state: UnitState, t: int, limit: int) -> bool:
    """True when it is another limit than the last."""
    if state.limits and not is_dated(t):
        t = state.limits[-1][0]
    while state.limits and state.limits[-1][0] > t:
        # Of a clock that was ahead.
        state.limits.pop()
    if state.limits and state.limits[-1][1] == limit:
        return False
    state.limits.append((t, limit))
    return True
