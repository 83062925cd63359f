"""What is around a virtual board: what it hears, says and shows, and the time of day.

The other end of drivers/square.py, for a board on a cable rather than on a pole.
"""

import json
import os
import struct
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from noisetamer.virtual.board.sound import Sound

if TYPE_CHECKING:
    from noisetamer.virtual.board.acoustics import Acoustics
    from noisetamer.virtual.board.faults import Faults

_HEAD = struct.Struct("<BQI")
_UNIX_2000 = 946684800


class Surroundings:
    """They stay while the board is reset or without power.

    `sound` may be changed at any time; `pins` and `pixels` are what the board last drove,
    `us` its clock when it last did something, since its interpreter began.
    """

    def __init__(self, sound: Sound | None, seed: int, faults: "Faults"):
        self.pins: dict[int, int] = {}
        self.pixels = b""
        self.us = 0
        self.chip_came_up = False  # the interpreter got as far as boot.py
        self.sound = sound
        self._seed = seed
        self._faults = faults
        self._acoustics: Acoustics | None = None
        self._clock_ahead: int | None = None  # s against the host's; None: not set
        self._answers: BinaryIO | None = None
        self._thread: threading.Thread | None = None

    def clock(self) -> int:
        """What the board's clock shows after a soft reset, s since 2000."""
        if self._clock_ahead is None:
            return 0
        return int(time.time()) + self._clock_ahead - _UNIX_2000

    def connect(self, facts: dict[str, Any], happened: Callable[[str], None]) -> tuple[int, int]:
        """Two files for a new interpreter: its requests, the answers, of which the facts are the
        first. The caller closes them once the interpreter has inherited them.

        `happened` is called from a thread of its own with "u" (the chip is up), "r" (it resets
        itself) or "w" (the watchdog does).
        """
        answers, from_host = os.pipe()
        to_host, requests = os.pipe()
        self._answers = os.fdopen(from_host, "wb", buffering=0)
        self._happened = happened
        self.chip_came_up = False
        self._answers.write(json.dumps(facts).encode() + b"\n")
        self._acoustics = None
        questions = os.fdopen(to_host, "rb", buffering=1 << 16)
        self._thread = threading.Thread(target=self._serve, args=(questions,), daemon=True)
        self._thread.start()
        return requests, answers

    def forget_clock(self) -> None:
        """The power was gone: the board does not know the time any more."""
        self._clock_ahead = None

    def disconnect(self) -> None:
        """The interpreter has ended."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._answers is not None:
            self._answers.close()
            self._answers = None
        self.pins.clear()
        self.pixels = b""

    def _serve(self, questions: BinaryIO) -> None:
        with questions:
            while head := questions.read(_HEAD.size):
                kind, us, length = _HEAD.unpack(head)
                self.us = us
                self._take(chr(kind), us, questions.read(length) if length else b"")

    def _take(self, kind: str, us: int, body: bytes) -> None:
        if kind == "m":
            first, n = struct.unpack("<QI", body)
            self._answer(self._heard().capture(us, first, n, self.sound))
        elif kind == "v":
            (rate,) = struct.unpack_from("<I", body)
            samples = np.frombuffer(body, "<i2", offset=4)
            self._heard().play(us, samples, rate)
        elif kind == "o":
            self.pins[body[0]] = body[1]
        elif kind == "p":
            self.pixels = body
        elif kind == "t":
            self._clock_ahead = struct.unpack("<q", body)[0] - int(time.time())
        elif kind == "n":
            self._answer(struct.pack("<q", int(time.time())))
        elif kind in "urw":
            self.chip_came_up = True
            self._happened(kind)

    def _answer(self, data: bytes) -> None:
        assert self._answers is not None
        view = memoryview(data)
        try:
            while view:
                view = view[self._answers.write(view) or 0 :]
        except BrokenPipeError:
            pass  # the interpreter ends; its questions do too

    def _heard(self) -> "Acoustics":
        if self._acoustics is None:
            # Its filters take long to load, and most boards are never heard.
            from noisetamer.virtual.board.acoustics import Acoustics

            self._acoustics = Acoustics(self._seed, self._faults)
        return self._acoustics
