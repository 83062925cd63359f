"""The simulated wind rises, reaches down and gusts as turbulence on a microphone does."""

import numpy as np
import pytest
from exact_meter import measured
from scenarios import made

from noisetamer.square.levels import RATE, a_amplitude, c_amplitude
from noisetamer.square.rumble import level_and_span, rumble
from noisetamer.square.seeds import stream
from noisetamer.square.sounds.catalogue import loop_of
from noisetamer.square.sounds.wind import SECONDS, third_octave_level, wind, wind_level
from noisetamer.square.world import World

WIND = """
[[source]]
name = "wind"
sound = "wind"
speed = "5 m/s"
"""


def rise(speeds, level):
    """dB for ten times the speed."""
    low, high = speeds
    return (level(high) - level(low)) / np.log10(high / low)


def test_it_rises_with_speed_as_measured_winds_do():
    at_8_Hz = np.array([8.0])
    assert rise((5, 10), lambda v: third_octave_level(at_8_Hz, v, 0.06)[0]) == pytest.approx(
        47, abs=2
    )
    assert rise((5, 10), lambda v: wind_level(v, 0.06)) == pytest.approx(66, abs=2)


def test_a_screen_helps_against_all_but_the_large_eddies():
    bands = np.array([4.0, 63.0, 500.0])
    less = third_octave_level(bands, 5, 0.02) - third_octave_level(bands, 5, 0.09)
    assert less[0] < 2
    assert 6 < less[1] < less[2] < 20 * np.log10(0.09 / 0.02) + 0.1


def test_its_spectrum_is_the_stated_one_and_its_gusts_spread_the_seconds():
    loop = loop_of("wind", (5.0, 0.06), 1, "test")
    assert loop.seconds == SECONDS
    bands = 10 ** np.arange(0.0, 4.31, 0.1)
    energies = 10 ** (third_octave_level(bands, 5, 0.06) / 10)
    stated = np.sum(energies * c_amplitude(bands) ** 2) / np.sum(
        energies * a_amplitude(bands) ** 2
    )
    # Gusts are worth more in A.
    assert -1.5 < 10 * np.log10(loop.c.mean() / loop.a.mean() / stated) < 0.5
    assert 3 < np.std(10 * np.log10(loop.a)) < 8


def test_it_repeats_without_a_click():
    samples = loop_of("wind", (8.0, 0.06), 1, "test").samples
    jumps = np.abs(np.diff(samples, append=samples[0]))
    assert jumps[-1] <= jumps[:-1].max()


def test_the_same_seed_blows_the_same():
    first, again = (wind(stream(3, -1, "gust"), (5.0, 0.06)) for _ in range(2))
    assert (first == again).all()


def test_in_a_square_it_is_as_loud_as_it_blows_and_has_no_distance(tmp_path):
    world = World(made(tmp_path, WIND), 1, 0)
    levels = [world.levels(second).LAeq for second in range(SECONDS)]
    mean = 10 * np.log10(np.mean(10 ** (np.array(levels) / 10)))
    assert mean == pytest.approx(wind_level(5, 0.06), abs=0.1)
    assert wind_level(5, 0.06) == pytest.approx(50, abs=1)


def test_levels_without_sound_are_those_of_the_sound(tmp_path):
    world = World(made(tmp_path, WIND), 1, 0)
    said = [world.levels(second) for second in range(6)]
    heard = World(made(tmp_path, WIND), 1, 0)
    sound = np.concatenate([heard.sound(second) for second in range(6)])
    for given, found in list(zip(said, measured(sound), strict=True))[1:-1]:
        assert given.LAeq == pytest.approx(found.LAeq, abs=0.3)
        assert given.LCeq == pytest.approx(found.LCeq, abs=0.3)


def test_the_rumble_of_a_square_is_the_winds_not_the_musics(tmp_path):
    music = '[[source]]\nname = "m"\nsound = "music"\nlevel = "95 dB"\ndistance = "10 m"\n'
    wind_alone, music_alone = (World(made(tmp_path, text), 1, 0) for text in (WIND, music))
    loudest = max(level_and_span(music_alone.rumble(second))[0] for second in range(16))
    weakest = min(level_and_span(wind_alone.rumble(second))[0] for second in range(SECONDS))
    assert weakest > loudest + 15


def test_a_tone_at_the_filters_best_keeps_its_level_and_bass_is_40_dB_down():
    times = np.arange(2 * RATE) / RATE
    deep, bass = (10**4 * np.sqrt(2) * np.sin(2 * np.pi * hertz * times) for hertz in (6, 60))
    # The box takes magnitudes, and a sine for noise: 1 dB more than its 80.
    assert level_and_span(rumble(deep)[1])[0] == pytest.approx(81, abs=0.5)
    assert level_and_span(rumble(bass)[1])[0] < 45
