"""Roll-outs at work: what people want, units tell and time brings, each turn in one transaction
with all that follows; then the orders are given.

Whatever is decided lies in the file before it is done, so a restart at any point goes on where it
was. An order that is to be given is asked for by its note first: given once, it is not again.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.orders.orders import LONGEST_AHEAD, Audit, Orders
from noisetamer.hub.store.queries import News
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.trouble import Trouble
from noisetamer.hub.updates import cohorts, loads, machine, rollout
from noisetamer.hub.updates.book import GIVE, WITHDRAW, Asked, Book, Due, Entry, Rollout
from noisetamer.hub.updates.loads import Load

STAMP_TOLD = 2 * 86_400.0
"""So long before its stamp ends, a roll-out says so; s."""

ANSWER_SECONDS = 15.0
"""So long the hub that decides is waited for."""

_LOOK_SECONDS = 2.0
_ASK_SECONDS = 0.2
_AT_ONCE = 500

_log = logging.getLogger("noisetamer.hub")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Running:
    """What a unit said at its last start. number: of the release it runs; board: what it is."""

    number: int = 0
    board: str = ""
    firmware: str = ""


@dataclass(frozen=True)
class Sources:
    """What the hub knows beside: units: {unit: its square}, of all; online: those that are
    connected; loud: squares that are too loud now; runs: {unit: what it runs}, of those that told
    it; feed, feed_end: as of `Queries`; audit: as `People.audit`.
    """

    units: Callable[[], Mapping[str, str]]
    online: Callable[[], Collection[str]]
    loud: Callable[[], Collection[str]]
    runs: Callable[[Collection[str]], Mapping[str, Running]]
    feed: Callable[[int, int], list[News]]
    feed_end: Callable[[], int]
    audit: Audit


class Updates:
    """At most one roll-out goes on. Runs in the hub's loop; its file is touched in one thread.

    Of several hubs at one database the one decides whose `run` is at work, by a lease.
    """

    def __init__(
        self,
        file: Path,
        orders: Orders,
        sources: Sources,
        utc_offset: float = 8.0,
        clock: Callable[[], float] = time.time,
        several: bool = False,
    ) -> None:
        """file: made where it is missing; utc_offset: of the squares' clock, h; clock: Unix s;
        several: whether other hubs have the same file.

        Raises UserError for a file that cannot be used.
        """
        self._book = Book(file)
        self._orders = orders
        self._sources = sources
        self._utc_offset = utc_offset
        self._clock = clock
        self._several = several
        self._decides = not several
        self._hold: Callable[[database.Connection], None] | None = None
        self._thread = ThreadPoolExecutor(1, "updates")
        self._wake = asyncio.Event()
        self._turns = asyncio.Lock()
        self._subscribers: set[Callable[[], None]] = set()
        if self._book.mark() is None:
            with self._book.transaction():
                self._book.set_mark(sources.feed_end())
        self._now = next(iter(self._book.newest()), None)

    def resume(self, hold: Callable[[database.Connection], None]) -> None:
        """Another hub has decided until now. hold: called in each transaction of a turn; raises
        database.Error where yet another decides meanwhile."""
        self._hold = hold

    def current(self) -> Rollout | None:
        """The last one, which goes on unless it is over."""
        return self._now

    async def look(self) -> None:
        """What another hub has decided meanwhile is known here too."""
        if not self._decides:
            self._now = next(iter(await self._do(self._book.newest, 1)), None)

    def rootless(self) -> set[str]:
        """Units that refused the last roll-out for want of the root's key."""
        units = self._now.state.units if self._now else {}
        return {id for id, unit in units.items() if unit.why == "no root"}

    async def history(self, most: int = 20) -> list[Rollout]:
        """The newest first."""
        return await self._do(self._book.newest, most)

    async def entries(self, id: int) -> list[Entry]:
        """What happened in a roll-out."""
        return await self._do(self._book.entries, id)

    async def ask(self, by: str, role: str, what: str, fields: dict[str, Any]) -> None:
        """Stop it, let it go on. Raises UserError where that cannot be."""
        id = await self._do(self._book.ask, self._clock(), by, role, what, fields)
        if self._decides:
            await self.turn()
        waited = 0.0
        while (answer := await self._do(self._book.answered, id)) is None:
            if waited >= ANSWER_SECONDS:
                raise UserError(
                    "no hub decides on roll-outs just now: it is done when one does again"
                )
            await asyncio.sleep(_ASK_SECONDS)
            waited += _ASK_SECONDS
        if answer:
            raise UserError(answer)
        await self.look()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Called in the loop when a roll-out has changed; returns what ends that."""
        self._subscribers.add(callback)
        return lambda: self._subscribers.discard(callback)

    def on_stored(self, stored: Stored) -> None:
        """A subscriber of `Ingest`: whatever a unit tells may be of its order."""
        if self._now and self._now.state.state != "stopped" and (stored.statuses or stored.fresh):
            self._wake.set()

    def troubles(self) -> list[Trouble]:
        """A roll-out that waits for a person, or will."""
        now, one = self._clock(), self._now
        if one is None or not self._decides:
            return []
        state, found = one.state, []
        name = one.load.name
        if state.state == "stopped" and state.why != "person":
            found.append(Trouble(f"update_{state.why}", {"name": name}, ill=False))
        if rollout.owed(state) and state.state != "stopped" and state.stamp - now < STAMP_TOLD:
            hours = max(0.0, (state.stamp - rollout.STAMP_MARGIN - now) / 3600)
            key = "update_stamp_over" if rollout.is_stale(state, now) else "update_stamp"
            found.append(Trouble(key, {"name": name, "hours": f"{hours:.0f}"}, ill=False))
        return found

    async def run(self) -> None:
        """Until cancelled."""
        await self.look()
        self._decides = True
        try:
            while True:
                self._wake.clear()
                await self.turn()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)
                # what comes together is looked at together
                await asyncio.sleep(0.1)
        finally:
            self._decides = not self._several

    async def turn(self) -> None:
        """Do what is due now."""
        async with self._turns:
            before = self._now
            await self._turn()
        if self._now is not before:
            for callback in list(self._subscribers):
                callback()

    async def _turn(self) -> None:
        told = []
        if one := self._now:
            for id, unit in rollout.watched(one.state):
                if order := await self._orders.one(id, unit.n):
                    how = rollout.Told(id, order.n, order.state, order.why, order.detail)
                    told += [how] if rollout.is_news(unit, how) else []
        around = self._around()
        while await self._do(self._take, told, around):
            told = []
        for due in (waiting := await self._do(self._book.due)):
            await self._carry_out(due, waiting, around)

    def close(self) -> None:
        self._thread.shutdown()
        self._book.close()

    def _around(self) -> rollout.Around:
        hour = (self._clock() / 3600 + self._utc_offset) % 24
        found = self._sources
        return rollout.Around(set(found.online()), set(found.units()), set(found.loud()), hour)

    def _take(self, told: list[rollout.Told], around: rollout.Around) -> bool:
        """All that is new, in the thread of the file; whether there may be more."""
        now, mark = self._clock(), self._book.mark() or 0
        news = self._sources.feed(mark, _AT_ONCE)
        one = self._now
        events: list[rollout.Event] = [*told, *filter(None, map(_of_news, news)), rollout.Tick()]
        before, effects = one, []
        if one:
            one, effects = _stepped(one, events, now, around)
        asked = self._book.asked()
        if not (news or asked or effects or one is not before):
            return False
        with self._deciding():
            if one and before:
                self._put(before, one, effects, now)
            for wish in asked:
                try:
                    one = self._granted(wish, one, now, around)
                    self._book.answer(wish, "")
                except UserError as refused:
                    self._book.answer(wish, str(refused))
            if asked:
                self._book.forget_bodies()
            if news:
                self._book.set_mark(news[-1].id)
        self._now = one
        return len(news) == _AT_ONCE

    def _put(
        self, before: Rollout, one: Rollout, effects: list[rollout.Effect], now: float
    ) -> None:
        self._book.put(one.id, before.state, one.state)
        for effect in effects:
            match effect:
                case rollout.Give(unit, attempt):
                    self._book.add(Due(one.id, GIVE, unit, attempt))
                case rollout.Withdraw(unit, attempt):
                    self._book.add(Due(one.id, WITHDRAW, unit, attempt))
                case rollout.Note(what, fields):
                    self._book.enter(one.id, now, what, fields)

    def _granted(
        self, asked: Asked, one: Rollout | None, now: float, around: rollout.Around
    ) -> Rollout | None:
        """The roll-out after what somebody wants. Raises UserError where it cannot be."""
        if asked.what == "push":
            return self._begun(asked, one, now, around)
        if one is None:
            raise UserError("there is no roll-out yet")
        event: rollout.Event
        match asked.what:
            case "stop" if one.state.state != "stopped":
                event = rollout.Stopped(asked.by)
            case "stop":
                raise UserError("the roll-out stands still already")
            case "resume" if one.state.state == "stopped":
                event = rollout.Resumed(asked.by)
            case "resume":
                raise UserError("The roll-out does not stand still.")
            case _:
                load = loads.from_fields(asked.fields["load"])
                if load.digests != one.load.digests:
                    raise UserError("the stamp is of another release than the one rolled out")
                event = rollout.Restamped(rollout.NEVER if load.until is None else load.until)
                one = replace(one, load=load)
                self._book.set_load(one.id, load)
        self._sources.audit(
            *(
                now,
                asked.by,
                f"update_{asked.what}",
                one.load.name,
                asked.fields.get("reason", ""),
            ),
            {"rollout": one.id},
        )
        after, effects = _stepped(one, [event], now, around)
        self._put(one, after, effects, now)
        return after

    def _begun(
        self, asked: Asked, one: Rollout | None, now: float, around: rollout.Around
    ) -> Rollout:
        told = asked.fields
        load = loads.from_fields(told["load"])
        if one and one.state.state == "running":
            raise UserError(
                f"{one.load.name} is being rolled out: stop it first, or wait until it is over"
            )
        if one and any(unit.state in rollout.UNDER_WAY for unit in one.state.units.values()):
            raise UserError(
                f"units are still under way with {one.load.name}: wait until each has told how "
                "it ended, at most an hour"
            )
        known = {before.number: before.digests for before in self._book.newest_loads(100)}
        newest = max(known, default=0)
        if load.number and (
            load.number < newest or not load.digests <= known.get(load.number, load.digests)
        ):
            raise UserError(
                f"release {newest} was rolled out before, and numbers only rise: build this one "
                f"with --number {newest + 1} or more"
            )
        wanted = told.get("squares")
        squares = {
            unit: square
            for unit, square in self._sources.units().items()
            if not wanted or square in wanted
        }
        if not squares:
            raise UserError("there is no unit to send it to")
        boards, exempt = self._for_whom(load, squares)
        left = {unit: squares[unit] for unit in boards}
        if not left:
            whys = ", ".join(sorted(set(exempt.values())))
            raise UserError(f"{load.name} is for none of these units: {whys}")
        seed = told.get("seed")
        seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        groups = cohorts.chosen(left, told["sizes"], seed, around.online)
        plan = rollout.plan_from(told.get("plan", {}))
        state = machine.begun(
            *(groups, squares, plan, now),
            number=load.number,
            stamp=rollout.NEVER if load.until is None else load.until,
            boards=boards,
            exempt=exempt,
        )
        reason = told["reason"]
        detail = {"cohorts": [len(group) for group in groups], "seed": seed}
        self._sources.audit(now, asked.by, "update_push", load.name, reason, detail)
        id = self._book.new(asked, load, reason, state)
        self._book.enter(id, now, "pushed", {"by": asked.by, **detail})
        return Rollout(id, asked.at, asked.by, asked.role, reason, load, state)

    def _for_whom(
        self, load: Load, squares: Mapping[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """({unit: the board of what it gets}, {unit: why it gets nothing})."""
        boards, exempt = {}, {}
        runs = self._sources.runs(squares)
        for unit in squares:
            running = runs.get(unit, Running())
            board, why = load.for_unit(running.board)
            if load.number and running.number >= load.number:
                why = "has it"
            if why:
                exempt[unit] = why
            else:
                boards[unit] = board
        return boards, exempt

    async def _carry_out(self, due: Due, waiting: list[Due], around: rollout.Around) -> None:
        one = self._now
        if one is None or one.id != due.rollout:
            await self._do(self._done, due, None, around)
            return
        note = {"rollout": one.id, "attempt": due.attempt}
        order = await self._orders.noted(due.unit, one.load.verb, note)
        event: rollout.Event | None
        if due.kind == WITHDRAW:
            event = rollout.NotGiven(due.unit, due.attempt)
            if order:
                await self._orders.withdraw(order)
                event = rollout.Given(due.unit, due.attempt, order.n)
        elif replace(due, kind=WITHDRAW) in waiting:
            event = None
        else:
            try:
                order = order or await self._give(one, due.unit, note)
                event = rollout.Given(due.unit, due.attempt, order.n)
            except UserError as refused:
                _log.warning("%s is not given %s: %s", due.unit, one.load.name, refused)
                event = rollout.NotGiven(due.unit, due.attempt, "no order")
        await self._do(self._done, due, event, around)

    async def _give(self, one: Rollout, unit: str, note: dict[str, Any]) -> Any:
        load, body = one.load, one.load.of(one.state.units[unit].board)
        return await self._orders.give(
            *(unit, load.verb, body.fields),
            by=one.by,
            role=one.role,
            reason=one.reason,
            expires=self._clock() + LONGEST_AHEAD,
            body=await self._do(self._book.body, body),
            note={**note, "name": load.name},
        )

    def _done(self, due: Due, event: rollout.Event | None, around: rollout.Around) -> None:
        """An effect is carried out, and what that says, in one transaction."""
        now, one = self._clock(), self._now
        with self._deciding():
            self._book.carried_out(due, now)
            if event and one:
                after, effects = _stepped(one, [event], now, around)
                self._put(one, after, effects, now)
                one = after
        self._now = one

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        """A transaction of whoever still decides."""
        with self._book.transaction():
            if self._hold:
                self._book.hold(self._hold)
            yield

    async def _do(self, what: Callable[..., Result], *values: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what, *values)


def _stepped(
    one: Rollout, events: list[rollout.Event], now: float, around: rollout.Around
) -> tuple[Rollout, list[rollout.Effect]]:
    """The same one where nothing has changed."""
    state, found = one.state, []
    for event in events:
        state, effects = machine.step(state, event, now, around)
        found += effects
    return (one if state == one.state else replace(one, state=state)), found


def _of_news(news: News) -> rollout.Event | None:
    number = news.fields.get("release") if news.kind == "boot" else None
    if not isinstance(number, int):
        return None
    return rollout.Runs(news.unit, number, news.fields.get("reset", ""))
