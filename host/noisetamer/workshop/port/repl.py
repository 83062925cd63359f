"""MicroPython on a board, by way of mpremote's transport: run our snippets, put files there."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from mpremote import transport_serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from noisetamer.workshop.port.errors import BoardError

# Bytes the box takes at a time (on_box/files.py).
_PIECE = 3072

# A board starts in a second or two; one that formats its file system takes longer.
_PATIENCE_S = 20
_QUIET_S = 1
# A read that waits longer than this will not end.
_READ_S = 10

_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
_INTERRUPT, _RAW, _SOFT_RESET = b"\r\x03", b"\r\x01", b"\x04"

# What mpremote read and did not expect: the first letter of what the board says instead.
_SWALLOWED = re.compile(r"raw paste: b'(.)'")

# Lines to hear out at most.
_WORDS = 30

_ON_BOX = Path(__file__).with_name("on_box")

# It prints what it did not expect; standard output is for verdicts.
transport_serial.__dict__["print"] = lambda *_: None


class Repl(SerialTransport):
    """The raw REPL of a board whose port is free. Raises mpremote's TransportError, and
    BoardError where what the board does is clear.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, baudrate=115200, timeout=_READ_S)

    def enter_raw_repl(self, soft_reset: bool = True, timeout_overall: int = _PATIENCE_S) -> None:
        """As mpremote does, but patient with a board that still starts, and without printing."""
        deadline = time.monotonic() + timeout_overall
        heard = b""
        while not heard.endswith(_PROMPT):
            if time.monotonic() > deadline:
                raise BoardError(_silence(heard))
            self.serial.write(_INTERRUPT + _RAW)
            heard += self.read_until(1, _PROMPT, timeout=_QUIET_S, timeout_overall=2 * _QUIET_S)
        if soft_reset:
            self.serial.write(_SOFT_RESET)
            for answer in (b"soft reboot\r\n", _PROMPT[:-1]):
                heard = self.read_until(1, answer, timeout_overall=timeout_overall)
                if not heard.endswith(answer):
                    raise BoardError(_silence(heard))
        self.in_raw_repl = True

    def snippet(self, name: str) -> None:
        """Define what on_box/`name`.py defines."""
        self.exec(_ON_BOX.joinpath(f"{name}.py").read_bytes())

    def call(self, function: str, *values: Any) -> Any:
        """What a function of a snippet returns; values and answer as JSON has them."""
        told = self.exec(f"import json; print(json.dumps({function}(*{list(values)!r})))")
        return json.loads(told)

    def files(self, places: list[str]) -> dict[str, str]:
        """SHA-256 by path of these files and of all in these folders, of those that are there."""
        lines = self.exec(f"listing({places!r})").decode().splitlines()
        return {path: sha256 for sha256, _, path in (line.partition(" ") for line in lines)}

    def put(self, path: str, content: bytes, told: Callable[[int], None]) -> None:
        """Write a file whole: under its name there is the old one or the new one, never a half.

        told: gets the bytes of each piece as it goes over.
        """
        self.exec_raw_no_follow(f"receive({path!r}, {len(content)})")
        for start in range(0, len(content), _PIECE):
            self._wait_till_ready(path)
            piece = content[start : start + _PIECE]
            self.serial.write(base64.b64encode(piece))
            told(len(piece))
        answer, error = self.follow(_READ_S)
        if error:
            raise TransportExecError(answer, error.decode("utf-8", "replace"))
        if answer.strip() != hashlib.sha256(content).hexdigest().encode():
            raise BoardError(f"{path} reads back otherwise than it was written")

    def _wait_till_ready(self, path: str) -> None:
        """The box asks for each piece: while it writes one to its flash it could lose the next."""
        said = self.serial.read(1)
        if said == b"\x04":
            error = self.read_until(1, b"\x04", timeout=_READ_S)[:-1]
            raise TransportExecError(said, error.decode("utf-8", "replace"))
        if said != b"+":
            raise TransportError(f"while it took {path}")

    def read(self, path: str) -> bytes | None:
        """A small file, or None where there is none."""
        text = self.call("content", path)
        return None if text is None else base64.b64decode(text)

    def remove(self, path: str) -> None:
        self.call("remove", path)

    def reset(self) -> None:
        """Start the board anew, as its button does; its main.py runs."""
        self.read_until(1, b">")
        # Without mpremote's acknowledgements: the board is gone before it could send one.
        self.serial.write(b"import machine\nmachine.reset()\x04")
        self.in_raw_repl = False

    def last_words(self, error: TransportError) -> str:
        """What a board that stopped to answer says of it; may be empty. error: how we noticed."""
        swallowed = _SWALLOWED.search(str(error))
        begun = swallowed[1] if swallowed else ""
        said = [begun + line for line in islice(self.lines(_QUIET_S), 1)]
        said += [line for line in islice(self.lines(_QUIET_S), _WORDS) if line]
        return next((line for line in said if "rror" in line), said[-1] if said else "")

    def lines(self, patience_s: int) -> Iterator[str]:
        """Lines the board prints, until none came for so long."""
        while True:
            line = self.read_until(1, b"\n", timeout=patience_s)
            if not line.endswith(b"\n"):
                return
            yield line.decode("utf-8", "replace").strip()


def _silence(heard: bytes) -> str:
    """That there is no REPL, and what the board said instead."""
    lines = [line for line in heard.decode("utf-8", "replace").splitlines() if line.strip()]
    said = f"; it says: {lines[-1].strip()[:120]}" if lines else " and says nothing"
    return f"MicroPython does not answer{said}"


def is_full(error: TransportExecError) -> bool:
    """Whether the board's file system had no room left (OSError 28)."""
    return "ENOSPC" in error.error_output or "OSError: 28" in error.error_output
