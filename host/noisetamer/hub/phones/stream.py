"""What one connection hears: what was kept for it, then what is new, and that the hub lives."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from noisetamer.hub.phones import ntfy
from noisetamer.hub.phones.listeners import Listener, Listeners
from noisetamer.hub.phones.postbox import Postbox
from noisetamer.hub.phones.reached import Reached

_AT_ONCE = 100


class Streams:
    """All of one hub."""

    def __init__(
        self, postbox: Postbox, listeners: Listeners, clock: Callable[[], float] = time.time
    ) -> None:
        """clock: Unix s. on_taken: told of a call, by its key, that a phone has it now."""
        self._postbox = postbox
        self._listeners = listeners
        self._clock = clock
        self._proving: set[asyncio.Task[None]] = set()
        self.on_taken: Callable[[str], None] = lambda call: None

    async def start(self, topics: tuple[str, ...], since: ntfy.Since) -> int:
        """After which message a stream begins."""
        box = self._postbox
        match since.kind:
            case "all":
                return 0
            case "time":
                return await asyncio.to_thread(box.since, topics, since.time)
            case "id":
                return await asyncio.to_thread(box.since_id, topics, since.id)
            case "latest":
                return await asyncio.to_thread(box.latest, topics)
        return await asyncio.to_thread(box.newest)

    async def poll(
        self, topics: tuple[str, ...], n: int, reached: Reached
    ) -> AsyncIterator[dict[str, Any]]:
        """What is there after message n, then the end."""
        while kept := await asyncio.to_thread(self._postbox.after, topics, n, _AT_ONCE):
            for each in kept:
                yield ntfy.message(each)
            self.prove([each.id for each in kept if not each.taken], reached)
            n = kept[-1].n

    async def follow(
        self, listener: Listener, n: int, reached: Reached
    ) -> AsyncIterator[dict[str, Any]]:
        """Without end: messages after n, and a keepalive while there are none.

        A message counts as taken when the next is asked for and its bytes have arrived.
        """
        name = ",".join(listener.topics)
        yield ntfy.control("open", name, self._clock())
        while not listener.ended:
            listener.look()
            kept = await asyncio.to_thread(self._postbox.after, listener.topics, n, _AT_ONCE)
            for each in kept:
                yield ntfy.message(each)
                n = each.n
                if not each.taken:
                    self.prove([each.id], reached)
            if not kept and not await listener.wait(ntfy.KEEPALIVE_SECONDS):
                yield ntfy.control("keepalive", name, self._clock())

    def prove(self, ids: list[str], reached: Reached) -> None:
        """These were written: when they have arrived, they are taken. Beside the stream: the next
        message does not wait for the last one's arrival.
        """
        if not ids:
            return

        async def prove() -> None:
            if await reached():
                calls = await asyncio.to_thread(self._postbox.took, ids, self._clock())
                for id in ids:
                    self._listeners.took(id)
                for call in calls:
                    self.on_taken(call)

        task = asyncio.create_task(prove())
        self._proving.add(task)
        task.add_done_callback(self._proving.discard)
