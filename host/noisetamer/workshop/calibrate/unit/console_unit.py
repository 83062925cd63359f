"""What a unit tells line by line while `on_box/listen.py` runs on it. Pure."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.unit.instrument import (
    Energies,
    HeardSecond,
    Instrument,
    as_equaliser,
    from_profile,
    heard,
)
from tamer.hear.kernel.profile import Profile

# The microphone has started and the kernel's 1 Hz high-pass has settled after this, s.
_SETTLING = 2


class ConsoleUnit:
    """A unit by its lines, the first of which says what it is."""

    def __init__(self, lines: Iterable[str], begins: float = 0.0):
        """begins: time of the first sample, s. Raises UserError where the first is no head."""
        self._lines = iter(lines)
        self._begins = begins
        try:
            head = json_text.loads(next(self._lines, ""))
            self._blocks = int(head["blocks"])
            profile = Profile(*head["profile"])
            serial, firmware = str(head["unit"]), str(head["firmware"])
            calibration, equaliser = float(head["calibration"]), as_equaliser(head["equaliser"])
        except (ValueError, KeyError, TypeError):
            raise UserError(
                "the unit does not say what it is: flash it with this version (./flash.sh)"
            ) from None
        self.instrument: Instrument = from_profile(
            profile, serial, firmware, calibration, equaliser
        )

    def seconds(self) -> Iterator[HeardSecond]:
        """Raises UserError at a line that is no measurement."""
        number = 0
        while len(blocks := [_block(line) for line in islice(self._lines, self._blocks)]):
            if len(blocks) < self._blocks:
                return
            if number >= _SETTLING:
                wave = np.concatenate([piece for _, piece in blocks])
                founds = [found for found, _ in blocks]
                yield heard(self._begins + number, founds, wave, self.instrument)
            number += 1


def _block(line: str) -> tuple[Energies, NDArray[np.float64]]:
    try:
        *values, piece = json_text.loads(line)
        wave = np.frombuffer(base64.b64decode(piece, validate=True), "<i2") / 2.0**15
        return Energies(*values), wave
    except (ValueError, TypeError, binascii.Error):
        raise UserError(
            f"the unit said {line[:40]!r}, which is no measurement: close other programs that "
            "use its port and begin again"
        ) from None
