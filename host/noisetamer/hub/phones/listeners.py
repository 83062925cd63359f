"""Who listens to which topic right now, and what they have taken."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

MOST = 5_000
MOST_OF_A_TOPIC = 20
"""One person's phones and tablets; more, and the oldest goes: it broke without a word."""


class Listener:
    """One connection. It holds no messages: woken, it reads on from where it was, so a slow one
    costs nothing but its own delay.
    """

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = tuple(dict.fromkeys(topics))
        self._news = asyncio.Event()
        self.ended = False

    def wake(self) -> None:
        self._news.set()

    def end(self) -> None:
        """Its stream ends."""
        self.ended = True
        self._news.set()

    def look(self) -> None:
        """From now on, what is new wakes it: call it before reading."""
        self._news.clear()

    async def wait(self, seconds: float) -> bool:
        """False when nothing was new for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True


class Listeners:
    """All connections of one hub; in its event loop only.

    relay: tells the city's other hubs, which hand it to `told` there: ("wake", topic),
    ("took", id of a message).
    """

    def __init__(self) -> None:
        self._all: set[Listener] = set()
        # in the order they came
        self._of: dict[str, dict[Listener, None]] = {}
        self._taken: dict[str, asyncio.Event] = {}
        self.closed = False
        self.relay: Callable[[str, str], None] = lambda what, name: None

    def __len__(self) -> int:
        return len(self._all)

    def listening(self, topic: str) -> int:
        """How many connections would hear it."""
        return len(self._of.get(topic, ()))

    def enter(self, topics: Sequence[str]) -> Listener | None:
        """None where there are too many already, or the hub ends."""
        listener = Listener(topics)
        if len(self._all) >= MOST or self.closed:
            return None
        self._all.add(listener)
        for topic in listener.topics:
            of = self._of.setdefault(topic, {})
            of[listener] = None
            living = [one for one in of if not one.ended]
            for oldest in living[: max(0, len(living) - MOST_OF_A_TOPIC)]:
                oldest.end()
        return listener

    def leave(self, listener: Listener) -> None:
        self._all.discard(listener)
        for topic in listener.topics:
            self._of[topic].pop(listener, None)
            if not self._of[topic]:
                del self._of[topic]

    def wake(self, topic: str) -> None:
        """There is a new message of this topic."""
        self._wake(topic)
        self.relay("wake", topic)

    def _wake(self, topic: str) -> None:
        for listener in self._of.get(topic, {}):
            listener.wake()

    def wake_all(self, prefix: str) -> None:
        """Something has changed for all whose topic begins so."""
        for topic, listeners in self._of.items():
            if topic.startswith(prefix):
                for listener in listeners:
                    listener.wake()

    def took(self, id: str) -> None:
        """A phone has this message."""
        self._took(id)
        self.relay("took", id)

    def told(self, what: str, name: str) -> None:
        """By another hub."""
        if what == "wake":
            self._wake(name)
        elif what == "took":
            self._took(name)

    def _took(self, id: str) -> None:
        if waiting := self._taken.get(id):
            waiting.set()

    @contextmanager
    def watching(self, id: str) -> Iterator[asyncio.Event]:
        """Set as soon as a phone takes this message."""
        event = self._taken.setdefault(id, asyncio.Event())
        try:
            yield event
        finally:
            self._taken.pop(id, None)

    def close(self) -> None:
        """Every stream ends: the hub does."""
        self.closed = True
        for listener in self._all:
            listener.end()
