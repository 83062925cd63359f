"""Reports in: read, check, commit, and only then acknowledge to the unit and tell subscribers."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Protocol, TypeVar

from noisetamer.hub.bus.client import Batch, Message
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.quota import Quotas, unit_of
from noisetamer.hub.store.refusals import Refusal
from noisetamer.hub.store.writer import Store, Stored, StoreError
from noisetamer.hub.wire import Now, RefusedError, Report, name_of, read_report

LIVE_SECONDS = "dev.*.now"
RETRY_SECONDS = 1.0
LONGEST_REASON = 200
# so long without a report, the store is written to for nothing but to see whether it can be
PROOF_SECONDS = 30.0

Subscriber = Callable[[Stored], None]
"""Told of each commit, after the units are. Returns at once: it runs in the event loop."""

T = TypeVar("T")

_log = logging.getLogger("noisetamer.hub")


class Reports(Protocol):
    """What brings them, as `Bus` does."""

    def reports(self) -> AsyncGenerator[Batch, None]: ...

    async def subscribe(self, subject: str, callback: Callable[[Message], None]) -> None: ...


class Ingest:
    """Takes every unit's reports from the bus, for ever.

    on_stored: the subscribers, told in this order; one that raises is logged, and neither the
    others nor the units notice. on_now: called for each live second, which is never stored.
    quotas: of the units. on_commit: told how long each commit took, s.
    committed: when the store was last written, Unix s; store: nobody else writes it.
    """

    def __init__(
        self,
        bus: Reports,
        commands: Commands,
        store: Store,
        on_stored: Sequence[Subscriber],
        on_now: Callable[[Now], None],
        quotas: Quotas | None = None,
        on_commit: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._bus = bus
        self._commands = commands
        self.store = store
        self._on_stored = on_stored
        self._on_now = on_now
        self._quotas = quotas or Quotas()
        self._on_commit = on_commit
        self._writer = ThreadPoolExecutor(1, "store")
        # {what was to be written: why it cannot be}
        self._failing: dict[str, str] = {}
        self._listens = False
        self.committed = time.time()
        self._complained: set[str] = set()

    @property
    def failing(self) -> str:
        """Why the store cannot be written; "" when it can."""
        return next(iter(self._failing.values()), "")

    async def run(self) -> None:
        """Take reports until cancelled."""
        if not self._listens:
            await self._bus.subscribe(LIVE_SECONDS, self._quotas.guarded(self._now))
            self._listens = True
        async with aclosing(self._bus.reports()) as batches:
            async for batch in batches:
                await self._take(batch)

    async def read_again(self) -> None:
        """Try once more, beside the reports that come, what an earlier hub could not read."""
        after, found = 0, 0
        while True:
            after, stored = await self.written(
                "again", lambda after=after: self.store.read_again(after)
            )
            found += len(stored.fresh)
            self._tell_subscribers(stored)
            if not after:
                break
        if found:
            _log.warning("%d records that an earlier hub could not read are stored now.", found)

    async def prove(self) -> None:
        """Commit something now and then, for ever: a store that nobody writes may have failed."""
        while True:
            await asyncio.sleep(PROOF_SECONDS)
            if time.time() - self.committed >= PROOF_SECONDS:
                await self._write("proof", lambda: self.store.prove(time.time()))

    def close(self) -> None:
        """Wait for the commit under way."""
        self._writer.shutdown()

    async def _take(self, batch: Batch) -> None:
        allowed = [
            message
            for message in batch.messages
            if self._quotas.report(unit_of(message.subject), len(message.body))
        ]
        stored = await self._commit([self._read(message) for message in allowed])
        await batch.done()
        # before the acknowledgement: until then the unit still has the record
        for refusal in stored.told:
            assert refusal.name is not None
            name = refusal.name
            await self._commands.refused(refusal.unit, name.boot, name.seq, refusal.reason)
        # one of each unit will do: it sends nothing after it
        held = {refusal.unit: refusal.name for refusal in stored.turned_away}
        for unit, name in held.items():
            assert name is not None
            await self._commands.full(unit, name.boot, name.seq)
        for ack in stored.acks:
            await self._commands.ack(ack.unit, ack.boot, ack.seq)
        self._tell_subscribers(stored)

    def _tell_subscribers(self, stored: Stored) -> None:
        for subscriber in self._on_stored:
            try:
                subscriber(stored)
            except Exception:
                _log.exception("A subscriber failed; what it was told of is stored.")

    def _read(self, message: Message) -> Report | Refusal:
        try:
            return read_report(message.subject, message.body)
        except RefusedError as error:
            # It may quote whatever came, and the unit has to hear it in a message it can take.
            reason = str(error)[:LONGEST_REASON]
            if message.subject not in self._complained:
                self._complained.add(message.subject)
                _log.warning(
                    "%s: a report was set aside (%s); later ones are set aside silently.",
                    message.subject,
                    reason,
                )
            name = name_of(message.subject, message.body)
            return Refusal(message.subject, reason, message.body, name)

    async def _commit(self, reports: Sequence[Report | Refusal]) -> Stored:
        """Commit the batch, however long it takes. No unit is acknowledged until it succeeds."""
        wanted = [report for report in reports if not isinstance(report, Now)]
        return await self.written("reports", lambda: self.store.append(time.time(), wanted))

    async def written(self, what: str, write: Callable[[], T]) -> T:
        """What `write` returns, called in the one thread that writes the store.

        One that raises StoreError is called again until it does not; that is said once.
        """
        while True:
            written = await self._write(what, write)
            if written is not None:
                return written
            await asyncio.sleep(RETRY_SECONDS)

    async def _write(self, what: str, write: Callable[[], T]) -> T | None:
        """Of a `write` that raises StoreError; then None, and it is said once."""
        loop, began = asyncio.get_running_loop(), time.monotonic()
        try:
            written = await loop.run_in_executor(self._writer, write)
        except StoreError as error:
            if str(error) not in self._failing.values():
                _log.error("%s", error)
            self._failing[what] = str(error)
            return None
        self.committed = time.time()
        self._on_commit(time.monotonic() - began)
        if self._failing.pop(what, None) and not self._failing:
            _log.warning("The store %s can be written again.", self.store.file)
        return written

    def _now(self, message: Message) -> None:
        try:
            report = read_report(message.subject, message.body)
        except RefusedError as error:
            _log.debug("%s: %s", message.subject, error)
            return
        assert isinstance(report, Now)
        self._on_now(report)
