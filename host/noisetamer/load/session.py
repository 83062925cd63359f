"""One box of a load on its way to the hub and back: what `tamer.tell.link` does, with its times.

Times are of `firmware/tamer/tell/link.py`, `mqtt.py` and `backoff.py`; the form of what is said is
the firmware's own.
"""

import asyncio
import hashlib
import json
import random
import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from noisetamer.load import packets
from noisetamer.load.box import BOOT, Box, Told
from noisetamer.load.connection import Connection
from noisetamer.load.latency import Latencies
from tamer.record import messages
from tamer.record.seal import Seal
from tamer.tell.backoff import Backoff

KEEPALIVE = 30  # s
IN_FLIGHT = 16
PATIENCE = 15.0  # s without an acknowledgement after which records are sent again; then twice that
HUB_SILENT = 75.0  # s without one after which the link is given up
LOOK = 5.0  # s between two looks at either
ANSWER = 30.0  # s for the hub to take a connection, and again for the broker to let us in
FRESH, ASK_AGAIN = 4.0, 30.0  # s
_PINGS_EACH = KEEPALIVE / 2 / LOOK  # looks
_FIRMWARE = "load"


@dataclass(frozen=True)
class Login:
    """All that a box has been given. source: the address it comes from, "": any."""

    told: Told
    secret: str
    command: str
    chain: str
    host: str
    port: int
    source: str


@dataclass
class Counts:
    """Of a process's boxes since the last look. waits: from a record's being made to its
    acknowledgement; handshakes: from asking for a connection to being let in; outlasted: records
    that were sent again because the patience of their box had ended; late: s by which the process
    itself was behind at most: then it tells of its own machine, and not of the hub."""

    acknowledged: int = 0
    sent: int = 0
    resent: int = 0
    outlasted: int = 0
    connected: int = 0
    forged: int = 0
    late: float = 0.0
    lost: Counter[str] = field(default_factory=Counter)
    waits: Latencies = field(default_factory=Latencies)
    handshakes: Latencies = field(default_factory=Latencies)

    def join(self, other: "Counts") -> None:
        for name in ("acknowledged", "sent", "resent", "outlasted", "connected", "forged"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.late = max(self.late, other.late)
        self.lost.update(other.lost)
        self.waits.join(other.waits)
        self.handshakes.join(other.handshakes)


class Session:
    """A box and its link. `counts` is of its process, and exchanged there at each look."""

    __slots__ = (
        *("box", "up", "_login", "_context", "_counts", "_chance", "_loop", "_seal", "_backoff"),
        *("_connection", "_buffer", "_topic", "_number", "_began", "_stands_since", "_stood"),
        *("_sent_at", "_heard_at", "_last_heard", "_patience", "_asked_at", "_looks", "_timer"),
        "_cut_off",
    )

    def __init__(
        self,
        login: Login,
        context: ssl.SSLContext,
        counts: Callable[[], Counts],
        chance: random.Random,
    ) -> None:
        self.box = Box(login.told, login.chain)
        self.up = False
        self._login, self._context, self._counts, self._chance = login, context, counts, chance
        self._loop = asyncio.get_running_loop()
        self._seal = Seal(login.command)
        self._backoff = Backoff(chance.randrange)
        self._connection: Connection | None = None
        self._buffer = bytearray()
        self._topic = packets.topic_field(messages.RECORD % login.told.unit)
        self._number = 0
        self._began = self._stands_since = self._stood = 0.0
        self._sent_at = self._heard_at = self._last_heard = self._asked_at = 0.0
        self._patience = PATIENCE
        self._looks = 0
        self._timer: asyncio.TimerHandle | None = None
        self._cut_off = False

    def start(self, within: float) -> None:
        """Come some time within so many s."""
        self._timer = self._loop.call_later(within * self._chance.random(), self._connect)

    def wake(self) -> None:
        """A record has been made."""
        if self.up:
            self._send()

    def cut(self) -> None:
        """The connection breaks."""
        if self._connection:
            self._broken("cut")

    def cut_off(self, is_off: bool) -> None:
        """From now on nothing passes, and nobody is told; or everything passes again."""
        self._cut_off = is_off
        if self._connection:
            (self._connection.pause if is_off else self._connection.go_on)()

    def stop(self) -> None:
        """Vanish for good."""
        self.up = False
        if self._timer:
            self._timer.cancel()
        if self._connection:
            self._connection.close()

    def _connect(self) -> None:
        login = self._login
        self._began = time.monotonic()
        self._buffer.clear()
        self._connection = Connection(
            (login.host, login.port),
            login.source,
            self._context,
            login.host,
            self._opened,
            self._heard,
            self._broken,
        )
        if self._cut_off:
            self._connection.pause()
        self._after(ANSWER, self._broken, "timed out")

    def _opened(self) -> None:
        login, unit = self._login, self._login.told.unit
        session = hashlib.sha256(b"session of " + login.secret.encode()).hexdigest()[:22]
        will = messages.STATUS % unit, messages.encode(messages.status(False))
        self._say(packets.connect(session, unit, login.secret, will, KEEPALIVE))
        self._after(ANSWER, self._broken, "broker silent")

    def _let_in(self) -> None:
        now = time.monotonic()
        counts = self._counts()
        counts.connected += 1
        counts.handshakes.add(now - self._began)
        self.up = True
        self._stands_since = self._last_heard = now
        self._stood = 0.0
        self._looks = 0
        self._patience = PATIENCE
        counts.resent += self.box.send_again()
        self._tell_status()
        self._send()
        self._after(LOOK, self._look)

    def _tell_status(self) -> None:
        self._asked_at = time.monotonic()
        status = messages.status(True, BOOT, _FIRMWARE, int(time.time()), 0, 0)
        topic = packets.topic_field(messages.STATUS % self._login.told.unit)
        self._say(packets.publish(topic, messages.encode(status).encode(), self._next(), True))

    def _send(self) -> None:
        box, now = self.box, time.monotonic()
        while box.in_flight < IN_FLIGHT:
            first = not box.in_flight
            message = box.next_message()
            if message is None:
                return
            if first:
                self._sent_at = now
                if self._patience == PATIENCE:
                    self._heard_at = now
            self._counts().sent += 1
            self._say(packets.publish(self._topic, message, self._next()))

    def _look(self) -> None:
        """What the box looks at every five seconds."""
        now, box = time.monotonic(), self.box
        if now - self._last_heard > 1.5 * KEEPALIVE:
            return self._broken("nothing heard")
        if box.in_flight and now - self._heard_at > HUB_SILENT:
            return self._broken("hub silent")
        if box.in_flight and now - self._sent_at > self._patience:
            self._patience *= 2
            again = box.send_again()
            self._counts().resent += again
            self._counts().outlasted += again
            self._send()
        self._looks += 1
        if self._looks % _PINGS_EACH == 0:
            self._say(packets.PINGREQ)
        self._after(LOOK, self._look)
        return None

    def _heard(self, data: bytes) -> None:
        self._buffer += data
        self._last_heard = time.monotonic()
        try:
            for kind, body in packets.packets(self._buffer):
                self._take(kind, body)
                if self._connection is None:
                    return
        except (ValueError, KeyError, TypeError, IndexError):
            self._broken("no sense")

    def _take(self, kind: int, body: bytes) -> None:
        unit = self._login.told.unit
        if kind == packets.PUBLISH:
            topic, payload = packets.message(body)
            verb = topic.split("/")[2]
            if verb == "ack":
                self._acknowledged(payload)
            elif verb == "time" and time.monotonic() - self._asked_at > ASK_AGAIN:
                self._tell_status()
        elif kind == packets.CONNACK:
            if body[1]:
                self._backoff.hopeless()
                self._broken(f"refused, code {body[1]}")
            else:
                self._say(packets.subscribe(self._next(), messages.COMMANDS_OF % unit))
        elif kind == packets.SUBACK:
            if body[2] & 0x80:
                self._broken("subscription refused")
            else:
                self._let_in()

    def _acknowledged(self, payload: bytes) -> None:
        proved = self._seal.proved("ack", self._login.told.unit, payload)
        if proved is None:
            self._counts().forged += 1
            return
        told = json.loads(proved)
        made_at = self.box.acknowledge(told["b"], told["s"])
        if not made_at:
            return
        now, counts = time.monotonic(), self._counts()
        counts.acknowledged += len(made_at)
        for at in made_at:
            counts.waits.add(now - at)
        self._heard_at = self._sent_at = now
        self._stood = now - self._stands_since
        self._patience = PATIENCE
        self._send()

    def _broken(self, why: str) -> None:
        if self._connection is None:
            return
        self._connection.close()
        self._connection = None
        self.up = False
        self._counts().lost[why] += 1
        self._backoff.stood(int(1000 * self._stood))
        self._stood = 0.0
        self._after(self._backoff.pause() / 1000, self._connect)

    def _say(self, packet: bytes) -> None:
        if self._connection:
            self._connection.write(packet)

    def _next(self) -> int:
        self._number = self._number % 65535 + 1
        return self._number

    def _after(self, seconds: float, what: Callable[..., None], *told: str) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, what, *told)
