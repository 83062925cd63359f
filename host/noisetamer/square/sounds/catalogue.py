"""Every sound a scenario can name, with its options."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.square import kept_loops
from noisetamer.square.loop import Loop
from noisetamer.square.seeds import stream
from noisetamer.square.sounds import construction, music, noise, speech, street, weather
from noisetamer.square.sounds.recording import recording
from noisetamer.square.sounds.wind import wind

# What a scenario says of a sound; of wind, its speed in m/s and the screen's diameter in m; of a
# truck, the time in s it takes for the way that it is off at its nearest.
Option = str | float | Path | tuple[float, float] | None


@dataclass(frozen=True)
class Sound:
    """How a sound is made and how it behaves.

    option      the one key of its own in a scenario (`style`, `colour`, `frequency`), or ""
    once        it is one event: starts at its beginning each time it is heard
    wander_dB   how far its level strays by itself, standard deviation
    chance      whether another seed makes it sound otherwise
    """

    make: Callable[..., NDArray[np.float64]]
    option: str = ""
    once: bool = False
    wander_dB: float = 0.0
    chance: bool = True


CATALOGUE = {
    "tone": Sound(noise.tone, "frequency", chance=False),
    "noise": Sound(noise.noise, "colour"),
    "music": Sound(music.music, "style", wander_dB=0.5),
    "murmur": Sound(speech.murmur, wander_dB=1.0),
    "traffic": Sound(street.traffic, wander_dB=1.0),
    "jackhammer": Sound(construction.jackhammer, wander_dB=0.5),
    "hammer": Sound(construction.hammer, wander_dB=0.5),
    "wind": Sound(wind, "speed"),
    "thunder": Sound(weather.thunder, once=True),
    "firework": Sound(weather.firework, once=True),
    "horn": Sound(street.horn, once=True),
    "truck": Sound(street.truck, "speed", once=True),
    "shout": Sound(speech.shout, once=True),
    "recording": Sound(recording, "file", once=True),
}


def loop_of(sound: str, option: Option, seed: int, purpose: str) -> Loop:
    """The loop of one source, made once and shared by all units, and by later runs."""
    if not CATALOGUE[sound].chance:
        seed, purpose = 0, ""
    return _made(sound, option, seed, purpose)


@lru_cache(maxsize=32)
def _made(sound: str, option: Option, seed: int, purpose: str) -> Loop:
    kind = CATALOGUE[sound]
    if sound == "recording":
        return Loop.of(kind.make(option))
    arguments = [] if option is None else [option]
    return kept_loops.kept(
        repr((sound, option, seed, purpose)),
        lambda: Loop.of(kind.make(stream(seed, -1, purpose), *arguments)),
    )
