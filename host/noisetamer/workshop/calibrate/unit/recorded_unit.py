"""A unit by a recording of its microphone: a sound file through the unit's own kernel."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.sound.kernels import ported_int
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.recording.microphone import METER_RATE, as_microphone_words, at_48k
from noisetamer.sound.recording.recording import read
from noisetamer.workshop.calibrate.unit.instrument import Energies, HeardSecond, Instrument, heard

_PARTS = 8
_PART = METER_RATE // _PARTS

# The 1 Hz high-pass of the kernel has settled after this, s.
_SETTLING = 2

# As many as a live unit sends.
_WAVE = 2048


class RecordedUnit:
    """A sound file in which 0 dBFS is the microphone's full scale."""

    def __init__(
        self,
        path: Path,
        instrument: Instrument,
        channel: int | None = None,
        begins: float | None = None,
    ):
        """begins: time of the first sample, s; else as the file says, or unknown: 0 s then.

        Raises UserError as `recording.read` does.
        """
        self.instrument = instrument
        self._path = path
        recording = read(path, channel)
        if begins is None and recording.begins:
            begins = recording.begins.timestamp()
        self.dated = begins is not None
        self._begins = begins or 0.0
        words, _ = as_microphone_words(at_48k(recording))
        self._samples = words >> 8

    def seconds(self) -> Iterator[HeardSecond]:
        """Raises UserError where the recording is too short."""
        whole = len(self._samples) // METER_RATE
        if whole <= _SETTLING:
            raise UserError(
                f"{self._path}: lasts {len(self._samples) / METER_RATE:.1f} s; "
                f"record {_SETTLING + 10} s or more"
            )
        takes = range(_PART, whole * METER_RATE + 1, _PART)
        signal = Signal(self._samples, takes, _PART)
        founds = ported_int.hear([signal], self.instrument.equaliser)[0]
        for second in range(_SETTLING, whole):
            first = second * METER_RATE
            wave = self._samples[first : first + _WAVE] / np.float64(2**23)
            parts = [
                Energies(one.n, one.Z, one.C, one.A, one.raw_min, one.raw_max)
                for one in founds[second * _PARTS : (second + 1) * _PARTS]
            ]
            yield heard(self._begins + second, parts, wave, self.instrument)
