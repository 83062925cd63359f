"""pyserial's handler of board:// : a serial port whose other end is a virtual board.

pyserial wants this module's name and its class Serial (serial.protocol_handler_packages).
"""

import errno
import os
import select
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from serial.serialutil import PortNotOpenError, SerialBase, SerialException

from noisetamer.virtual.board.frames import BAUD, DATA, DONE, FRAME, LINES, OPENED

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# How long `in_waiting` gives the board to answer, s. mpremote looks, and sleeps so long when it
# finds nothing; here it is woken by the answer.
_PATIENCE = 0.01

# MicroPython's raw paste: the host may go on writing. Till it has, nothing more will come.
_GO_ON = b"\x01"

_CONNECT_TIMEOUT = 5


class Serial(SerialBase):
    """A port opened at board://HOST:PORT; DTR, RTS and baud rate are the board's to see."""

    # What SerialBase keeps for its handlers.
    _timeout: float | None
    _baudrate: int
    _dtr_state: bool
    _rts_state: bool

    def open(self) -> None:
        """Raises SerialException, with the errno a device file would have given."""
        if self.is_open:
            raise SerialException("Port is already open.")
        at = urlsplit(str(self.portstr))
        try:
            self._socket = socket.create_connection((at.hostname, at.port), _CONNECT_TIMEOUT)
        except OSError as wrong:
            raise self._cannot_open(errno.ENOENT) from wrong
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(None)
        self._received = bytearray()
        self._framed = bytearray()
        self._done = 0
        self._read = b""  # what was read last, if nothing has been written since
        self._refused = -1
        # esptool sets both lines at once by an ioctl, unless the name is that of a remote port.
        self.name = f"rfc2217:{self.portstr}"
        self.is_open = True
        while self._refused < 0:
            self._receive(None)
        if self._refused:
            self.close()
            raise self._cannot_open(self._refused)
        self._baud = 0
        self._lines = -1
        self._reconfigure_port()
        self._update_lines()

    def close(self) -> None:
        """Let go of the port."""
        if self.is_open:
            self.is_open = False
            self._socket.close()

    @property
    def in_waiting(self) -> int:
        """How many bytes `read` would give at once."""
        self._must_be_open()
        if not self._received:
            self._receive(0 if self._read == _GO_ON else _PATIENCE)
        return len(self._received)

    def read(self, size: int = 1) -> bytes:
        """At most `size` bytes, within the timeout."""
        self._must_be_open()
        if self._timeout is None:
            while len(self._received) < size:
                self._receive(None)
        elif len(self._received) < size:
            end = time.monotonic() + self._timeout
            self._receive(self._timeout)
            while len(self._received) < size and (left := end - time.monotonic()) > 0:
                self._receive(left)
        self._read = bytes(self._received[:size])
        del self._received[:size]
        return self._read

    def write(self, data: "ReadableBuffer") -> int:
        """All of it; returns how many bytes."""
        self._must_be_open()
        data = bytes(data)
        self._read = b""
        self._send(DATA, data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""
        self._must_be_open()

    def reset_input_buffer(self) -> None:
        """Drop what the board has sent so far."""
        self._must_be_open()
        self._control(LINES, bytes((self._lines,)))  # until it is confirmed all is old
        self._received.clear()

    def reset_output_buffer(self) -> None:
        """Nothing waits here."""
        self._must_be_open()

    def fileno(self) -> int:
        """Of the socket, for select."""
        return self._socket.fileno()

    @property
    def cts(self) -> bool:
        """No board has these lines."""
        return False

    dsr = ri = cd = cts

    def _reconfigure_port(self) -> None:
        if self._baudrate != self._baud:
            self._baud = self._baudrate
            self._control(BAUD, self._baud.to_bytes(4, "big"))

    def _update_dtr_state(self) -> None:
        self._update_lines()

    _update_rts_state = _update_dtr_state

    def _update_break_state(self) -> None:
        """Nothing at the other end minds a break."""

    def _update_lines(self) -> None:
        lines = self._dtr_state | self._rts_state << 1
        if lines != self._lines:
            self._lines = lines
            self._control(LINES, bytes((lines,)))

    def _control(self, kind: bytes, body: bytes) -> None:
        """Returns when the board has acted."""
        wanted = self._done + 1
        self._send(kind, body)
        while self._done < wanted:
            self._receive(None)

    def _send(self, kind: bytes, body: bytes) -> None:
        try:
            self._socket.sendall(FRAME.pack(kind, len(body)) + body)
        except OSError as wrong:
            raise SerialException(f"write failed: {wrong}") from wrong

    def _receive(self, timeout: float | None) -> None:
        """Take in what comes within so many seconds; None: wait for something."""
        if not select.select([self._socket], [], [], timeout)[0]:
            return
        try:
            data = self._socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise SerialException(
                "device reports readiness to read but returned no data (device disconnected or "
                "multiple access on port?)"
            )
        framed = self._framed
        framed += data
        while len(framed) >= FRAME.size:
            kind, length = FRAME.unpack_from(framed)
            end = FRAME.size + length
            if len(framed) < end:
                return
            if kind == DATA:
                self._received += framed[FRAME.size : end]
            elif kind == DONE:
                self._done += 1
            elif kind == OPENED:
                self._refused = framed[FRAME.size]
            del framed[:end]

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise PortNotOpenError()

    def _cannot_open(self, code: int) -> SerialException:
        why = f"[Errno {code}] {os.strerror(code)}: {self.portstr!r}"
        return SerialException(code, f"could not open port {self.portstr}: {why}")
