"""A TCP proxy between a box and its broker, with the manners of a bad uplink.

What passes is TLS: a byte cannot be doubled, a whole connection can. Nothing moves but in `move`,
and what takes its time takes the box's own, virtual time.
"""

import selectors
import socket
import struct
from collections import deque
from collections.abc import Collection
from enum import Enum

_PIECE = 65_536
# Closed with this a socket sends RST: what it had not delivered is lost.
_RST = struct.pack("ii", 1, 0)

NEVER = float("inf")


class Manner(Enum):
    """What the proxy does with what comes."""

    PASS = "pass"
    DELAY = "delay"  # everything takes its time, both ways
    CUT = "cut"  # every connection ends with an RST after some bytes
    HALF_OPEN = "half-open"  # nothing passes, and nobody is told
    DOUBLE = "double"  # as CUT, but the broker's end stays, and gets what was sent later


class FlakyProxy:
    """One box's way to its broker: `port` here, `upstream` there."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._pairs: list[_Pair] = []
        self._abandoned: list[_Pair] = []
        self._manner = Manner.PASS
        self._delay = 0.0
        self._cut_after = 0

    def behave(self, manner: Manner, *, delay: float = 0.0, cut_after: int = 0) -> None:
        """From now on. delay: s, of DELAY and DOUBLE; cut_after: bytes, of CUT and DOUBLE."""
        self._manner, self._delay, self._cut_after = manner, delay, cut_after
        for pair in self._pairs:
            pair.passed = 0
        if manner is not Manner.DOUBLE:
            for pair in self._abandoned:
                pair.close(self._selector)
            self._abandoned.clear()

    def close(self) -> None:
        """End every connection."""
        for pair in [*self._pairs, *self._abandoned]:
            pair.close(self._selector)
        self._selector.close()
        self._listener.close()

    def move(self, now: float) -> bool:
        """Let pass what can pass at this time, s; whether anything did."""
        ready = {key.fd for key, _ in self._selector.select(0)}
        if not (ready or self._abandoned or self._holds()):
            return False
        accepted = self._listener.fileno() in ready
        if accepted:
            self._connect(self._listener.accept()[0])
        if self._manner is Manner.HALF_OPEN:
            return accepted
        return self._move(now, ready) or accepted

    def due(self, now: float) -> float:
        """When, later than now, what it holds back goes on; NEVER where it holds nothing back."""
        if self._manner is Manner.HALF_OPEN:
            return NEVER
        pairs = [*self._pairs, *self._abandoned]
        return min((due for pair in pairs for due in pair.due() if due > now), default=NEVER)

    def wait(self, seconds: float) -> None:
        """Until something may have come, for so long at most."""
        if self._manner is not Manner.HALF_OPEN:
            self._selector.select(seconds)

    def _holds(self) -> bool:
        return any(way.held for pair in self._pairs for way in pair.ways)

    def _connect(self, box: socket.socket) -> None:
        try:
            broker = socket.create_connection(("127.0.0.1", self._upstream), 5)
        except OSError:
            _reset(box)
            return
        for end in (box, broker):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(end, selectors.EVENT_READ)
        self._pairs.append(_Pair(box, broker))

    def _move(self, now: float, ready: Collection[int]) -> bool:
        """`ready`: the sockets from which something has come."""
        slow = self._manner in (Manner.DELAY, Manner.DOUBLE)
        due = now + (self._delay if slow else 0.0)
        moved = False
        for pair in [*self._abandoned]:
            if not pair.deliver(now):
                self._abandoned.remove(pair)
                pair.close(self._selector)
                moved = True
        for pair in [*self._pairs]:
            before = pair.passed, pair.gone_on
            alive = pair.move(now, due, ready)
            moved |= not alive or before != (pair.passed, pair.gone_on)
            over = pair.passed > self._cut_after
            if self._manner is Manner.DOUBLE and over and alive:
                self._pairs.remove(pair)
                self._abandoned.append(pair)
                pair.abandon(self._selector)
            elif not alive or (self._manner is Manner.CUT and over):
                self._pairs.remove(pair)
                pair.close(self._selector, reset=alive)
        return moved


class _Pair:
    """A connection from a box and its continuation to the broker, and its two ways. passed,
    gone_on: bytes in, and out."""

    def __init__(self, box: socket.socket, broker: socket.socket) -> None:
        self._box, self._broker = box, broker
        self.ways = (_Way(box, broker), _Way(broker, box))
        self.passed = 0

    @property
    def gone_on(self) -> int:
        return sum(way.gone_on for way in self.ways)

    def due(self) -> list[float]:
        """Of each piece that is held."""
        return [due for way in self.ways for due, _ in way.held]

    def move(self, now: float, due: float, ready: Collection[int]) -> bool:
        """Whether it is still alive; what came, of `ready` sockets, goes on when it is `due`."""
        alive = True
        for way in self.ways:
            taken = way.move(now, due, ready)
            alive &= taken is not None
            self.passed += taken or 0
        return alive

    def abandon(self, selector: selectors.BaseSelector) -> None:
        """The box's end is gone, the broker's is not told."""
        for end in (self._box, self._broker):
            selector.unregister(end)
        _reset(self._box)

    def deliver(self, now: float) -> bool:
        """Whether the broker's end is still alive; it gets what the box had sent."""
        try:
            if self._broker.recv(_PIECE) == b"":
                return False
        except BlockingIOError:
            pass
        except OSError:
            return False
        return self.ways[0].hand_over(now)

    def close(self, selector: selectors.BaseSelector, *, reset: bool = False) -> None:
        for end in (self._box, self._broker):
            if end.fileno() < 0:
                continue
            if end in {key.fileobj for key in selector.get_map().values()}:
                selector.unregister(end)
            if reset:
                _reset(end)
            else:
                end.close()


class _Way:
    """One direction. held: what goes on when it is due; gone_on: bytes."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self._source, self._sink = source, sink
        self._number = source.fileno()
        self.held: deque[tuple[float, bytes]] = deque()
        self.gone_on = 0
        self._ended = False

    def move(self, now: float, due: float, ready: Collection[int]) -> int | None:
        """How many bytes were taken in; None when it is over."""
        taken = 0
        if self._number in ready and not self._ended:
            try:
                piece = self._source.recv(_PIECE)
                taken = len(piece)
                self._ended = not piece
                if piece:
                    self.held.append((due, piece))
            except BlockingIOError:
                pass
            except OSError:
                return None
        if not self.hand_over(now):
            return None
        return None if self._ended and not self.held else taken

    def hand_over(self, now: float) -> bool:
        """What is due; whether the sink is still alive."""
        try:
            while self.held and self.held[0][0] <= now:
                due, piece = self.held[0]
                sent = self._sink.send(piece)
                self.gone_on += sent
                self.held.popleft()
                if sent < len(piece):
                    self.held.appendleft((due, piece[sent:]))
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


def _reset(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    end.close()
