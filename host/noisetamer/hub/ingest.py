"""From the broker to the store: read, check, commit, and only then acknowledge to the unit."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from noisetamer.hub.bus.broker import HUB_USER
from noisetamer.hub.bus.pull import Pull
from noisetamer.hub.store.writer import Ack, Refusal, Store, Stored, StoreError
from noisetamer.hub.wire import Now, RefusedError, Report, Status, read_report

STREAM = "REPORTS"
CONSUMER = "hub"
MOST_WAITING_BYTES = 32 * 1024 * 1024
SUBJECTS = ["dev.*.record", "dev.*.status"]
LARGEST_BATCH = 256
# after the first message of a batch, how long others may join its commit
GATHER_SECONDS = 0.02
RETRY_SECONDS = 1.0

_log = logging.getLogger("noisetamer.hub")


class Ingest:
    """Takes every unit's reports from the broker, for ever.

    on_stored: called after each commit with what was new and the statuses seen.
    on_now: called for each live second.
    """

    def __init__(
        self,
        store: Store,
        on_stored: Callable[[Stored, list[Status]], None],
        on_now: Callable[[Now], None],
    ) -> None:
        self._store = store
        self._on_stored = on_stored
        self._on_now = on_now
        self._client = Client()
        self._writer = ThreadPoolExecutor(1, "store")
        self._failing = ""
        self._complained: set[str] = set()
        self._pull: Pull | None = None

    async def connect(self, port: int, secret: str) -> None:
        """Connect to the broker on this machine; after that the client reconnects by itself."""
        await self._client.connect(
            f"nats://127.0.0.1:{port}",
            user=HUB_USER,
            password=secret,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,  # pyright: ignore[reportArgumentType] (it only sleeps on it)
            ping_interval=10,
            error_cb=_quiet,
            reconnected_cb=self._reconnected,
        )
        await self._client.subscribe("dev.*.now", cb=self._now)

    async def run(self) -> None:
        """Take reports until cancelled."""
        while True:
            try:
                await self._take_all()
            except (NatsError, TimeoutError) as error:
                # the broker is away or has just come back: begin again with its stream
                _log.debug("Waiting for the broker (%s).", error)
                await asyncio.sleep(RETRY_SECONDS / 4)

    async def command(self, unit: str, verb: str, fields: dict[str, int]) -> None:
        """Send cmd/<unit>/<verb>. Lost when the broker is away: every command is repeated."""
        try:
            await self._client.publish(f"cmd.{unit}.{verb}", json.dumps(fields).encode())
        except NatsError as error:
            _log.debug("cmd.%s.%s not sent (%s).", unit, verb, error)

    async def close(self) -> None:
        if self._client.is_connected or self._client.is_reconnecting:
            await self._client.close()
        self._writer.shutdown()

    async def _take_all(self) -> None:
        await self._make_consumer()
        self._pull = Pull(self._client, STREAM, CONSUMER, LARGEST_BATCH)
        await self._pull.start()
        try:
            while True:
                await self._take(await self._pull.batch(GATHER_SECONDS))
        finally:
            with suppress(NatsError):
                await self._pull.stop()

    async def _reconnected(self) -> None:
        # a broker that was restarted has forgotten the stream
        if self._pull:
            self._pull.give_up()

    async def _make_consumer(self) -> None:
        """The stream of reports not yet taken, made anew where they are missing.

        In memory: a disk that was full once leaves a stream on disk broken until the broker is
        restarted, and what is lost here the units still hold and send again.
        """
        stream = self._client.jetstream(timeout=5)
        await stream.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=SUBJECTS,
                retention=RetentionPolicy.WORK_QUEUE,
                discard=DiscardPolicy.OLD,
                storage=StorageType.MEMORY,
                max_bytes=MOST_WAITING_BYTES,
            )
        )
        await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=CONSUMER,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=30,
                max_ack_pending=4 * LARGEST_BATCH,
            ),
        )

    async def _take(self, messages: list[Msg]) -> None:
        reports = [self._report(message) for message in messages]
        if not reports:
            return
        stored = await self._commit(reports)
        for message in messages:
            await message.ack()
        for ack in stored.acks:
            await self._acknowledge(ack)
        self._on_stored(stored, [report for report in reports if isinstance(report, Status)])

    def _report(self, message: Msg) -> Report | Refusal:
        try:
            return read_report(message.subject, message.data)
        except RefusedError as error:
            if message.subject not in self._complained:
                self._complained.add(message.subject)
                _log.warning(
                    "%s: a report was set aside (%s); later ones are set aside silently.",
                    message.subject,
                    error,
                )
            return Refusal(message.subject, str(error), message.data)

    async def _commit(self, reports: Sequence[Report | Refusal]) -> Stored:
        """Commit the batch, however long it takes. Meanwhile no unit hears of it."""
        wanted = [report for report in reports if not isinstance(report, Now)]
        loop = asyncio.get_running_loop()
        while True:
            try:
                stored = await loop.run_in_executor(
                    self._writer, self._store.append, time.time(), wanted
                )
            except StoreError as error:
                if str(error) != self._failing:
                    self._failing = str(error)
                    _log.error("%s", error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                if self._failing:
                    self._failing = ""
                    _log.warning("The store %s can be written again.", self._store.file)
                return stored

    async def _acknowledge(self, ack: Ack) -> None:
        await self.command(ack.unit, "ack", {"b": ack.boot, "s": ack.seq})

    async def _now(self, message: Msg) -> None:
        try:
            report = read_report(message.subject, message.data)
        except RefusedError as error:
            _log.debug("%s: %s", message.subject, error)
            return
        assert isinstance(report, Now)
        self._on_now(report)


async def _quiet(error: Exception) -> None:
    # the supervisor already says when the broker is gone
    _log.debug("broker connection: %s", error)
