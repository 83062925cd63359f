"""Stability over time: IEC 61672-1:2013, 5.14 and 5.15."""

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.sound.kernels.signal import Signal, i2s_words
from noisetamer.sound.standards.signals import Samples, level, sine
from noisetamer.sound.verify.check import Axis, Check, Section, Trace, about
from noisetamer.sound.verify.kernels import INTEGER_IN_UNIX_PORT, Kernel
from tamer.hear.kernel.block_sums import BlockSums

LEVEL = -1.0
CLASS_1 = 0.1
OFFSET = round(0.01 * 2**23)
BLOCK = 6000
SETTLED = 15  # s: Slow is then within 0.00001 dB
LONGEST_EMULATED = 300  # s; every sample is handed to the emulator in a file

_ON_BOX = Path(__file__).parent / "on_box" / "steady_sound.py"
_POINTS = 600  # of the plot
_QUANTITIES = ("LAeq", "LCeq", "LAFmax", "LASmax", "LCpeak")

Progress = Callable[[float], None]


@dataclass(frozen=True)
class _Levels:
    LAeq: float
    LCeq: float
    LAFmax: float
    LASmax: float
    LCpeak: float


def drift(kernel: Kernel, seconds: int, progress: Progress = lambda share: None) -> Section:
    """A steady tone near full scale for `seconds`; in the emulator LONGEST_EMULATED at most.

    `progress(share)`: called with the share that is done, 0 to 1.
    """
    in_unix_port = kernel is INTEGER_IN_UNIX_PORT
    heard = max(seconds if in_unix_port else min(seconds, LONGEST_EMULATED), SETTLED + 5)
    second = sine(1000.0, LEVEL, 1.0) + OFFSET
    if in_unix_port:
        founds = _repeated(second, heard, progress)
    else:
        (founds,) = kernel.hear([Signal(np.tile(second, heard), block=BLOCK)])
    read = [_levels(found) for found in founds]
    first = read[SETTLED]
    checks = [
        Check(
            f"{quantity}, largest change in {duration(heard)}",
            _largest_change([getattr(r, quantity) for r in read[SETTLED:]]),
            about(0.0, kernel.limits.drift),
            about(0.0, CLASS_1),
        )
        for quantity in _QUANTITIES
    ]
    at = range(SETTLED, heard, max(1, heard // _POINTS))
    note = f"{duration(heard)} of the microphone's time"
    if heard < seconds:
        note += f", not the {duration(seconds)} asked for: the emulator is too slow"
    return Section(
        "drift",
        "Long-term drift",
        "5.14, 5.15",
        f"The same second of 1 kHz at {LEVEL:g} dB with 1 % direct current, over and over: "
        f"changes of LAeq, LCeq, LAFmax, LASmax and LCpeak since {SETTLED} s, once settled.",
        checks,
        Axis("simulated time, h"),
        [
            Trace(
                quantity,
                [i / 3600.0 for i in at],
                [getattr(read[i], quantity) - getattr(first, quantity) for i in at],
                ([-CLASS_1] * len(at), [CLASS_1] * len(at)),
            )
            for quantity in _QUANTITIES
        ],
        [note],
    )


def duration(seconds: int) -> str:
    """In the largest unit that gives a whole number."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _repeated(second: Samples, seconds: int, progress: Progress) -> list[BlockSums]:
    """One buffer, refilled inside MicroPython: hundreds of seconds a second."""
    plan = json.dumps({"seconds": seconds, "block": BLOCK}).encode() + b"\n"
    founds = []
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
        given.write(plan + i2s_words(second))
        given.seek(0)
        with subprocess.Popen(
            [*micropython(), _ON_BOX, FIRMWARE],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                founds.append(BlockSums(*json.loads(line)))
                if len(founds) % 600 == 0:
                    progress(len(founds) / seconds)
        if running.returncode or len(founds) != seconds:
            errors.seek(0)
            reason = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise UserError(
                f"the integer kernel ended after {len(founds)} of {seconds} s"
                f" in MicroPython: {reason}"
            )
    return founds


def _levels(found: BlockSums) -> _Levels:
    return _Levels(
        level(found.A / found.n),
        level(found.C / found.n),
        level(found.fast_max),
        level(found.slow_max),
        level(found.C_peak),
    )


def _largest_change(levels: list[float]) -> float:
    """The value farthest from the first, less the first."""
    return max((value - levels[0] for value in levels), key=abs)
