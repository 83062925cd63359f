"""Music for the square: drums, bass, chords and a pentatonic tune, invented from a seed."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.sounds.signal import add_circular, band, coloured, harmonics, time_s

_PENTATONIC = (0, 2, 4, 7, 9)


@dataclass(frozen=True)
class Style:
    """A loop of `bars` bars in 4/4 that last `seconds`; strengths are relative amplitudes."""

    seconds: int
    bars: int
    key: int  # MIDI note of the bass's root
    chords: tuple[int, ...]  # semitones above the root, one a bar, repeated
    drums: float
    bass: float
    pad: float
    lead: float
    lead_harmonics: tuple[float, ...]
    steps_per_beat: int  # of the tune
    four_on_the_floor: bool


STYLES = {
    "dance": Style(30, 16, 33, (0, 8, 3, 10), 0.8, 0.7, 0.2, 0.13, (1, 0.6, 0.5, 0.3), 2, True),
    "folk": Style(23, 12, 38, (0, 5, 0, 7), 0.8, 0.7, 0.16, 0.1, (1, 0.9, 0.7, 0.5, 0.3), 2, True),
    "march": Style(32, 16, 36, (0, 0, 5, 7), 0.8, 0.7, 0.16, 0.13, (1, 0.3, 0.6, 0.2), 1, True),
    "ballad": Style(20, 8, 31, (0, 9, 5, 7), 0.4, 0.8, 0.3, 0.13, (1, 0.3, 0.1), 1, False),
}


def music(rng: np.random.Generator, style: str) -> NDArray[np.float64]:
    """One round of a tune in one of `STYLES`; dance and folk run at about 126 beats a minute."""
    tune = STYLES[style]
    loop = np.zeros(tune.seconds * RATE)
    beat = tune.seconds / (tune.bars * 4)
    _drums(rng, loop, tune, beat)
    _bass(loop, tune, beat)
    _pad(loop, tune, beat)
    _lead(rng, loop, tune, beat)
    # Dance loudspeakers are driven into gentle compression.
    return np.tanh(0.7 * loop)


def _drums(rng: np.random.Generator, loop: NDArray[np.float64], tune: Style, beat: float) -> None:
    t = time_s(0.35)
    sweep = 2 * np.pi * np.cumsum(55 + 90 * np.exp(-t / 0.025)) / RATE
    kick = 1.5 * np.sin(sweep) * np.exp(-t / 0.12) * np.minimum(t / 0.002, 1)
    clap = 0.3 * coloured(rng, len(t), band(900, 3500)) * np.exp(-t / 0.04)
    hat = 0.12 * coloured(rng, len(t), band(6000, 14000)) * np.exp(-t / 0.02)
    for number in range(tune.bars * 4):
        at = round(number * beat * RATE)
        if tune.four_on_the_floor or number % 2 == 0:
            add_circular(loop, at, tune.drums * kick)
        if number % 2 == 1:
            add_circular(loop, at, tune.drums * clap)
        add_circular(loop, at + round(beat / 2 * RATE), tune.drums * hat)


def _bass(loop: NDArray[np.float64], tune: Style, beat: float) -> None:
    for number in range(tune.bars * 8):
        chord = tune.chords[number // 8 % len(tune.chords)]
        octave = 12 * (number % 2) if tune.four_on_the_floor else 0
        note = _note(tune.key + chord + octave, beat * 0.48, (1, 0.5, 0.25, 0.12), 0.12)
        add_circular(loop, round(number * beat / 2 * RATE), tune.bass * note)


def _pad(loop: NDArray[np.float64], tune: Style, beat: float) -> None:
    for bar in range(tune.bars):
        root = tune.key + 24 + tune.chords[bar % len(tune.chords)]
        for interval in (0, 4 if tune.chords[bar % len(tune.chords)] in (3, 8, 10) else 3, 7):
            note = _note(root + interval, beat * 4, (1, 0.5, 0.3, 0.2), 3.0)
            add_circular(loop, round(bar * 4 * beat * RATE), tune.pad * 0.5 * note)


def _lead(rng: np.random.Generator, loop: NDArray[np.float64], tune: Style, beat: float) -> None:
    degree, step = 5, beat / tune.steps_per_beat
    half = tune.bars * 2 * tune.steps_per_beat
    phrase = [int(move) for move in rng.integers(-2, 3, half)]
    rests = rng.random(half) < 0.15
    # The phrase comes twice, as a refrain does.
    for number in range(2 * half):
        degree = int(np.clip(degree + phrase[number % half], 0, 11))
        if rests[number % half]:
            continue
        pitch = tune.key + 36 + 12 * (degree // 5) + _PENTATONIC[degree % 5]
        note = _note(pitch, step * 0.95, tune.lead_harmonics, 0.25, vibrato=0.006)
        add_circular(loop, round(number * step * RATE), tune.lead * note)


@lru_cache(maxsize=128)
def _note(
    pitch: int,
    seconds: float,
    strengths: tuple[float, ...],
    decay: float,
    vibrato: float = 0.0,
) -> NDArray[np.float64]:
    """A note by MIDI number with soft edges and an exponential decay in s."""
    t = time_s(seconds)
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * hertz * t + vibrato * hertz / 5.5 * np.sin(2 * np.pi * 5.5 * t)
    edges = np.minimum(1, np.minimum(t / 0.008, (seconds - t) / 0.02))
    return harmonics(phase, np.array(strengths)) * edges * np.exp(-t / decay)
