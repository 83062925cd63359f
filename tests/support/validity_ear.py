"""Sound through the simulated microphone into the box's ear: what it finds of each second."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from unix_port import run

from noisetamer.base.paths import FIRMWARE
from noisetamer.square.microphone import Microphone
from noisetamer.square.scenario_parts import MicrophoneSettings


class Judged(NamedTuple):
    """One second; levels in 0.1 dB."""

    LAeq: int
    LCeq: int
    rumble: int
    span: int
    hiss: int
    reason: int
    diagnosis: int  # 1: one is due


def judged(pressure: NDArray, settings: MicrophoneSettings | None = None) -> list[Judged]:
    """Of each whole second of a pressure in Pa at 48 kHz, but for the first two, in which the
    ear settles."""
    return judged_words(Microphone(settings or MicrophoneSettings(), 1).capture(pressure))[2:]


def judged_words(words: NDArray[np.int32]) -> list[Judged]:
    """Of each whole second of I2S words."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "words"
        words.astype("<i4").tofile(file)
        lines = run("validity_hears.py", FIRMWARE, file).splitlines()
    return [Judged(*map(int, line.split())) for line in lines]
