"""The firmware's own meter over a recording."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.kernels import emulated_fpu, ported_int
from noisetamer.sound.kernels.emulated_fpu import Signal
from noisetamer.sound.kernels.emulator import available
from noisetamer.sound.recording.microphone import METER_RATE, as_microphone_words, at_48k
from noisetamer.sound.recording.recording import Recording
from tamer.hear.kernel.block_sums import BlockSums
from tamer.record.reading import MISSING, VALID, Second
from tamer.record.statistics import Period

# Level of a full-scale sine where nobody states it, dB.
ASSUMED = 100.0

# Mean square of a full-scale sine in steps of a 24-bit word.
_FULL_SCALE_SINE = 2.0**45


@dataclass(frozen=True)
class Measured:
    """Levels in dB re 20 µPa; None where there was nothing, or too little, to measure.

    LAFmin and LASmin leave out the first second, in which the detectors rise from nothing.
    `seconds`: LAeq,1s of each whole second; L5 to L95 are exceeded in so many per cent of them.
    """

    LAeq: float | None
    LCeq: float | None
    LZeq: float | None
    LAFmax: float | None
    LAFmin: float | None
    LASmax: float | None
    LASmin: float | None
    LCpeak: float | None
    L5: float | None
    L10: float | None
    L50: float | None
    L90: float | None
    L95: float | None
    seconds: list[float | None]
    duration_s: float
    begins: str | None  # ISO 8601, of the first sample measured, where it is known
    channel: int
    full_scale_dB: float
    full_scale_assumed: bool  # neither the file nor the user stated it
    saturated: int  # samples beyond full scale, cut off there
    kernel: str
    notes: tuple[str, ...]

    def as_json(self) -> str:
        """One line of JSON with every field by its name."""
        return json.dumps(asdict(self), ensure_ascii=False)


def measure(recording: Recording, stated_dB: float | None, kernel: str) -> Measured:
    """Measure a recording; `kernel` is "int" or "fpu".

    stated_dB: level of a full-scale sine; None goes by what the file states, else ASSUMED.
    Raises UserError where the kernel cannot run.
    """
    full_scale_dB, notes = full_scale(recording, stated_dB)
    words, saturated = as_microphone_words(at_48k(recording))
    founds = KERNELS[kernel](words >> 8)

    def level(mean_square: float) -> float | None:
        if mean_square <= 0:
            return None
        return round(full_scale_dB + 10 * math.log10(mean_square / _FULL_SCALE_SINE), 2)

    def mean(name: str) -> float | None:
        return level(sum(getattr(found, name) for found in founds) / sum(f.n for f in founds))

    def extreme(choose: Callable, name: str, among: Sequence[BlockSums]) -> float | None:
        return level(choose(getattr(found, name) for found in among)) if among else None

    settled = founds[1:]
    seconds = [level(found.A / found.n) for found in founds if found.n == METER_RATE]
    return Measured(
        LAeq=mean("A"),
        LCeq=mean("C"),
        LZeq=mean("Z"),
        LAFmax=extreme(max, "fast_max", founds),
        LAFmin=extreme(min, "fast_min", settled),
        LASmax=extreme(max, "slow_max", founds),
        LASmin=extreme(min, "slow_min", settled),
        LCpeak=extreme(max, "C_peak", founds),
        **_percentiles(seconds),
        seconds=seconds,
        duration_s=round(len(recording.samples) / recording.rate, 3),
        begins=recording.begins.isoformat() if recording.begins else None,
        channel=recording.channel,
        full_scale_dB=full_scale_dB,
        full_scale_assumed=stated_dB is None and recording.statement.full_scale_dB is None,
        saturated=saturated,
        kernel=kernel,
        notes=(*recording.notes, *notes),
    )


def full_scale(recording: Recording, stated: float | None) -> tuple[float, tuple[str, ...]]:
    """(level of a full-scale sine, what is to be said of it)."""
    own, said = recording.statement.full_scale_dB, recording.statement.said
    if own is None:
        return ASSUMED if stated is None else stated, ()
    if stated is None:
        return round(own, 2), (
            f"the file says {said}: a full-scale sine is taken as {own:.2f} dB "
            "(--full-scale-db or --full-scale-peak-db states another)",
        )
    if abs(stated - own) < 0.05:
        return stated, ()
    return stated, (
        f"the file says {said}: a full-scale sine would be {own:.2f} dB; "
        f"{stated:.2f} dB is taken, as asked",
    )


def _percentiles(seconds: Sequence[float | None]) -> dict[str, float | None]:
    """L5 to L95 as the unit forms them, in steps of 0.1 dB."""
    names = ("L5", "L10", "L50", "L90", "L95")
    period = Period(0, max(len(seconds), 1))
    for t, LAeq in enumerate(seconds):
        if LAeq is not None:
            tenths = round(10 * LAeq)
            period.add(Second(t, tenths, tenths, tenths, tenths, VALID))
    found = period.statistics()
    levels = (getattr(found, name) for name in names)
    return {
        name: None if level == MISSING else level / 10
        for name, level in zip(names, levels, strict=True)
    }


def _in_micropython(
    samples: NDArray[np.int32], takes: Sequence[int] | None = None
) -> list[BlockSums]:
    """The integer kernel, in MicroPython's unix port as on the box."""
    return ported_int.hear([Signal(samples, takes)])[0]


def _in_emulator(
    samples: NDArray[np.int32], takes: Sequence[int] | None = None
) -> list[BlockSums]:
    """The FPU kernel's machine code, on an emulated Xtensa."""
    if not available():
        raise UserError("the FPU kernel needs qemu-xtensa: install Debian's package qemu-user.")
    return emulated_fpu.hear([Signal(samples, takes)])[0]


KERNELS = {"int": _in_micropython, "fpu": _in_emulator}
