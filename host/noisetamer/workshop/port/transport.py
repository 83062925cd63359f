"""mpremote's serial transport, patient with a board that still starts, and without printing."""

import time
from collections.abc import Callable
from typing import Any

from mpremote import transport_serial
from mpremote.transport_serial import SerialTransport

from noisetamer.workshop.port.errors import REPLUG, SilentError

# A read that waits longer than this will not end.
READ_S = 10

# A board starts in a second or two; one that formats its file system takes longer.
_PATIENCE_S = 20
_QUIET_S = 1

# Between two looks at a port where nothing waits, as mpremote's.
_LOOK_AGAIN_S = 0.01

# mpremote drops what it did not expect, and with it how a crash's message begins.
_KEPT = 256

_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
_INTERRUPT, _RAW, _SOFT_RESET = b"\r\x03", b"\r\x01", b"\x04"

# It prints what it did not expect; standard output is for verdicts.
transport_serial.__dict__["print"] = lambda *_: None


class Transport(SerialTransport):
    """The raw REPL of a board whose port is free. Raises mpremote's TransportError."""

    def __init__(self, url: str) -> None:
        super().__init__(url, baudrate=115200, timeout=READ_S)
        self.heard = b""
        """The last of what the board has said since we last said something."""
        self._ahead = b""  # what has been read from the port, and taken by nobody yet
        self._port: Any = self.serial
        self._read, self._write = self._port.read, self._port.write
        self._port.read, self._port.write = self._reads, self._writes
        self._port.inWaiting = self.waiting

    def waiting(self) -> int:
        """How many bytes can be read at once."""
        return len(self._ahead) or self._port.in_waiting

    def read_until(
        self,
        min_num_bytes: int,
        ending: bytes,
        timeout: float | None = 10,
        data_consumer: Callable[[bytes], object] | None = None,
        timeout_overall: float | None = None,
    ) -> bytes:
        """As mpremote's, which asks the port several times for every byte. Here what is there is
        read at once; what comes after the ending is left to whoever reads next."""
        if data_consumer is not None or self.is_pty:
            mpremotes: Any = super().read_until
            return mpremotes(1, ending, timeout, data_consumer, timeout_overall)
        said = bytearray()
        began = last = time.monotonic()
        while not said.endswith(ending):
            there = self._ahead or self._read(self.waiting())
            if there:
                before = len(said)
                said += there
                at = said.find(ending, max(0, before - len(ending) + 1))
                if at >= 0:
                    del said[at + len(ending) :]
                self._taken(there, len(said) - before)
                last = time.monotonic()
                continue
            now = time.monotonic()
            if timeout is not None and now >= last + timeout:
                break
            if timeout_overall is not None and now >= began + timeout_overall:
                break
            time.sleep(_LOOK_AGAIN_S)
        return bytes(said)

    def _reads(self, n: int = 1) -> bytes:
        there = self._ahead
        return self._taken(there if len(there) >= n else there + self._read(n - len(there)), n)

    def _writes(self, data: bytes) -> int | None:
        self.heard = b""
        return self._write(data)

    def _taken(self, there: bytes, n: int) -> bytes:
        """The first `n` of these; the others wait for whoever reads next."""
        said, self._ahead = there[:n], there[n:]
        self.heard = (self.heard + said)[-_KEPT:]
        return said

    def enter_raw_repl(self, soft_reset: bool = True, timeout_overall: int = _PATIENCE_S) -> None:
        """Raises SilentError with what the board says instead."""
        deadline = time.monotonic() + timeout_overall
        heard = b""
        while not heard.endswith(_PROMPT):
            if time.monotonic() > deadline:
                raise SilentError(_silence(heard), REPLUG)
            self.serial.write(_INTERRUPT + _RAW)
            heard += self.read_until(1, _PROMPT, timeout=_QUIET_S, timeout_overall=2 * _QUIET_S)
        if soft_reset:
            self.serial.write(_SOFT_RESET)
            for answer in (b"soft reboot\r\n", _PROMPT[:-1]):
                heard = self.read_until(1, answer, timeout_overall=timeout_overall)
                if not heard.endswith(answer):
                    raise SilentError(_silence(heard), REPLUG)
        self.in_raw_repl = True


def _silence(heard: bytes) -> str:
    """That there is no REPL, and what the board said instead."""
    lines = [line for line in heard.decode("utf-8", "replace").splitlines() if line.strip()]
    said = f"; it says: {lines[-1].strip()[:120]}" if lines else " and says nothing"
    return f"MicroPython does not answer{said}"
