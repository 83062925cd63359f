"""A unit's side of the wire: a small MQTT 3.1.1 client over TLS, as a box uses it."""

import socket
import ssl
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from waiting import DEADLINE

CONNACK, PUBLISH, PUBACK, SUBACK = 0x20, 0x30, 0x40, 0x90


class RefusedError(Exception):
    """The broker refused the connection. The message is its return code."""


class MqttClient:
    """One connection. to: what `connection_for` returned for the unit; session: the client
    identifier, if it is another than the user's name.
    """

    def __init__(
        self,
        to: Mapping[str, Any],
        *,
        user: str | None = None,
        secret: str | None = None,
        session: str | None = None,
        will: tuple[str, bytes] | None = None,
        seconds: float = DEADLINE,
    ) -> None:
        ca = Path(to["ca_der_path"]).read_bytes()
        context = ssl.create_default_context(cadata=ca)
        plain = socket.create_connection((to["host"], to["port"]), seconds)
        self._socket = context.wrap_socket(plain, server_hostname=to["host"])
        self._next_id = 0
        name: str = to["unit"] if user is None else user
        password: str = to["secret"] if secret is None else secret
        flags = 0xC2 | (0x2C if will else 0)  # user, password, clean; will QoS 1, retained
        body = _text("MQTT") + bytes([4, flags, 0, 60]) + _text(session or name)
        if will:
            body += _text(will[0]) + _bytes(will[1])
        self._send(0x10, body + _text(name) + _text(password))
        kind, answer = self._packet()
        assert kind == CONNACK
        if answer[1]:
            raise RefusedError(str(answer[1]))

    def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> int:
        """Send without waiting for the PUBACK; the packet's number."""
        self._next_id = self._next_id % 65535 + 1
        head = PUBLISH | qos << 1 | retain
        number = struct.pack(">H", self._next_id) if qos else b""
        self._send(head, _text(topic) + number + payload)
        return self._next_id

    def subscribe(self, topic: str, qos: int = 0) -> int:
        """The SUBACK's return code: 0 or 1 granted, 0x80 refused."""
        self._next_id += 1
        self._send(0x82, struct.pack(">H", self._next_id) + _text(topic) + bytes([qos]))
        while True:
            kind, body = self._packet()
            if kind == SUBACK:
                return body[2]

    def receive(self) -> tuple[str, bytes]:
        """The next message, PUBACKs left out. TimeoutError after the time given at the start."""
        while True:
            kind, body = self._packet()
            if kind == PUBLISH:
                length = struct.unpack(">H", body[:2])[0]
                return body[2 : 2 + length].decode(), body[2 + length :]

    def wait_puback(self) -> None:
        while self._packet()[0] != PUBACK:
            pass

    def break_off(self) -> None:
        """Vanish without DISCONNECT, as a box without power does."""
        self._socket.close()

    def close(self) -> None:
        self._send(0xE0, b"")
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _send(self, head: int, body: bytes) -> None:
        length, size = b"", len(body)
        while True:
            size, low = divmod(size, 128)
            length += bytes([low | (0x80 if size else 0)])
            if not size:
                break
        self._socket.sendall(bytes([head]) + length + body)

    def _packet(self) -> tuple[int, bytes]:
        """(kind without the flags of PUBLISH, body)"""
        head = self._exactly(1)[0]
        size = shift = 0
        while True:
            byte = self._exactly(1)[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        return head & 0xF0, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = self._socket.recv(size - len(found))
            if not more:
                raise ConnectionError("the broker closed the connection")
            found += more
        return found


def _text(text: str) -> bytes:
    return _bytes(text.encode())


def _bytes(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content
