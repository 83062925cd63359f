"""A background over the microphone's own noise is named, whatever its shape; a quiet one not."""

import runpy

import numpy as np
import pytest

from noisetamer.base.paths import BOARDS
from noisetamer.sound.design.weighting import analytic
from noisetamer.sound.measure.doctor import doctor
from noisetamer.square.levels import RATE, REFERENCE_PA
from noisetamer.square.microphone import Microphone
from noisetamer.square.scenario_parts import MicrophoneSettings
from noisetamer.square.sounds.noise import noise

TIME = np.arange(2 * RATE) / RATE


def chance():
    return np.random.default_rng(4)


def now_and_then(period_s, on_s):
    return TIME % period_s < on_s


# What it is made of, and what it is said to be like.
KINDS = {
    "hum": (lambda: sum(np.sin(100 * np.pi * k * TIME + k) / k for k in range(1, 12)), "hums"),
    "whine": (lambda: np.sin(2 * np.pi * 15_734 * TIME), "whines at 15734 Hz"),
    "hiss": (lambda: noise(chance(), "pink")[: len(TIME)], "hisses"),
    "bursts": (lambda: chance().standard_normal(len(TIME)) * now_and_then(1.0, 0.05), "comes and"),
    "slow swell": (
        lambda: chance().standard_normal(len(TIME)) * (0.05 + np.sin(np.pi * 0.8 * TIME) ** 8),
        "comes and",
    ),
    "clicks": (lambda: 1.0 * now_and_then(0.4, 1 / RATE), "comes and"),
    "rumble": (lambda: np.sin(56 * np.pi * TIME), "rumbles"),
    "a telephone": (lambda: 1.0 * now_and_then(1 / 216.7, 0.000577), "buzzes"),
}


def own_noises() -> set[float]:
    """Of every shipped microphone, dB(A)."""
    profiles = (BOARDS / "microphones").glob("*.py")
    return {runpy.run_path(str(file))["PROFILE"].floor for file in profiles}


def words(kind: str, level: float, own_noise: float):
    """A capture in which a kind of background has an A-weighted level in dB."""
    wave = KINDS[kind][0]()
    spectrum, frequency = np.fft.rfft(wave - wave.mean()), np.fft.rfftfreq(len(wave), 1 / RATE)
    power = np.abs(spectrum[1:]) ** 2 * 10 ** (analytic("A", frequency[1:]) / 10)
    weighted = np.sqrt(2 * power.sum()) / len(wave)
    pressure = REFERENCE_PA * 10 ** (level / 20) / weighted * (wave - wave.mean())
    settings = MicrophoneSettings(noise_floor_dBA=own_noise, low_corner_Hz=0.0)
    return Microphone(settings, 2).capture(pressure.astype(np.float32))


@pytest.fixture
def found(tmp_path):
    def found(kind, over, own_noise):
        file = tmp_path / "a.raw"
        file.write_bytes(words(kind, own_noise + over, own_noise).astype("<i4").tobytes())
        return doctor(file, quiet=True, floor=own_noise)

    return found


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_it_passes_and_none_is_ill_that_is_quiet(found, kind):
    for own_noise in own_noises():
        assert found(kind, 4, own_noise) == [], own_noise
        (loud,) = found(kind, 9, own_noise)
        assert loud.code == "noise floor"
        assert f"{own_noise + 9:.0f} dB(A)" in loud.wrong or f"{own_noise + 10:.0f} dB(A)" in (
            loud.wrong
        )


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_said_what_it_is_like_and_what_to_do(found, kind):
    (loud,) = found(kind, 20, 33.0)
    assert KINDS[kind][1] in loud.wrong
    assert "; where it stays so, " in loud.fix
