"""Taking messages from a JetStream pull consumer, in batches as large as what is waiting.

By hand, on the documented subject, with one standing request at a time: nats-py's `fetch` can
leave a request of its own at the server, which then swallows the next message until it is
delivered again (https://github.com/nats-io/nats.py/issues/933, still so after its first repair:
https://github.com/nats-io/nats.py/issues/986), and it has no `consume` as other clients have
(https://github.com/nats-io/nats.py/pull/592).
"""

import asyncio
import json

from noisetamer.hub.bus.nats_client import Client, Msg, NatsError

EXPIRES_SECONDS = 5.0
# the server answers at the latest when the request expires
SILENCE_SECONDS = 2 * EXPIRES_SECONDS
_EXPIRED = {"404", "408"}
_HEARTBEAT = "100"


class ConsumerGoneError(NatsError):
    """The consumer, its stream or the broker is not there: begin again."""


class Pull:
    """Messages of one consumer. After `give_up` or ConsumerGoneError, make a new one."""

    def __init__(
        self,
        client: Client,
        stream: str,
        consumer: str,
        largest_batch: int,
        heartbeat: float | None = None,
    ) -> None:
        """heartbeat: how often, in s, a server that has nothing says so. A server of a cluster
        that dies takes a standing request along, and nobody says so."""
        self._client = client
        self._heartbeat = heartbeat
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = client.new_inbox()
        self._largest = largest_batch
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._expected = 0

    async def start(self) -> None:
        """Open the inbox. Raises nats.errors.Error."""
        self._subscription = await self._client.subscribe(self._inbox, cb=self._arrived.put)

    async def stop(self) -> None:
        """Close the inbox; a request still standing expires by itself."""
        await self._subscription.unsubscribe()

    def give_up(self) -> None:
        """Make a waiting `batch` raise ConsumerGoneError."""
        self._arrived.put_nowait(None)

    async def batch(self, gather: float) -> list[Msg]:
        """The next message and those that follow within `gather` s; none after a quiet while.

        Raises ConsumerGoneError.
        """
        if self._expected == 0:
            request = {"batch": self._largest, "expires": int(EXPIRES_SECONDS * 1e9)}
            if self._heartbeat:
                request["idle_heartbeat"] = int(self._heartbeat * 1e9)
            await self._client.publish(self._subject, json.dumps(request).encode(), self._inbox)
            self._expected = self._largest
        try:
            async with asyncio.timeout(
                3 * self._heartbeat if self._heartbeat else SILENCE_SECONDS
            ):
                found = [await self._arrived.get()]
        except TimeoutError:
            raise ConsumerGoneError from None
        await asyncio.sleep(gather)
        while not self._arrived.empty():
            found.append(self._arrived.get_nowait())
        return [message for message in map(self._open, found) if message]

    def _open(self, message: Msg | None) -> Msg | None:
        """The message, or None for the server's word that the request is over."""
        status = message.headers.get("Status") if message and message.headers else None
        if status == _HEARTBEAT:
            return None
        if message is None or status not in (None, *_EXPIRED):
            raise ConsumerGoneError
        if status is None:
            self._expected -= 1
            return message
        self._expected = 0
        return None
