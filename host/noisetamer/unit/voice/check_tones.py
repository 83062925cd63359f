"""Make the tones of the nightly self-check, as messages the unit can say:

    python -m noisetamer.unit.voice.check_tones

Three seconds each, so that two seconds of the meter lie wholly within.
"""

from pathlib import Path

import numpy as np

from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.voice import catalogue
from noisetamer.unit.voice.prepare import RATE, Prepared, loudness
from tamer.hear.self_check.self_check import SHIPPED, name_of

SECONDS = 3.0

# re full scale: with the shipped volume, no louder at the microphone than the square by day.
_PEAK = 0.3


def make(folder: Path) -> None:
    """Write each tone of the shipped plan into a folder of messages."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    for hertz in SHIPPED.tones:
        sound = _PEAK * np.sin(2.0 * np.pi * hertz * t)
        samples = np.round(32767.0 * sound).astype(np.int16)
        message = Prepared(samples, SECONDS, round(loudness(sound), 1))
        catalogue.put(
            folder, name_of(hertz), message, f"{hertz} Hz", "", "noisetamer.unit.voice.check_tones"
        )


if __name__ == "__main__":
    make(FIRMWARE / "voices")
