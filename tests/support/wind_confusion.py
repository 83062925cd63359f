"""What is taken for wind, sound by sound. `python tests/support/wind_confusion.py` prints
the table of firmware/tamer/hear/README.md."""

import sys
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import soundfile
from folders import RECORDINGS
from numpy.typing import NDArray
from validity_ear import Judged, judged

from noisetamer.square.levels import RATE, REFERENCE_PA, a_amplitude, weighted
from noisetamer.square.seeds import stream
from noisetamer.square.sounds import construction, music, noise, speech, street, weather
from noisetamer.square.sounds.wind import SECONDS, wind, wind_level
from tamer.record.reading import WIND

_RECORDED_FULL_SCALE_dB = 100.0
_LONGEST_S = 24


class Row(NamedTuple):
    """seconds: heard. taken: for wind. clear_dB: the least distance of LAeq above the line below
    which it counts as wind, negative where it is below."""

    name: str
    LAeq: float
    C_minus_A: float
    seconds: int
    taken: int
    clear_dB: float


def at(level: float, sound: NDArray) -> NDArray:
    """The sound at an LAeq in dB, in Pa."""
    a = weighted(np.asarray(sound, dtype=np.float64), a_amplitude)
    return sound * (REFERENCE_PA * 10 ** (level / 20) / np.sqrt(np.mean(a**2)))


@cache
def made(make: Callable[..., NDArray], *option) -> NDArray:
    return make(stream(1, -1, make.__name__), *option)


def blowing(speed: float, screen: float = 0.06) -> NDArray:
    return at(wind_level(speed, screen), made(wind, (speed, screen)))


def with_bass(sound: NDArray, gain_dB: float) -> NDArray:
    """More of what lies below 80 Hz, as a subwoofer gives it."""
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum *= 1 + (10 ** (gain_dB / 20) - 1) / (1 + (frequency / 80) ** 4)
    return np.fft.irfft(spectrum, len(sound))


def sub_bass(seconds: int) -> NDArray:
    """35 Hz at 95 dB, 126 times a minute."""
    time = np.arange(seconds * RATE) / RATE
    tone = np.sin(2 * np.pi * 35 * time) * np.exp(-(time % (60 / 126)) / 0.25)
    return tone * np.sqrt(2) * REFERENCE_PA * 10 ** (95 / 20)


def over_a_road(sound: NDArray) -> NDArray:
    """With the traffic of a quiet night, 40 dB."""
    return sound + np.resize(at(40, made(street.traffic)), len(sound))


def dance(level: float = 75, seconds: int = 24) -> NDArray:
    return np.resize(at(level, made(music.music, "dance")), seconds * RATE)


def recorded(name: str) -> NDArray:
    samples, _ = soundfile.read(RECORDINGS / f"{name}.wav")
    return np.sqrt(2) * REFERENCE_PA * 10 ** (_RECORDED_FULL_SCALE_dB / 20) * samples


# Name -> pressure in Pa.
SOUNDS: dict[str, Callable[[], NDArray]] = {
    "wind 2 m/s, far road": lambda: over_a_road(blowing(2)),
    "wind 3 m/s, far road": lambda: over_a_road(blowing(3)),
    "wind 5 m/s": lambda: blowing(5),
    "wind 8 m/s": lambda: blowing(8),
    "wind 12 m/s": lambda: blowing(12),
    "wind 5 m/s, screen of 20 mm": lambda: blowing(5, 0.02),
    "wind 10 m/s, screen of 20 mm": lambda: blowing(10, 0.02),
    "wind 8 m/s and dance 65 dB": lambda: blowing(8) + dance(65, SECONDS),
    "wind 5 m/s and dance 75 dB": lambda: blowing(5) + dance(75, SECONDS),
    "dance": dance,
    "folk": lambda: at(75, made(music.music, "folk")),
    "march": lambda: at(75, made(music.music, "march")),
    "ballad": lambda: at(75, made(music.music, "ballad")),
    "dance, bass 12 dB up": lambda: at(75, with_bass(dance(), 12)),
    "dance, bass 20 dB up": lambda: at(75, with_bass(dance(), 20)),
    "dance and 35 Hz at 95 dB": lambda: dance(70) + sub_bass(24),
    "traffic": lambda: at(65, made(street.traffic)),
    "truck": lambda: at(72, made(street.truck)),
    "truck, 20 km/h at 10 m": lambda: at(70, made(street.truck, 1.8)),
    "thunder": lambda: at(76, made(weather.thunder)),
    "firework": lambda: at(76, made(weather.firework)),
    "crowd": lambda: at(65, made(speech.murmur)),
    "jackhammer": lambda: at(80, made(construction.jackhammer)),
    "brown noise": lambda: at(60, made(noise.noise, "brown")),
    "recorded: dance music": lambda: recorded("music_beat"),
    "recorded: inside a car": lambda: recorded("iso532_15_vehicle"),
    "recorded: hammer": lambda: recorded("iso532_18_hammer"),
    "recorded: jackhammer": lambda: recorded("iso532_21_jackhammer"),
}


def row(name: str) -> Row:
    """One sound at the ear, at most 24 s of it."""
    pressure = SOUNDS[name]()
    # Twice, as the first seconds are for settling.
    loop = pressure[: len(pressure) // RATE * RATE][: _LONGEST_S * RATE]
    heard = judged(np.concatenate([loop[-2 * RATE :], loop]))
    LAeq, LCeq = (_mean([second[n] for second in heard]) for n in (0, 1))
    taken = sum(second.reason == WIND for second in heard)
    return Row(name, LAeq, LCeq - LAeq, len(heard), taken, min(map(_clear, heard)) / 10)


def _clear(second: Judged) -> float:
    return second.LAeq + 420 - 7 * second.rumble / 5


def _mean(levels: list[int]) -> float:
    return float(10 * np.log10(np.mean(10 ** (np.array(levels) / 100))))


def table() -> list[str]:
    """The rows as they stand in the README."""
    return [
        f"| {one.name} | {one.LAeq:.0f} | {one.C_minus_A:.0f} | "
        f"{one.taken} of {one.seconds} | {one.clear_dB:+.0f} |"
        for one in (row(name) for name in SOUNDS)
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
