"""The bench a virtual board lies on: what it hears, says and shows there, and the time of day.

The host's end of the pipe for a board on a cable rather than on a pole.
"""

import json
import os
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from io import BufferedIOBase
from typing import TYPE_CHECKING, Any, BinaryIO

from noisetamer.virtual import pipe
from noisetamer.virtual.board.sound import Sound
from noisetamer.virtual.box_message import BoxMessage, read_messages, write_answer

if TYPE_CHECKING:
    from noisetamer.virtual.board.acoustics import Acoustics
    from noisetamer.virtual.board.faults import BoardFaults


class Bench:
    """It stays while the board is reset or without power.

    `sound` may be changed at any time; `pins` and `pixels` are what the board last drove,
    `us` its clock when it last did something, since its interpreter began.
    """

    def __init__(self, sound: Sound | None, seed: int, faults: "BoardFaults"):
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
        return int(time.time()) + self._clock_ahead - pipe.EPOCH_2000

    def connect(self, facts: dict[str, Any], happened: Callable[[int], None]) -> tuple[int, int]:
        """Two files for a new interpreter: its requests, the answers, of which the facts are the
        first. The caller closes them once the interpreter has inherited them.

        `happened` is called from a thread of its own with CHIP_UP, RESET or WATCHDOG of pipe.py.
        """
        answers, from_host = os.pipe()
        to_host, requests = os.pipe()
        self._answers = os.fdopen(from_host, "wb", buffering=0)
        self._happened = happened
        self.chip_came_up = False
        self._answers.write(json.dumps(facts).encode() + b"\n")
        self._acoustics = None
        questions = os.fdopen(to_host, "rb")
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

    def _serve(self, questions: BufferedIOBase) -> None:
        with questions:
            for message in read_messages(questions):
                self.us = message.us
                self._take(message)

    def _take(self, message: BoxMessage) -> None:
        match message.kind:
            case pipe.SAMPLES:
                first, n = message.samples_wanted()
                block = self._heard().capture(message.us, first, n, self.sound)
                self._answer(b"\1" + block)
            case pipe.SPEECH:
                rate, samples = message.speech()
                self._heard().play(message.us, samples, rate)
            case pipe.PIN:
                gpio, level = message.pin()
                self.pins[gpio] = level
            case pipe.PIXELS:
                self.pixels = message.body
            case pipe.CLOCK_SET:
                (set_to,) = struct.unpack(pipe.UNIX_TIME, message.body)
                self._clock_ahead = set_to - int(time.time())
            case pipe.TIME:
                self._answer(struct.pack(pipe.UNIX_TIME, int(time.time())))
            case pipe.CHIP_UP | pipe.RESET | pipe.WATCHDOG:
                self.chip_came_up = True
                self._happened(message.kind)

    def _answer(self, data: bytes) -> None:
        assert self._answers is not None
        # The interpreter may end meanwhile; then its questions do, too.
        with suppress(BrokenPipeError):
            write_answer(self._answers, data)

    def _heard(self) -> "Acoustics":
        if self._acoustics is None:
            # Its filters take long to load, and most boards are never heard.
            from noisetamer.virtual.board.acoustics import Acoustics

            self._acoustics = Acoustics(self._seed, self._faults)
        return self._acoustics
