"""Sound through the integer kernel in MicroPython's unix port, on this computer."""

import json
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from noisetamer.base import pipes
from noisetamer.base.child_processes import starting
from noisetamer.base.errors import UserError
from noisetamer.base.paths import micropython
from noisetamer.sound.kernels import host_code
from noisetamer.sound.kernels.signal import BLOCK, RATE, Equaliser, Signal, i2s_words
from tamer.hear.kernel.block_sums import BlockSums

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ON_BOX = Path(__file__).parent / "on_box"
# Bytes: what a pipe holds at most without leave.
_PIPE = 1 << 20


class Stream:
    """A kernel at rest that takes in 48 kHz as it comes, and is read out each second, or at takes.

    width: bytes a sample, the low one first: 4, 24 bits of them left-aligned; 3 or 2, all of them.
    takes: as of `Signal`, of samples of 4 bytes; what comes after the last is not heard.
    A context: leaving it ends the kernel's process. Raises UserError if MicroPython is missing.
    """

    def __init__(self, width: int = 4, takes: Sequence[int] | None = None) -> None:
        command = [
            *(*micropython(), _ON_BOX / "streamed_kernel.py", host_code.kernels()),
            *(str(BLOCK), str(RATE), str(width)),
        ]
        if takes is not None:
            command = [*micropython(), _ON_BOX / "integer_kernel.py", host_code.kernels()]
        self._left = None if takes is None else takes[-1]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        # Ctrl-C is ours to hear: the kernel would be found dead first.
        with starting():
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        assert self._process.stdin and self._process.stdout
        self._words, self._found = self._process.stdin, self._process.stdout
        pipes.enlarge(self._words.fileno(), _PIPE)
        self._lines: list[bytes] = []
        # A Ctrl-C before it is entered leaves none that the program's end waits for.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if takes is not None:
            self._write(_plan([(BLOCK, takes)], (1.0, ())))

    def hear(self, words: "NDArray[np.int32] | bytes") -> None:
        """int32[n], or samples of `width` bytes. Raises UserError if the kernel has died."""
        if self._left is not None:
            words = words[: self._left]
            self._left -= len(words)
        self._write(words)

    def hear_from(self, pour: Callable[[int], None]) -> None:
        """The same of what `pour` puts into a pipe that it is given, by its descriptor."""
        try:
            self._words.flush()
            pour(self._words.fileno())
        except BrokenPipeError:
            raise self._died() from None

    def end(self) -> list[BlockSums]:
        """What it found in each second, and in what is left. Raises UserError."""
        try:
            self._words.close()
        except BrokenPipeError:
            raise self._died() from None
        self._reader.join()
        if self._process.wait():
            raise self._died()
        return [BlockSums(*json.loads(line)) for line in self._lines]

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        with suppress(BrokenPipeError):
            self._words.close()
        self._found.close()
        self._errors.close()

    def _write(self, what: "NDArray[np.int32] | bytes") -> None:
        try:
            self._words.write(what)
        except BrokenPipeError:
            raise self._died() from None

    def _read(self) -> None:
        self._lines += self._found.readlines()

    def _died(self) -> UserError:
        self._process.wait()
        self._errors.seek(0)
        return _wrong(self._errors.read())


def _wrong(said: bytes) -> UserError:
    reason = said.decode(errors="replace").strip().rpartition("\n")[2]
    return UserError(f"the integer kernel did not run in MicroPython: {reason}")


def _plan(signals: Iterable[tuple[int, Sequence[int]]], equaliser: Equaliser) -> bytes:
    """signals: (samples a block, takes) of each."""
    plan = {
        "equaliser": equaliser,
        "signals": [{"block": block, "takes": list(takes)} for block, takes in signals],
    }
    return json.dumps(plan).encode() + b"\n"


def hear(signals: Iterable[Signal], equaliser: Equaliser = (1.0, ())) -> list[list[BlockSums]]:
    """What the kernel finds in each signal, one `BlockSums` for each take.

    Raises UserError if the kernel refuses the equaliser or MicroPython is missing.
    """
    signals = list(signals)
    words = b"".join(i2s_words(signal.samples[: signal.all_takes[-1]]) for signal in signals)
    ran = subprocess.run(
        [*micropython(), _ON_BOX / "integer_kernel.py", host_code.kernels()],
        input=_plan(((one.block, one.all_takes) for one in signals), equaliser) + words,
        capture_output=True,
        check=False,
    )
    if ran.returncode:
        raise _wrong(ran.stderr or ran.stdout)
    founds = iter([BlockSums(*json.loads(line)) for line in ran.stdout.splitlines()])
    return [[next(founds) for _ in signal.all_takes] for signal in signals]
