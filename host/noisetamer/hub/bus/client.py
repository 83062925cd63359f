"""The hub's own connection to its broker: reports come in as batches, commands go out.

In a city the broker is a cluster, and the stream of reports is in several parts: a unit's are in
the part that its name gives, so that whoever has a part has all that those units say.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from noisetamer.hub.bus.broker import HUB_USER
from noisetamer.hub.bus.fair_queue import FairQueue
from noisetamer.hub.bus.nats_client import (
    AckPolicy,
    Client,
    ConsumerConfig,
    DiscardPolicy,
    JetStreamContext,
    Msg,
    NatsError,
    NotFoundError,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
    SubjectTransform,
)
from noisetamer.hub.bus.pull import Pull

STREAM = "REPORTS"
CONSUMER = "hub"
MOST_WAITING_BYTES = 96 * 1024 * 1024
# A box has 16 on the way. All of one unit are less than the room there is, however long they are;
# longer than LARGEST_REPORT, no firmware has ever said anything.
MOST_WAITING_OF_A_UNIT = 8192
LARGEST_REPORT = 8 * 1024
SUBJECTS = ["dev.*.record", "dev.*.status"]
PARTS = "part"
LARGEST_BATCH = 256
# long enough that busy boxes share a commit, short enough that nobody notices
GATHER_SECONDS = 0.02
RETRY_SECONDS = 0.25
# As many as the stream has room for: taken from it, they wait in the hub, a unit in turn.
MOST_TAKEN = 1_000_000
# uncommitted for so long, a batch is delivered again
ACK_WAIT_SECONDS = 60
# How often a server of a cluster says that it is there.
HEARTBEAT_SECONDS = 1.0

_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Shared:
    """How the servers of a cluster keep the stream. replicas: on how many of them; parts: into how
    many it is split."""

    replicas: int
    parts: int


class Message(NamedTuple):
    """What a unit published. subject: dev.<unit>.<kind>."""

    subject: str
    body: bytes


class Batch:
    """Reports taken together; delivered again unless `done` is called."""

    def __init__(self, found: list[Msg]) -> None:
        self._found = found
        self.messages = [Message(_told(each.subject), each.data) for each in found]

    async def done(self) -> None:
        """The broker may forget them. When it is away it delivers them again: harmless."""
        try:
            for each in self._found:
                await each.ack()
        except NatsError as error:
            _log.debug("A batch could not be marked as taken (%s).", error)


class Bus:
    """Connects as the hub's user; reconnects by itself, for ever."""

    def __init__(self, gather: float = GATHER_SECONDS, shared: Shared | None = None) -> None:
        """gather: after the first report of a batch, how many s others may join it; shared: at a
        cluster."""
        self._gather = gather
        self._shared = shared
        self._client = Client()
        self._pulls: set[Pull] = set()

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._client.is_connected

    async def connect(self, port: int, secret: str) -> None:
        """Connect to the broker on this machine. Raises nats.errors.Error when it is not there."""
        await self._connect([f"nats://127.0.0.1:{port}"], secret)

    async def connect_to(self, servers: Sequence[str], secret: str, ca_pem: Path) -> None:
        """Connect to one of a cluster, "host:port" each, and to another when that one goes; the
        first time too, for ever. Raises OSError without the authority."""
        trusted = ssl.create_default_context(cafile=str(ca_pem))
        await self._connect(
            [f"tls://{server}" for server in servers],
            secret,
            tls=trusted,
            allow_reconnect=True,
            ping_interval=2,
            max_outstanding_pings=2,
        )

    async def _connect(self, servers: list[str], secret: str, **more: Any) -> None:
        await self._client.connect(
            servers,
            user=HUB_USER,
            password=secret,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,  # pyright: ignore[reportArgumentType] (it only sleeps on it)
            error_cb=_quiet,
            reconnected_cb=self._reconnected,
            **{"ping_interval": 10, **more},
        )

    async def publish(self, subject: str, body: bytes) -> None:
        """Send a message at most once: lost when the broker is away."""
        try:
            await self._client.publish(subject, body)
        except NatsError as error:
            _log.debug("%s not sent (%s).", subject, error)

    async def subscribe(self, subject: str, callback: Callable[[Message], None]) -> None:
        """Call back for each message on `subject` from now on, at most once."""

        async def arrived(message: Msg) -> None:
            callback(Message(message.subject, message.data))

        await self._client.subscribe(subject, cb=arrived)

    async def reports(self, part: int | None = None) -> AsyncGenerator[Batch, None]:
        """Batches of what units report, at least once each, for ever; of a part of them.

        A broker that is away is waited for. What it had not delivered is lost with it; the units
        still hold that, and send it again.
        """
        while True:
            try:
                consumer = await self._make_consumer(part)
                heartbeat = HEARTBEAT_SECONDS if self._shared else None
                pull = Pull(self._client, STREAM, consumer, LARGEST_BATCH, heartbeat)
                await pull.start()
                self._pulls.add(pull)
                try:
                    async with aclosing(self._fairly(pull)) as batches:
                        async for batch in batches:
                            yield batch
                finally:
                    self._pulls.discard(pull)
                    with suppress(NatsError):
                        await pull.stop()
            except (NatsError, TimeoutError) as error:
                # the broker is away or has just come back: begin again with its stream
                _log.debug("Waiting for the broker (%s).", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _fairly(self, pull: Pull) -> AsyncGenerator[Batch, None]:
        """All that waits is taken from the stream at once, and from there one of each unit in
        turn: no unit waits behind the backlog of another."""
        waiting: FairQueue[Msg] = FairQueue()
        arrived = asyncio.Event()

        async def fetch() -> None:
            while True:
                for message in await pull.batch(self._gather):
                    waiting.add(message.subject.split(".")[-2], message)
                    arrived.set()

        fetching = asyncio.ensure_future(fetch())
        fetching.add_done_callback(lambda _: arrived.set())
        try:
            while True:
                await arrived.wait()
                arrived.clear()
                while found := waiting.take(LARGEST_BATCH):
                    yield Batch(found)
                if fetching.done():
                    await fetching
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)

    async def stream(self) -> StreamInfo:
        """Of a cluster: which server leads, and who follows. Raises nats.errors.Error."""
        return await self._client.jetstream(timeout=5).stream_info(STREAM)

    async def close(self) -> None:
        """Disconnect; from then on nothing is sent or received."""
        if self._client.is_connected or self._client.is_reconnecting:
            await self._client.close()

    async def _reconnected(self) -> None:
        # a broker that was restarted has forgotten the stream
        for pull in self._pulls:
            pull.give_up()

    async def _make_consumer(self, part: int | None) -> str:
        """Create the stream of reports not yet taken and its consumer where they are missing.

        In memory: a disk that was full once leaves a stream on disk broken until the broker is
        restarted, and what is lost here the units still hold and send again.
        """
        stream = self._client.jetstream(timeout=5)
        if not await self._has_stream(stream):
            await stream.add_stream(self._stream())
        consumer = CONSUMER if part is None else f"{CONSUMER}-{part}"
        await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=consumer,
                filter_subject=None if part is None else f"{PARTS}.{part}.>",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT_SECONDS,
                max_ack_pending=MOST_TAKEN,
            ),
        )
        return consumer

    async def _has_stream(self, stream: JetStreamContext) -> bool:
        """Of a broker that stands alone: one that is asked for a stream reserves its memory before
        it looks whether it has it, and has not twice as much. It began with this hub, so that what
        it has is as `_stream` asks."""
        if self._shared:
            return False
        try:
            await stream.stream_info(STREAM)
        except NotFoundError:
            return False
        return True

    def _stream(self) -> StreamConfig:
        shared = self._shared
        return StreamConfig(
            name=STREAM,
            subjects=SUBJECTS,
            retention=RetentionPolicy.WORK_QUEUE,
            # What has no room is sent again by its unit; a unit that floods fills its own.
            discard=DiscardPolicy.NEW,
            discard_new_per_subject=True,
            max_msgs_per_subject=MOST_WAITING_OF_A_UNIT,
            max_msg_size=LARGEST_REPORT,
            storage=StorageType.MEMORY,
            max_bytes=MOST_WAITING_BYTES,
            num_replicas=shared.replicas if shared else None,
            subject_transform=_split(shared.parts) if shared else None,
        )


def _split(parts: int) -> SubjectTransform:
    """dev.X.record is kept as part.N.X.record, N from X alone."""
    kept = f"{PARTS}.{{{{partition({parts},1)}}}}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}"
    return SubjectTransform(src="dev.*.*", dest=kept)


def _told(subject: str) -> str:
    """As the unit said it."""
    return ".".join(("dev", *subject.split(".")[-2:]))


async def _quiet(error: Exception) -> None:
    # the supervisor already says when the broker is gone
    _log.debug("broker connection: %s", error)
