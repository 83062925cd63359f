"""A TLS connection that costs some 30 kB and nothing while it is silent.

On bare sockets in asyncio's loop: its own TLS keeps a buffer of 256 KiB for each connection.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

_PIECE = 16_384


def trust(authority: Path) -> ssl.SSLContext:
    """As a box has it: the hub's own authority and none besides, TLS 1.2, which is what mbedTLS in
    MicroPython speaks. authority: DER. Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=authority.read_bytes())
    return context


class Connection:
    """One; tells by `on_open`, `on_bytes` and, once, `on_lost`, which gets the reason."""

    __slots__ = (
        *("_context", "_loop", "_name", "_on_bytes", "_on_lost", "_on_open"),
        *("_out", "_paused", "_socket", "_tls", "_waits"),
    )

    def __init__(
        self,
        address: tuple[str, int],
        source: str,
        context: ssl.SSLContext,
        name: str,
        on_open: Callable[[], None],
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[str], None],
    ) -> None:
        """source: the address to come from, "": any; name: in the certificate."""
        self._loop = asyncio.get_running_loop()
        self._context, self._name = context, name
        self._on_open, self._on_bytes, self._on_lost = on_open, on_bytes, on_lost
        self._out = b""
        self._paused = self._waits = False
        self._tls: ssl.SSLSocket | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if source:
                # the port is chosen with the whole pair in view: each address has all of them
                self._socket.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
                self._socket.bind((source, 0))
            self._socket.connect(address)
        except BlockingIOError:
            pass
        except OSError as error:
            self._loop.call_soon(self._lose, error.strerror or "no socket")
            return
        self._loop.add_writer(self._socket, self._connected)

    def write(self, data: bytes) -> None:
        """Send it, now or as soon as there is room."""
        waits = bool(self._out)
        self._out += data
        if self._tls is not None and not waits and not self._paused:
            self._flush()

    def pause(self) -> None:
        """Neither hear nor say anything until `go_on`, as behind a cut of which nobody is told."""
        end = self._tls or self._socket
        if not self._paused and end.fileno() >= 0:
            self._paused, self._waits = True, False
            self._loop.remove_reader(end)
            self._loop.remove_writer(end)

    def go_on(self) -> None:
        """The cut is over; what was on its way arrives now."""
        if not self._paused or (self._tls or self._socket).fileno() < 0:
            return
        self._paused = False
        if self._tls is None:
            self._loop.add_writer(self._socket, self._connected)
        elif self._tls.version() is None:
            self._shake_hands()
        else:
            self._loop.add_reader(self._tls, self._readable)
            self._flush()

    def close(self) -> None:
        """Vanish; `on_lost` is not called."""
        end = self._tls or self._socket
        if end.fileno() >= 0:
            self._loop.remove_reader(end)
            self._loop.remove_writer(end)
            # with an RST: no port waits for a minute
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            end.close()

    def _lose(self, why: str) -> None:
        if (self._tls or self._socket).fileno() >= 0:
            self.close()
            self._on_lost(why)

    def _connected(self) -> None:
        self._loop.remove_writer(self._socket)
        if code := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._lose(f"connect: {code}")
            return
        try:
            self._tls = self._context.wrap_socket(
                self._socket, server_hostname=self._name, do_handshake_on_connect=False
            )
        except OSError as error:
            self._lose(f"connect: {error.strerror}")
            return
        self._shake_hands()

    def _shake_hands(self) -> None:
        assert self._tls is not None
        self._loop.remove_writer(self._tls)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._loop.add_reader(self._tls, self._shake_hands)
        except ssl.SSLWantWriteError:
            self._loop.add_writer(self._tls, self._shake_hands)
        except OSError as error:
            self._lose(f"TLS: {getattr(error, 'reason', None) or error.strerror}")
        else:
            self._loop.add_reader(self._tls, self._readable)
            self._on_open()

    def _readable(self) -> None:
        assert self._tls is not None
        try:
            while data := self._tls.recv(_PIECE):
                self._on_bytes(data)
                if self._tls.fileno() < 0 or not self._tls.pending():
                    return
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            self._lose(f"broken: {error.strerror or error}")
            return
        self._lose("closed by the broker")

    def _flush(self) -> None:
        assert self._tls is not None
        if self._waits:
            self._waits = False
            self._loop.remove_writer(self._tls)
        try:
            while self._out:
                self._out = self._out[self._tls.send(self._out) :]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._waits = True
            self._loop.add_writer(self._tls, self._flush)
        except OSError as error:
            self._out = b""
            self._loop.call_soon(self._lose, f"broken: {error.strerror or error}")
