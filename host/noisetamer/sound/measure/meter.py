"""The firmware's own meter over a recording."""

import json
import math
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.sound.kernels import ported_int
from noisetamer.sound.kernels.signal import RATE, Signal
from noisetamer.sound.recording.plain import Kind, Stretch
from noisetamer.sound.recording.recording import Passage, stream
from noisetamer.sound.recording.span import Span
from tamer.hear.kernel.block_sums import BlockSums
from tamer.record.reading import MISSING, VALID, Second
from tamer.record.statistics import Period

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from noisetamer.sound.recording.microphone import MicrophoneWords as Conversion

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


def measure(
    path: Path,
    channel: int | None = None,
    span: Span | None = None,
    begins: datetime | None = None,
    stated_dB: float | None = None,
    kernel: str = "int",
    progress: Callable[[float], None] = lambda share: None,
) -> Measured:
    """Measure a recording as it is read; `kernel` is "int" or "fpu".

    channel, span, begins, progress: as of `recording.stream`. stated_dB: level of a full-scale
    sine; None goes by what the file states, else ASSUMED. Raises UserError where the file cannot
    be measured, or the kernel cannot run.
    """
    recording, founds, saturated = heard(path, channel, span, begins, kernel, progress)
    full_scale_dB, notes = full_scale(recording, stated_dB)

    def level(mean_square: float) -> float | None:
        if mean_square <= 0:
            return None
        return round(full_scale_dB + 10 * math.log10(mean_square / _FULL_SCALE_SINE), 2)

    def mean(name: str) -> float | None:
        return level(sum(getattr(found, name) for found in founds) / sum(f.n for f in founds))

    def extreme(choose: Callable, name: str, among: Sequence[BlockSums]) -> float | None:
        return level(choose(getattr(found, name) for found in among)) if among else None

    settled = founds[1:]
    seconds = [level(found.A / found.n) for found in founds if found.n == RATE]
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
        duration_s=round(recording.frames / recording.rate, 3),
        begins=recording.begins.isoformat() if recording.begins else None,
        channel=recording.channel,
        full_scale_dB=full_scale_dB,
        full_scale_assumed=stated_dB is None and recording.statement.full_scale_dB is None,
        saturated=saturated,
        kernel=kernel,
        notes=(*recording.notes, *notes),
    )


def heard(
    path: Path,
    channel: int | None,
    span: Span | None,
    begins: datetime | None,
    kernel: str,
    progress: Callable[[float], None],
    takes: Sequence[int] | None = None,
    frames: int = 0,
) -> tuple[Passage, list[BlockSums], int]:
    """(what it is, what the kernel found, samples beyond full scale), read as by `measure`.

    takes: after which samples at 48 kHz the kernel is read out; None: each second and at the end.
    frames: as many as it had when takes were chosen.
    """
    with _Meter(KERNELS[kernel], takes) as meter:
        recording = stream(path, meter, channel, span, begins, progress)
        if recording.frames < frames:
            raise UserError(
                f"{path}: it has become shorter while it was read; "
                "measure it when nobody writes on it any more"
            )
        return recording, meter.end(), meter.saturated


def full_scale(recording: Passage, stated: float | None) -> tuple[float, tuple[str, ...]]:
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


def _in_emulator(samples: "NDArray[np.int32]", takes: Sequence[int] | None) -> list[BlockSums]:
    """The FPU kernel's machine code, on an emulated Xtensa."""
    # Seldom asked for, and no recording is to wait for assemblers.
    from noisetamer.sound.kernels import emulated_fpu, emulator

    if not emulator.available():
        raise UserError("the FPU kernel needs qemu-xtensa: install Debian's package qemu-user.")
    return emulated_fpu.hear([Signal(samples, takes)])[0]


class _Spooled:
    """The FPU kernel's stream: words wait in a file until the emulator takes them."""

    def __init__(self, takes: Sequence[int] | None) -> None:
        self._takes = takes
        self._file = tempfile.TemporaryFile()  # noqa: SIM115

    def hear(self, words: "NDArray[np.int32]") -> None:
        """int32[n], 24 bits left-aligned."""
        # A full disk is not the recording's fault.
        with writing(Path(tempfile.gettempdir())):
            self._file.write((words >> 8).data)
            self._file.flush()

    def end(self) -> list[BlockSums]:
        """As of `ported_int.Stream`."""
        import numpy as np

        return _in_emulator(np.memmap(self._file, np.int32, "r"), self._takes)

    def __enter__(self) -> "_Spooled":
        return self

    def __exit__(self, *_: object) -> None:
        # What did not fit would be written again.
        with suppress(OSError):
            self._file.close()


class _Meter:
    """Hands a channel to a kernel, as words; `saturated`: samples that were cut off."""

    saturated = 0

    def __init__(self, kernel: type[ported_int.Stream | _Spooled], takes: Sequence[int] | None):
        self._kernel, self._takes = kernel, takes
        self._running = ExitStack()

    def begin(self, rate: int, subtype: str, width: int) -> Kind:
        self._running.close()
        self._conversion: Conversion | None = None
        bare = width and rate == RATE and self._takes is None
        if bare and issubclass(self._kernel, ported_int.Stream):
            self._stream = self._running.enter_context(self._kernel(width))
            return "bare"
        # With numpy, for which bare samples need not wait.
        from noisetamer.sound.recording.microphone import MicrophoneWords

        self._conversion = MicrophoneWords(rate, subtype)
        self._stream = self._running.enter_context(self._kernel(takes=self._takes))
        return self._conversion.kind

    def take(self, samples: Any) -> None:
        if isinstance(samples, Stretch):
            assert isinstance(self._stream, ported_int.Stream)
            self._stream.hear_from(samples.pour)
        elif self._conversion:
            self._stream.hear(self._conversion.words(samples))
        else:
            self._stream.hear(samples)

    def end(self) -> list[BlockSums]:
        """What the kernel found. Raises UserError."""
        if self._conversion:
            self._stream.hear(self._conversion.rest())
            self.saturated = self._conversion.saturated
        return self._stream.end()

    def __enter__(self) -> "_Meter":
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()


KERNELS = {"int": ported_int.Stream, "fpu": _Spooled}
