"""mpremote's serial transport, patient with a board that still starts, and without printing."""

import time

from mpremote import transport_serial
from mpremote.transport_serial import SerialTransport

from noisetamer.workshop.port.errors import REPLUG, SilentError

# A read that waits longer than this will not end.
READ_S = 10

# A board starts in a second or two; one that formats its file system takes longer.
_PATIENCE_S = 20
_QUIET_S = 1

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
        read, write = self.serial.read, self.serial.write

        def reads(n: int = 1) -> bytes:
            said = read(n)
            self.heard = (self.heard + said)[-_KEPT:]
            return said

        def writes(data: bytes) -> int | None:
            self.heard = b""
            return write(data)

        self.serial.read, self.serial.write = reads, writes  # type: ignore[method-assign]

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
