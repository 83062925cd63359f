"""Orders on their way: sent in their order, repeated until the unit has told, closed by its word.

A number goes out at most for one order, and is committed before. The unit takes a number once,
so what may be lost is repeated. Until it has taken one order, the next one waits: it would refuse
the earlier as overtaken.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from noisetamer.base.errors import UserError
from noisetamer.hub.bus.client import Message
from noisetamer.hub.orders.ledger import STATES, Ledger, Order
from noisetamer.hub.orders.verbs import SPEECH, VERBS
from noisetamer.hub.store.queries import News
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.wire import Event
from noisetamer.hub.wire_checks import RefusedError, check
from tamer.record import orders as wire
from tamer.record.reading import is_dated

REPEAT_SECONDS = 3.0
"""After the first time; each time twice as long."""

LONGEST_AHEAD = wire.MOST_AHEAD - 120
"""What is signed holds no longer, s; with room for a clock that goes wrong."""

GRACE_SECONDS = 180.0
"""For the unit's last word, after an order's time is over: a message may be long."""

_OF_EVERY_ORDER = {"n", "until", "verb", "mac"}

# A unit that tells a higher number is not believed: there would be none left for orders.
_BELIEVED = wire.MOST_NUMBER - 1_000_000

_LOOK_SECONDS = 1.0

_AT_A_TIME = 500

Result = TypeVar("Result")


Audit = Callable[..., object]
"""(at, by, what, target, reason, detail, ip), as `People.audit`."""


class Orders:
    """What people have units do.

    publish: sends a body on a subject, as `Bus.publish`; key_of: a unit's command key, None where
    it has none; audit: writes down who ordered what; online: whether a unit is connected; feed:
    what the store has after an id, as `Queries.feed`; clock: Unix s; by_their_clocks: units may
    live at times of their own, as in a simulation, and nobody tells them another.
    """

    def __init__(
        self,
        ledger: Ledger,
        publish: Callable[[str, bytes], Awaitable[None]],
        key_of: Callable[[str], str | None],
        audit: Audit,
        online: Callable[[str], bool],
        feed: Callable[[int, int], list[News]],
        clock: Callable[[], float] = time.time,
        by_their_clocks: bool = False,
    ) -> None:
        self._ledger = ledger
        self._publish = publish
        self._key_of = key_of
        self._audit = audit
        self._online = online
        self._feed = feed
        self._clock = clock
        self._by_their_clocks = by_their_clocks
        # the last number each unit has taken, where it has refused one for being lower
        self._taken: dict[str, int] = {}
        # by how much each unit's clock is ahead of ours, s
        self._ahead: dict[str, int] = {}
        self._thread = ThreadPoolExecutor(1, "orders")
        self._open: dict[tuple[str, int], Order] = {
            (order.unit, order.n): order for order in ledger.open()
        }
        self._bodies: dict[tuple[str, int], bytes] = {}
        self._sent_parts: dict[tuple[str, int], tuple[int, int]] = {}
        self._repeats: dict[tuple[str, int], tuple[float, float]] = {}
        self._parts: set[asyncio.Task[None]] = set()
        self._subscribers: set[Callable[[Order], None]] = set()
        self._news = asyncio.Event()

    async def give(
        self,
        unit: str,
        verb: str,
        fields: dict[str, Any],
        *,
        by: str,
        role: str,
        reason: str,
        expires: float | None = None,
        body: bytes | None = None,
        note: dict[str, Any] | None = None,
        ip: str = "",
    ) -> Order:
        """Commit an order, which then goes out by itself; with the number it has.

        fields: as `tamer.record.orders.VERBS` has them, without size and sha256 where there is a
        `body`. note: for people. expires: Unix s; None: as
        `verbs.VERBS` says. Raises UserError for what no unit would take, and for a unit that
        has no key.
        """
        if body is not None:
            digest = hashlib.sha256(body).hexdigest()
            fields = {**fields, "size": len(body), "sha256": digest}
        if not reason.strip():
            raise UserError("an order needs a reason")
        if verb not in wire.VERBS:
            raise UserError(f"{verb} is no order")
        if own := sorted(_OF_EVERY_ORDER & fields.keys()):
            # another number, time or verb than the one that was allowed, and is signed
            raise UserError(f"{own[0]} of the order {verb} is not what a unit takes")
        if wrong := wire.wrong_field({**fields, "verb": verb}):
            raise UserError(f"{wrong} of the order {verb} is not what a unit takes")
        if await self._do(self._key_of, unit) is None:
            raise UserError(f"{unit} has no command key at this hub: it takes no orders")
        now = self._clock()
        until = int(now + VERBS[verb].waits if expires is None else expires)
        order = Order(unit, 0, now, until, by, role, reason, verb, fields, note or {}, "given")

        def audit(numbered: Order) -> None:
            told = {**numbered.fields, **numbered.note, "n": numbered.n, "verb": verb}
            self._audit(now, by, "order", unit, reason, told, ip)

        order = await self._do(self._ledger.add, order, body, audit, self._taken.get(unit, 0))
        self._keep(order)
        self._news.set()
        return order

    async def takers(self, units: Iterable[str]) -> set[str]:
        """Those of these units that have a key, without which none takes an order."""
        return {unit for unit in units if await self._do(self._key_of, unit) is not None}

    async def of(self, units: Iterable[str], most: int = 30) -> list[Order]:
        """The latest of these units, newest first."""
        return await self._do(self._ledger.latest, list(units), most)

    async def one(self, unit: str, n: int) -> Order | None:
        return await self._do(self._ledger.one, unit, n)

    async def noted(self, unit: str, verb: str, note: dict[str, Any]) -> Order | None:
        """The last of this verb that was given with such a note, whatever else is in it: whoever
        gives an order once asks before."""
        return await self._do(self._ledger.noted, unit, verb, note)

    async def withdraw(self, order: Order) -> Order:
        """It goes out no more, and no part of it, if the unit has not taken it; how it stands."""
        now = await self.one(order.unit, order.n)
        assert now
        if now.state in ("given", "sent"):
            await self._tell(now, "withdrawn", self._clock())
        return await self.one(order.unit, order.n) or now

    async def done(self, unit: str, verb: str) -> list[Order]:
        """What of this verb the unit has carried out, oldest first."""
        return await self._do(self._ledger.done, unit, verb)

    def subscribe(self, callback: Callable[[Order], None]) -> Callable[[], None]:
        """Called in the loop with each order that has changed; returns what ends that."""
        self._subscribers.add(callback)
        return lambda: self._subscribers.discard(callback)

    def on_stored(self, stored: Stored) -> None:
        """A unit told of an order, or has come: a subscriber of `Ingest`."""
        if stored.statuses or any(
            isinstance(record, Event) and record.kind == "order" for record in stored.fresh
        ):
            self._news.set()

    def on_want(self, message: Message) -> None:
        """A unit is ready for parts of an order: as many go as it takes at a time, so that its
        acknowledgements do not wait behind them."""
        unit = message.subject.split(".")[1]
        try:
            want = _want(message.body)
        except (RefusedError, ValueError, RecursionError):
            return
        task = asyncio.get_running_loop().create_task(self._send_parts(unit, *want))
        self._parts.add(task)
        task.add_done_callback(self._parts.discard)

    async def parts_sent(self) -> None:
        """Until all parts that units are ready for have gone."""
        while self._parts:
            await asyncio.wait(self._parts)

    async def run(self) -> None:
        """Send, repeat and close, until cancelled."""
        while True:
            self._news.clear()
            await self.turn()
            try:
                await asyncio.wait_for(self._news.wait(), _LOOK_SECONDS if self._open else 60)
            except TimeoutError:
                continue

    async def turn(self) -> None:
        """Do what is due now."""
        while await self._read():
            pass
        await self._move()

    def close(self) -> None:
        """Everything given is in the file; what is still open goes on with the next start."""
        self._thread.shutdown()
        self._ledger.close()

    async def _move(self) -> None:
        now = self._clock()
        # units that have not taken an order yet; those that are taking parts of one; those that
        # speak
        waiting: set[str] = set()
        loading: set[str] = set()
        speaking: set[str] = set()
        queue = sorted(self._open.values(), key=lambda one: (one.unit, one.n))
        for order in queue:
            unit, has_parts = order.unit, "size" in order.fields
            if order.state in ("taken", "begun", "sent") and now > order.until + GRACE_SECONDS:
                await self._tell(order, "unknown", now)
            elif order.state == "given" and now >= order.until:
                await self._tell(order, "expired", now)
            elif order.state in ("given", "sent") and now < order.until:
                held = (has_parts and unit in loading) or (
                    # what else is ordered does not wait for words to end
                    order.verb in SPEECH and unit in speaking and not _others(queue, order)
                )
                if unit not in waiting and not held:
                    await self._send(order, now)
                waiting.add(unit)
            if order.state in ("sent", "taken") and has_parts:
                loading.add(unit)
            if order.state in ("taken", "begun") and order.verb in SPEECH:
                speaking.add(unit)

    async def _send(self, order: Order, now: float) -> None:
        if not self._online(order.unit):
            return
        key = order.unit, order.n
        due, pause = self._repeats.get(key, (0.0, REPEAT_SECONDS))
        if now < due:
            return
        secret = await self._do(self._key_of, order.unit)
        if secret is None:
            await self._tell(order, "refused", now, "no key")
            return
        if order.state == "given":
            until = min(order.until, int(now) + LONGEST_AHEAD)
            order = await self._do(self._ledger.went, order, now, until)
            self._keep(order)
        self._repeats[key] = now + pause, 2 * pause
        await self._publish(
            f"cmd.{order.unit}.order", message_of(secret, order, self._ahead.get(order.unit, 0))
        )

    async def _send_parts(self, unit: str, n: int, part: int) -> None:
        order = self._open.get((unit, n))
        if order is None or "size" not in order.fields:
            return
        body = self._bodies.get((unit, n))
        if body is None:
            body = await self._do(self._ledger.body, order)
            if body is None:
                return
            self._bodies[unit, n] = body
        asked, sent = self._sent_parts.get((unit, n), (-1, 0))
        begin = part if part == asked else max(part, sent)
        end = min(part + wire.WINDOW, wire.parts_of(len(body)))
        self._sent_parts[unit, n] = part, max(begin, end)
        for index in range(begin, end):
            await self._publish(f"cmd.{unit}.part", wire.part(n, index, body))

    async def _tell(self, order: Order, state: str, at: float, why: str = "") -> None:
        self._keep(await self._do(self._ledger.told, order, state, at, why))

    def _keep(self, order: Order) -> None:
        key = order.unit, order.n
        if order.closed is None:
            self._open[key] = order
        else:
            self._open.pop(key, None)
            self._bodies.pop(key, None)
            self._sent_parts.pop(key, None)
            self._repeats.pop(key, None)
        for callback in list(self._subscribers):
            callback(order)

    async def _read(self) -> bool:
        """What units told of their orders since; whether there may be more."""
        changed, more = await self._do(self._take)
        for order in changed:
            self._keep(order)
        return more

    def _take(self) -> tuple[list[Order], bool]:
        """In the ledger's thread."""
        news = self._feed(self._ledger.watermark(), _AT_A_TIME)
        changed: list[Order] = []

        def apply() -> None:
            for one in news:
                if self._by_their_clocks:
                    self._note_clock(one)
                if one.kind == "order":
                    self._note_number(one)
                    order = self._ledger.one(one.unit, one.fields.get("n", 0))
                    if order and (became := self._became(order, one)):
                        changed.append(became)

        if news:
            self._ledger.take(apply, news[-1].id)
        return changed, len(news) == _AT_A_TIME

    def _note_number(self, told: News) -> None:
        """What a ledger that was brought back does not know: else this unit would refuse every
        order until the time has come up with its number."""
        last = told.fields.get("last")
        if told.fields.get("why") != "number" or not isinstance(last, int):
            return
        if wire.is_number(last) and last < _BELIEVED:
            self._taken[told.unit] = max(last, self._taken.get(told.unit, 0))

    def _note_clock(self, told: News) -> None:
        """A status says what time it is there; a clock may run faster than ours, too, and an
        event may come late."""
        if told.t is None or not is_dated(told.t):
            return
        ahead = told.t - round(told.received)
        if told.kind == "status":
            if told.fields.get("online"):
                self._ahead[told.unit] = ahead
        elif ahead > self._ahead.get(told.unit, ahead):
            self._ahead[told.unit] = ahead

    def _became(self, order: Order, event: News) -> Order | None:
        """None where the event says nothing new of the order."""
        result, why = event.fields["result"], event.fields.get("why", "")
        if result not in STATES or STATES.index(result) <= STATES.index(order.state):
            return None
        if why == "number" and event.fields.get("last") == order.n:
            return None  # a repeat of what it has taken
        detail = event.fields.get("detail", "")
        key = None if event.boot is None or event.seq is None else (event.boot, event.seq)
        return self._ledger.told(order, result, self._clock(), why, detail, key)

    async def _do(self, what: Callable[..., Result], *values: Any) -> Result:
        """In the one thread that touches the ledger."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, what, *values)


def _others(queue: list[Order], order: Order) -> bool:
    """Whether something else than words waits behind this order."""
    return any(
        one.unit == order.unit and one.n > order.n and one.verb not in SPEECH for one in queue
    )


def message_of(key: str, order: Order, ahead: int = 0) -> bytes:
    """The signed bytes of an order. ahead: s, of the unit's clock, by which it expires."""
    head = {"n": order.n, "until": order.until + ahead, "verb": order.verb}
    table = {**head, **order.fields, **head}
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    return wire.signed(key, order.unit, text)


def _want(body: bytes) -> tuple[int, int]:
    """(n, part). Raises RefusedError or ValueError for what is none."""
    fields = json.loads(body)
    if not isinstance(fields, dict):
        raise RefusedError("not a JSON object")
    check("want", fields)
    return fields["n"], fields["part"]
