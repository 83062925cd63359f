"""MQTT 3.1.1 over a made stream: what a unit needs of it, no more.

OASIS MQTT 3.1.1: CONNECT with a will, PUBLISH at QoS 0 and 1, SUBSCRIBE at QoS 0, PINGREQ.
An acknowledgement from the broker is read and forgotten: only the hub's own one counts. By hand,
for mqtt_as keeps a queue and a session of its own, where the journal is ours.
"""

import asyncio
import binascii
import hashlib
import struct
import time

from micropython import const

from tamer.tell.failures import Refused, Silent

_CONNECT = const(0x10)
_CONNACK = const(0x20)
_PUBLISH = const(0x30)
_SUBSCRIBE = const(0x82)
_SUBACK = const(0x90)
_PINGREQ = const(0xC0)
_DISCONNECT = const(0xE0)

_LONGEST = const(4096)
# What is read at once: an acknowledgement of the hub's, with the broker's before it.
_PIECE = const(192)


def client_id(secret):
    """The name of a session, which nobody knows who does not know the secret.

    Whoever connects under the name of another's session throws that one out, whoever he is
    himself (MQTT 3.1.1, 3.1.4-2).
    """
    return binascii.hexlify(hashlib.sha256(b"session of " + secret.encode()).digest())[:22]


class Client:
    def __init__(self, stream, keepalive):
        """`keepalive`: s after which the broker may take a silent client for dead."""
        self._stream = stream
        self._keepalive = keepalive
        self._packet = 0
        self._come = b""  # and not taken yet
        self._sending = asyncio.Lock()
        self._last_heard = time.ticks_ms()
        self._last_asked = self._last_heard  # when something went out that the broker answers
        self._sends_since = None  # ticks_ms, while bytes are on their way

    async def connect(self, client, user, password, will_topic, will):
        """Open the session, with a last will that the broker keeps.

        Raises Refused with the broker's code when it says no, OSError when the connection breaks.
        """
        body = struct.pack(">H4sBBH", 4, b"MQTT", 4, 0b11101110, self._keepalive)
        for text in (client, will_topic, will, user, password):
            body += _field(text)
        await self._send(_CONNECT, body)
        kind, answer = await self._receive()
        if kind != _CONNACK or len(answer) != 2:
            raise OSError("the broker did not answer CONNECT")
        if answer[1]:
            code = answer[1]
            raise Refused("the broker refused the connection, code %d" % code, code)

    async def subscribe(self, topic):
        """Ask for what is published on `topic` at QoS 0, and wait until it is granted.

        What is published meanwhile is not heard. Raises Refused, or OSError or EOFError when the
        connection breaks.
        """
        await self._send(_SUBSCRIBE, self._number() + _field(topic) + b"\0")
        while True:
            kind, body = await self._receive()
            if kind == _SUBACK:
                if body[2] & 0x80:
                    raise Refused("the broker refused the subscription", body[2])
                return

    async def publish(self, topic, payload, qos=1, retain=False):
        """Send `payload`, str or bytes, once; `retain`: the broker shows it to later subscribers.

        Returns when it is on its way. OSError when the connection breaks.
        """
        number = self._number() if qos else b""
        kind = _PUBLISH | qos << 1 | retain
        await self._send(kind, _field(topic) + number + _bytes(payload))

    async def ping(self):
        """Ask the broker whether it is there: it answers at once."""
        await self._send(_PINGREQ, b"")

    async def keep_alive(self):
        """Ping, but not where something else that the broker answers is on its way, or was within
        half a keepalive: each packet costs the radio. Called more often than that."""
        asked = time.ticks_diff(time.ticks_ms(), self._last_asked)
        if asked >= 500 * self._keepalive and not self._sending.locked():
            await self.ping()

    def check(self):
        """Raises Silent when the broker has said nothing, or taken nothing, for too long."""
        now = time.ticks_ms()
        if time.ticks_diff(now, self._last_heard) > 1500 * self._keepalive:
            raise Silent("nothing heard for %d s" % (1.5 * self._keepalive))
        since = self._sends_since
        if since is not None and time.ticks_diff(now, since) > 1000 * self._keepalive:
            raise Silent("nothing taken for %d s" % self._keepalive)

    async def received(self):
        """The next (topic, payload) that came, str and bytes.

        Raises OSError or EOFError when the connection breaks.
        """
        while True:
            kind, body = await self._receive()
            if kind & 0xF0 == _PUBLISH:
                end = 2 + (body[0] << 8 | body[1])
                topic = str(body[2:end], "utf-8")
                return topic, body[end + 2 if kind & 6 else end :]

    async def disconnect(self):
        """Say goodbye: the broker then keeps the last will to itself."""
        await self._send(_DISCONNECT, b"")

    def _number(self):
        self._packet = self._packet % 65535 + 1
        return struct.pack(">H", self._packet)

    async def _send(self, kind, body):
        head = bytearray((kind,))
        length = len(body)
        while True:
            head.append(length & 0x7F | (0x80 if length > 0x7F else 0))
            length >>= 7
            if not length:
                break
        async with self._sending:
            self._sends_since = time.ticks_ms()
            # At once: each write is a TLS record, and a segment that the next one waits for.
            self._stream.write(bytes(head) + body)
            await self._stream.drain()
            self._sends_since = None
        if kind & 0xF0 != _PUBLISH or kind & 6:
            self._last_asked = time.ticks_ms()

    async def _receive(self):
        while True:
            begin, end = _bounds(self._come)
            left = end - len(self._come)
            if left <= 0:
                break
            # All that is there: each wait costs a turn of the event loop.
            read = self._stream.readexactly if left > _PIECE else self._stream.read
            more = await read(max(_PIECE, left))
            if not more:
                raise EOFError
            self._come += more
        kind, body = self._come[0], self._come[begin:end]
        self._come = self._come[end:]
        self._last_heard = time.ticks_ms()
        return kind, body


def _bounds(come):
    """From where to where the body of the first packet goes; of one whose head is not whole yet,
    as much as it has at least. Raises OSError for one that is too long, or whose length is."""
    length = shift = 0
    for at in range(1, len(come)):
        if at > 4:  # MQTT 3.1.1, 2.2.3
            raise OSError("the broker sent a length without an end")
        length |= (come[at] & 0x7F) << shift
        if length > _LONGEST:
            raise OSError("the broker sent %d bytes at once" % length)
        if not come[at] & 0x80:
            return at + 1, at + 1 + length
        shift += 7
    return 0, max(2, len(come) + 1)


def _bytes(text):
    return text.encode() if isinstance(text, str) else text


def _field(text):
    text = _bytes(text)
    return struct.pack(">H", len(text)) + text
