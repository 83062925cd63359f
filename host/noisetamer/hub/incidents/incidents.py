"""The incidents of a hub, for everybody else: what there is, what people do, what is to be sent.

    incidents = Incidents(data / "incidents.sqlite", queries, sources, utc_offset)
    incidents.know({unit.id: square_of(unit) for unit in units.all()})
    on_stored = [..., incidents.on_stored]     # wakes it; the feed tells it what there is
    await incidents.run()                      # for ever

| whoever | calls |
|---|---|
| pages | `open`, `list`, `one`, `timeline`, `effects`, `silences`, `plan`, `reach`, `subscribe` |
| people, by page or link | `acknowledge`, `close`, `note`, `silence`, `drill` |
| phones, cameras | `due`, `next_due`, `sent`, `postpone`, `subscribe` |

Every method but `run` and `on_stored` blocks for the time of a commit and may be called from any
thread: from the event loop by `asyncio.to_thread`. What a method has returned from is on the disk.
Raises UserError for what people can mend, database.Error where the disk refuses. What people do
stands in the audit log before it is done: `incident_acknowledged`, `incident_closed`,
`incident_noted`, `square_silenced`, `drill`.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from noisetamer.base.database import Connection
from noisetamer.base.errors import UserError
from noisetamer.hub.incidents import absence, escalation
from noisetamer.hub.incidents.acts import Acts
from noisetamer.hub.incidents.book import Book, Silence
from noisetamer.hub.incidents.cases import Cases, Sources
from noisetamer.hub.incidents.incident import (
    EFFECT_KINDS,
    EFFECT_STATES,
    LIVING,
    Effect,
    Entry,
    Incident,
)
from noisetamer.hub.incidents.plan import Plan, Step
from noisetamer.hub.incidents.roster import Reached
from noisetamer.hub.incidents.watch import Sensed, Watch
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.wire import Event, Seconds
from tamer.record.reading import is_valid

LOOK_SECONDS = 1.0
SHORTEST_REST = 0.02
LONGEST_SILENCE = 31 * 86_400.0
LONGEST_ACKNOWLEDGEMENT = 7 * 86_400.0
LONGEST_TEXT = 2000

_log = logging.getLogger("noisetamer.hub")


class Incidents:
    """Of one hub. clock: Unix s; steady: monotonic, s."""

    def __init__(
        self,
        file: Path,
        queries: Queries,
        sources: Sources,
        utc_offset: float = 8.0,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        last_alive: float | None = None,
        restored: bool = False,
    ) -> None:
        """file: made where it is missing; utc_offset: of the squares' clock, h; last_alive: when
        an earlier hub proved that it lives, Unix s; restored: from a backup, or mended, since.

        Raises UserError for a file that cannot be used.
        """
        self._clock, self._steady = clock, steady
        self._audit = sources.audit
        self._book = Book(file)
        self._cases = Cases(self._book, sources, utc_offset)
        long = absence.was_long(last_alive, restored, clock())
        if long:
            absence.stand_down(self._book, last_alive, restored, clock())
        self._watch = Watch(self._book, queries, self._cases, long)
        self._acts = Acts(self._book, self._cases, sources)
        self._worker = ThreadPoolExecutor(1, "incidents")
        self._callbacks: list[Callable[[set[int]], None]] = []
        self._elsewhere: Callable[[set[int]], None] = lambda ids: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._began = steady()
        self._heard: dict[str, float] = {}
        self._reported: set[str] = set()
        self._loudest: dict[str, tuple[int, int]] = {}
        self._squares: dict[str, str] = {}

    # -- what there is

    def open(self) -> list[Incident]:
        """Those that go on, open or acknowledged, the newest first."""
        return self._book.incidents(states=LIVING, most=10_000)

    def one(self, id: int) -> Incident | None:
        case = self._book.case(id)
        return case and case.incident

    def list(
        self,
        square: str | None = None,
        states: Iterable[str] | None = None,
        since: float | None = None,
        kinds: Iterable[str] | None = None,
        most: int = 200,
        squares: Iterable[str] | None = None,
        before: int | None = None,
    ) -> list[Incident]:
        """The newest first. since: what has begun or ended then or later, or goes on, Unix s;
        squares: of these alone; before: those with a lower number, for the next page."""
        return self._book.incidents(square, states, kinds, since, most, squares, before)

    def timeline(self, id: int) -> Sequence[Entry]:
        """Everything that happened in it and was done, in the order in which the hub knew."""
        return self._book.timeline(id)

    def effects(self, id: int) -> Sequence[Effect]:
        """All that was to be sent for it, and what became of it."""
        return self._book.effects(id)

    def silences(self, square: str | None = None) -> Sequence[Silence]:
        """The maintenance that is on now."""
        now = self._clock()
        return [one for one in self._book.silences(square) if one.until > now]

    def plan(self, square: str) -> Plan:
        """The one that holds: the square's own, or the shipped one."""
        return self._cases.plan_of(square)

    def reach(self, square: str) -> Sequence[tuple[Step, Reached]]:
        """Each step of the plan that holds, and whom it would reach now."""
        return self._cases.reach(square, self._clock())

    def subscribe(self, callback: Callable[[set[int]], None]) -> None:
        """Call this, in the event loop, with the ids of the incidents that have changed, which is
        also when there is something new to send. One that raises is logged."""
        self._callbacks.append(callback)

    # -- beside other hubs

    def tell_elsewhere(self, tell: Callable[[set[int]], None]) -> None:
        """Call this besides, in the event loop, with what has changed here."""
        self._elsewhere = tell

    def changed_elsewhere(self, ids: set[int]) -> None:
        """Another hub has changed these. In the event loop."""
        self._call_back(ids)
        self._wake.set()

    def resume(self, hold: Callable[[Connection], None]) -> None:
        """Another hub has decided until now. hold: called in each transaction of a turn; raises
        database.Error where yet another decides meanwhile."""
        self._watch.resume(hold)

    # -- what people do

    def acknowledge(
        self,
        id: int,
        by: str,
        at: float,
        how: str = "page",
        until: float | None = None,
        ip: str = "",
    ) -> Incident:
        """Somebody (the name of an account) sees to it: nobody else is called meanwhile.

        how: "page", "link", ...; until: Unix s (snooze), None: as long as the plan says. The
        incident afterwards; of one that is over already nothing changes.
        """
        if until is not None and not at < until <= at + LONGEST_ACKNOWLEDGEMENT:
            raise UserError("An acknowledgement ends later than now, and within 7 days.")
        fields = {"how": how} | ({} if until is None else {"until": until})
        entry = Entry(at, at, "acknowledged", by, fields)
        facts = {"acknowledged_by": by, "acknowledged_at": at}
        return self._act(id, escalation.Acknowledged(until), entry, ip, **facts)

    def close(self, id: int, by: str, note: str, at: float, ip: str = "") -> Incident:
        """A person ends it, with a note; whoever was called hears of it."""
        entry = Entry(at, at, "closed", by, {"text": _text(note)})
        return self._act(id, escalation.Closed(), entry, ip, note=note, closed=at)

    def note(self, id: int, by: str, text: str, at: float, ip: str = "") -> Incident:
        """Something for the timeline."""
        return self._act(id, None, Entry(at, at, "note", by, {"text": _text(text)}), ip)

    def silence(
        self, square: str, until: float, reason: str, by: str, at: float, ip: str = ""
    ) -> None:
        """Maintenance: call nobody for this square before `until` (Unix s); `at` ends what is."""
        if not _text(reason):
            raise UserError("A silence has a reason: say why nobody is to be called.")
        if not at <= until <= at + LONGEST_SILENCE:
            raise UserError("A silence ends later than now, and within 31 days.")
        detail = {"until": until}
        self._audit(at, by, "square_silenced", square, reason, detail, ip)
        self._tell(set(self._acts.silence(Silence(square, until, reason, by, at))))

    def drill(
        self, square: str, name: str, by: str, at: float, reason: str = "", ip: str = ""
    ) -> Incident:
        """Try the chain without noise: call one person (the name of an account) by every contact,
        as an incident of kind "drill" that ends when it is acknowledged, or after 15 minutes."""
        self._audit(at, by, "drill", square, reason, {"person": name}, ip)
        incident = self._acts.drill(square, name, by, _text(reason), at)
        self._tell({incident.id})
        return incident

    # -- what is to be sent

    def due(
        self, now: float, kinds: Sequence[str] = EFFECT_KINDS, most: int = 100
    ) -> Sequence[Effect]:
        """What is to be done now (Unix s), the oldest first; the same again until `sent` or
        `postpone` says what became of it."""
        return self._book.due(now, kinds, most)

    def next_due(self, kinds: Sequence[str] = EFFECT_KINDS) -> float | None:
        """When there is something to do again, if nothing new comes: Unix s; None: not at all."""
        return self._book.next_due(kinds)

    def effect(self, key: str) -> Effect | None:
        """As it is now: "withdrawn" where it is not wanted any more."""
        return self._book.effect(key)

    def sent(self, key: str, result: str, detail: str, at: float) -> Effect:
        """What became of an effect: "sent", "delivered", "refused" or "unknown"; detail: a
        sentence for people. May be told again when more is known."""
        if result not in EFFECT_STATES[1:-1]:
            raise UserError(
                f"{result!r} is no result; known are {', '.join(EFFECT_STATES[1:-1])}."
            )
        effect, is_news = self._acts.sent(key, result, detail, at)
        if is_news:
            self._tell({effect.incident})
        return effect

    def postpone(self, key: str, due: float, detail: str) -> None:
        """An attempt has failed, and another follows at `due`, Unix s."""
        self._acts.postpone(key, due, detail)

    # -- at work

    def know(self, squares: Mapping[str, str]) -> None:
        """{unit: its square} of all the units there are; to be told whenever it changes."""
        if squares != self._squares:
            self._squares = dict(squares)
            self._watch.know(squares)

    def on_stored(self, stored: Stored) -> None:
        """A subscriber of `Ingest`."""
        now = self._steady()
        for record in stored.fresh:
            self._heard[record.unit] = now
            self._reported.add(record.unit)
            if isinstance(record, Seconds):
                for second in record.seconds:
                    loudest = self._loudest.get(record.unit)
                    if is_valid(second) and (loudest is None or second.LAeq > loudest[0]):
                        self._loudest[record.unit] = second.LAeq, second.t
        for status in stored.statuses:
            if status.online:
                self._heard[status.unit] = now
        if stored.statuses or stored.dated or any(isinstance(one, Event) for one in stored.fresh):
            self._wake.set()

    async def run(self) -> None:
        """Open, call and resolve, until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            pause = await self._loop.run_in_executor(self._worker, self._turn_and_rest)
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue

    def turn(self) -> bool:
        """Do what is due now; whether there is more at once."""
        loudest, self._loudest = self._loudest, {}
        steady = self._steady()
        heard = {unit: self._heard.get(unit, self._began) for unit in self._squares}
        changed, more = self._watch.turn(
            self._clock(), Sensed(steady, heard, frozenset(self._reported), loudest)
        )
        self._tell(changed)
        return more

    def _turn_and_rest(self) -> float:
        """s until the next turn, if nothing comes before."""
        if self.turn():
            return 0.0
        return min(LOOK_SECONDS, max(SHORTEST_REST, self._book.next_wake() - self._clock()))

    def close_file(self) -> None:
        """Wait for the turn under way, and end."""
        self._worker.shutdown()
        self._book.close()

    def _act(
        self, id: int, event: escalation.Event | None, entry: Entry, ip: str, **facts: object
    ) -> Incident:
        if self._book.case(id) is None:
            raise UserError(f"There is no incident {id}; look at the list of incidents.")
        what = "incident_noted" if entry.what == "note" else f"incident_{entry.what}"
        detail = {**entry.fields}
        self._audit(entry.at, entry.by, what, str(id), detail.pop("text", ""), detail, ip)
        incident, changed = self._acts.act(id, event, entry, **facts)
        if changed:
            self._tell({id})
        return incident

    def _tell(self, changed: set[int]) -> None:
        if not changed:
            return
        if self._loop is None or self._loop.is_closed():
            self._called_back(changed)
        else:
            self._loop.call_soon_threadsafe(self._called_back, changed)

    def _called_back(self, changed: set[int]) -> None:
        self._call_back(changed)
        self._elsewhere(changed)

    def _call_back(self, changed: set[int]) -> None:
        for callback in self._callbacks:
            try:
                callback(set(changed))
            except Exception:
                _log.exception("A subscriber of the incidents failed.")


def _text(text: str) -> str:
    """Raises UserError where it is too long."""
    if len(text) > LONGEST_TEXT:
        raise UserError(f"A note has at most {LONGEST_TEXT} characters; shorten it.")
    return text.strip()
