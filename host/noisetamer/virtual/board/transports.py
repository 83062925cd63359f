"""How a host reaches a port: pyserial's RFC 2217, our own faster framing, a bare socket, a pty."""

import asyncio
import contextlib
import errno
import os
import pty
import tty
from collections.abc import Callable
from typing import Any, Protocol

from serial.rfc2217 import IAC, IAC_DOUBLED, M_NORMAL, PortManager

from noisetamer.virtual.board.frames import BAUD, DATA, DONE, FRAME, LINES, OPENED
from noisetamer.virtual.board.port import Port
from noisetamer.virtual.board.uart import Transport

_OPENING_TRIES, _OPENING_PAUSE = 10, 0.02


class Openable(Protocol):
    """What a transport needs of the board it leads to."""

    def refusal(self) -> int:
        """Why the port cannot be opened now, as an errno; 0 if it can."""
        ...

    def opened(self, transport: Transport) -> Port:
        """The host has opened the port, and this is what it now drives."""
        ...

    def closed(self, transport: Transport) -> None:
        """The host has closed the port, or is gone."""
        ...


class Socket(asyncio.Protocol):
    """A bare TCP socket (socket://): bytes only, no DTR, RTS or baud rate."""

    def __init__(self, board: Openable):
        self._board = board
        self._port: Port | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: open the board's port, which may still be busy for a moment."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.pause_reading()
        self._open(_OPENING_TRIES)

    def _open(self, tries: int) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        refused = self._board.refusal()
        if refused == errno.EBUSY and tries:
            # The host may have closed it a moment ago.
            asyncio.get_running_loop().call_later(_OPENING_PAUSE, self._open, tries - 1)
            return
        if not refused:
            self._port = self._board.opened(self)
        self._answered(refused)
        if refused:
            transport.close()
        else:
            transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: close the port."""
        if self._port is not None:
            self._board.closed(self)
            self._port = None

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes from the host."""
        if self._port is not None:
            self._port.from_host(data)

    def to_host(self, data: bytes) -> None:
        """Bytes the chip sent."""
        self._send(data)

    def hang_up(self) -> None:
        """The board is gone from the bus."""
        self._port = None
        if self._transport is not None:
            self._transport.abort()

    def _answered(self, refused: int) -> None:
        """Report to the host whether it has the port, where the transport can."""

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


class Framed(Socket):
    """The board:// scheme: control frames are acknowledged in order with the data."""

    def __init__(self, board: Openable):
        super().__init__(board)
        self._buffer = bytearray()

    def _answered(self, refused: int) -> None:
        self._send(FRAME.pack(OPENED, 1) + bytes((refused,)))

    def to_host(self, data: bytes) -> None:
        """Bytes the chip sent."""
        self._send(FRAME.pack(DATA, len(data)) + data)

    def data_received(self, data: bytes) -> None:
        """asyncio: frames from the host, in pieces."""
        self._buffer += data
        while len(self._buffer) >= FRAME.size:
            kind, length = FRAME.unpack_from(self._buffer)
            if len(self._buffer) < FRAME.size + length:
                return
            body = bytes(self._buffer[FRAME.size : FRAME.size + length])
            del self._buffer[: FRAME.size + length]
            if self._port is not None:
                self._take(self._port, kind, body)

    def _take(self, port: Port, kind: bytes, body: bytes) -> None:
        if kind == DATA:
            port.from_host(body)
            return
        if kind == LINES:
            port.lines(bool(body[0] & 1), bool(body[0] & 2))
        elif kind == BAUD:
            port.uart.host_baud = int.from_bytes(body, "big")
        self._send(FRAME.pack(DONE, 0))


class Rfc2217(Socket):
    """RFC 2217 as pyserial speaks it."""

    def _answered(self, refused: int) -> None:
        if self._port is not None:
            settings: Any = _Settings(self._port)
            connection: Any = _Connection(self._send)
            self._manager = PortManager(settings, connection)

    def data_received(self, data: bytes) -> None:
        """asyncio: Telnet from the host."""
        if self._port is None:
            return
        manager = self._manager
        if IAC in data or manager.mode != M_NORMAL or manager.suboption is not None:
            data = b"".join(manager.filter(data))
        if data:
            self._port.from_host(data)

    def to_host(self, data: bytes) -> None:
        """Bytes the chip sent."""
        self._send(data.replace(IAC, IAC_DOUBLED))


class Pseudoterminal:
    """A pty for programs that want a device file: bytes only. POSIX only."""

    def __init__(self, board: Openable):
        self._loop = asyncio.get_running_loop()
        self._near, self._far = pty.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self.path = os.ttyname(self._far)
        self._to_host = bytearray()
        self._port = board.opened(self)
        self._loop.add_reader(self._near, self._read)

    def to_host(self, data: bytes) -> None:
        """Bytes the chip sent."""
        self._to_host += data
        self._flush()

    def hang_up(self) -> None:
        """The board is gone from the bus."""
        self._loop.remove_reader(self._near)
        self._loop.remove_writer(self._near)
        os.close(self._near)
        os.close(self._far)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._port.from_host(os.read(self._near, 65536))

    def _flush(self) -> None:
        try:
            sent = os.write(self._near, self._to_host)
        except BlockingIOError:
            sent = 0
        del self._to_host[:sent]
        if self._to_host:
            self._loop.add_writer(self._near, self._flush)
        else:
            self._loop.remove_writer(self._near)


class _Settings:
    """What pyserial's PortManager drives: the surface of a serial port."""

    bytesize, parity, stopbits = 8, "N", 1
    xonxoff = rtscts = break_condition = cts = dsr = ri = cd = False

    def __init__(self, port: Port):
        self._port = port
        self._dtr = self._rts = False

    @property
    def baudrate(self) -> int:
        return self._port.uart.host_baud or 115200

    @baudrate.setter
    def baudrate(self, baud: int) -> None:
        self._port.uart.host_baud = baud

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, on: bool) -> None:
        self._dtr = on
        self._port.lines(self._dtr, self._rts)

    @property
    def rts(self) -> bool:
        return self._rts

    @rts.setter
    def rts(self, on: bool) -> None:
        self._rts = on
        self._port.lines(self._dtr, self._rts)

    def reset_input_buffer(self) -> None:
        """Nothing is buffered here."""

    reset_output_buffer = reset_input_buffer


class _Connection:
    """The connection as PortManager sees it."""

    def __init__(self, write: Callable[[bytes], None]):
        self.write = write
