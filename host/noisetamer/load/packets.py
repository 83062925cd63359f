"""MQTT 3.1.1 as a box speaks it (OASIS MQTT 3.1.1, 3), without a connection. Pure.

By hand: the clients there are keep a queue, a thread or some tens of kB for each connection, and
here there are tens of thousands of them.
"""

import struct
from collections.abc import Iterator

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 0x20, 0x30, 0x40, 0x90, 0xD0
PINGREQ = b"\xc0\x00"

_CONNECT, _SUBSCRIBE = 0x10, 0x82
# user, password, retained last will of QoS 1, clean session
_FLAGS = 0b11101110
_MQTT_311 = b"\x00\x04MQTT\x04"
# Nothing longer has ever been said to a box.
_LONGEST = 1 << 16


def connect(session: str, user: str, secret: str, will: tuple[str, str], keepalive: int) -> bytes:
    """will: topic and payload; keepalive: s."""
    body = _MQTT_311 + bytes([_FLAGS]) + struct.pack(">H", keepalive)
    return _packet(_CONNECT, body + b"".join(map(_text, (session, *will, user, secret))))


def subscribe(number: int, topic: str) -> bytes:
    """At QoS 0."""
    return _packet(_SUBSCRIBE, struct.pack(">H", number) + _text(topic) + b"\x00")


def publish(topic: bytes, payload: bytes, number: int, retain: bool = False) -> bytes:
    """topic: with its length before it, as `topic_field` makes it. number: of QoS 1; 0: QoS 0."""
    head = PUBLISH | (2 if number else 0) | retain
    return _packet(head, topic + (struct.pack(">H", number) if number else b"") + payload)


def topic_field(topic: str) -> bytes:
    return _text(topic)


def packets(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """(kind, body) of each whole packet at the buffer's begin, from which it is taken.

    Raises ValueError for what is no packet.
    """
    at = 0
    try:
        while len(buffer) - at >= 2:
            size = shift = 0
            body = at + 1
            while True:
                if body == len(buffer):
                    return
                byte = buffer[body]
                body += 1
                size |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
                shift += 7
            if size > _LONGEST:
                raise ValueError(f"a packet of {size} bytes")
            if body + size > len(buffer):
                return
            kind = buffer[at] & 0xF0
            at = body + size
            yield kind, bytes(buffer[body:at])
    finally:
        del buffer[:at]


def message(body: bytes) -> tuple[str, bytes]:
    """(topic, payload) of a PUBLISH of QoS 0."""
    end = 2 + int.from_bytes(body[:2], "big")
    return body[2:end].decode(), body[end:]


def _packet(head: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return bytes([head]) + length + body


def _text(text: str) -> bytes:
    coded = text.encode()
    return struct.pack(">H", len(coded)) + coded
