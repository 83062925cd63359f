"""The square: levels and distance, silence of switching, the same bytes for the same seed."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from exact_meter import measured
from scenarios import TONE, made

from noisetamer.square import scenario
from noisetamer.square.world import World

STILL = 'wander = "0 dB"\n'


def hear(loaded, seconds, seed=1, unit=0, first=0):
    world = World(loaded, seed, unit)
    return np.concatenate([world.sound(second) for second in range(first, first + seconds)])


def digest(sound):
    return hashlib.sha256(sound.tobytes()).hexdigest()


@pytest.mark.parametrize(("distance", "level"), [("1 m", 74), ("10 m", 54), ("20 m", 47.98)])
def test_level_falls_6_dB_per_doubling_of_distance(tmp_path, distance, level):
    loaded = made(tmp_path, TONE.replace("10 m", distance))
    assert measured(hear(loaded, 3))[1].LAeq == pytest.approx(level, abs=0.05)
    assert World(loaded, 1, 0).levels(1).LAeq == pytest.approx(level, abs=0.05)


# Each shipped scenario where most happens: something begins, changes or ends.
STRETCHES = {
    "demo_square": range(15, 60),
    "evening_square": range(825, 855),
    "construction_site": range(235, 265),
    "thunder_and_horns": range(60, 110),
    "police_called": range(12, 30),
    "quiet_night": range(1620, 1650),
    "short_and_loud": range(62, 82),
    "windy_night": range(175, 195),
    "failing_microphone": range(595, 610),
    "trial": range(25, 40),
}


@pytest.mark.parametrize("name", STRETCHES)
def test_levels_without_sound_are_those_an_exact_meter_finds_in_the_sound(name):
    loaded, seconds = scenario.load(name), STRETCHES[name]
    world = World(loaded, 1, 0)
    said = np.array([world.levels(second) for second in seconds])
    found = np.array(measured(hear(loaded, len(seconds), first=seconds.start)))
    apart = np.abs(said - found)[1:]  # the meter itself has to settle in the first second
    LAeq, LAFmax, LCeq, LCpeak = apart.max(axis=0)
    assert LAeq < 0.6
    assert LAFmax < 1.1
    assert LCeq < 0.8
    assert LCpeak < 3
    assert apart[:, 3].mean() < 1


def test_all_shipped_scenarios_are_covered_by_the_comparison():
    assert sorted(STRETCHES) == scenario.shipped()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    loaded = scenario.load("demo_square")
    assert digest(hear(loaded, 5, seed=7)) == digest(hear(loaded, 5, seed=7))
    assert digest(hear(loaded, 5, seed=7)) != digest(hear(loaded, 5, seed=8))


def test_each_unit_hears_a_square_of_its_own():
    loaded = scenario.load("evening_square")
    assert digest(hear(loaded, 2, unit=0)) != digest(hear(loaded, 2, unit=1))


def test_staggered_units_tell_the_same_story_one_after_the_other(tmp_path):
    text = (
        '[box]\nstagger = "25 s"\n'
        + TONE
        + STILL
        + 'volume = [["0s", "-20 dB"], ["30s", "0 dB"]]\n'
    )
    loaded = made(tmp_path, text)
    for unit in range(3):
        world = World(loaded, 1, unit)
        levels = [world.levels(second).LAeq for second in range(90)]
        louder = next(second for second, level in enumerate(levels) if level > 50)
        assert louder == 31 + 25 * unit  # the second in which the knob turns is still half quiet


def test_switching_on_and_off_does_not_click(tmp_path):
    text = TONE.replace('sound = "tone"', 'sound = "tone"\nfrequency = "100 Hz"')
    sound = hear(made(tmp_path, text + 'on = [["1s", "3s"], ["4s", "5s"]]\n'), 6)
    steepest_of_the_tone = np.abs(sound).max() * 2 * np.pi * 100 / 48_000
    assert np.abs(np.diff(sound)).max() < 1.2 * steepest_of_the_tone
    assert not sound[:48_000].any()
    assert not sound[5 * 48_000 :].any()


def test_a_turn_of_the_knob_takes_one_second_and_does_not_click(tmp_path):
    loaded = made(tmp_path, TONE + STILL + 'volume = [["2s", "+10 dB"]]\n')
    sound = hear(loaded, 5)
    assert np.abs(np.diff(sound, 2)).max() < 1.05 * np.abs(np.diff(sound[-48_000:], 2)).max()
    levels = [level.LAeq for level in measured(sound)]
    assert levels[1] == pytest.approx(54, abs=0.05)
    assert levels[3] == pytest.approx(64, abs=0.05)


def test_music_turned_up_by_hand_takes_the_next_second_and_does_not_click(tmp_path):
    music = TONE.replace("tone", "music") + STILL
    world = World(made(tmp_path, TONE + STILL + music), 1, 0)
    before = [world.levels(second).LAeq for second in range(3)]
    world.turn_music(20.0)
    world.turn_music(20.0)
    after = [world.levels(second).LAeq for second in range(3, 6)]
    assert after[-1] > max(before) + 10
    assert before[-1] < after[0] < after[1]
    world.turn_music(-30.0)
    assert [world.levels(second).LAeq for second in range(6, 9)][-1] < 55


def test_a_source_set_low_before_it_goes_on_begins_low(tmp_path):
    text = TONE + STILL + 'on = [["5s", "20s"]]\nvolume = [["5s", "-15 dB"], ["10s", "0 dB"]]\n'
    world = World(made(tmp_path, text), 1, 0)
    levels = [world.levels(second).LAeq for second in range(20)]
    assert max(levels[5:10]) == pytest.approx(39, abs=0.1)
    assert levels[15] == pytest.approx(54, abs=0.1)


def test_drift_is_slow_and_then_stays(tmp_path):
    world = World(made(tmp_path, TONE + STILL + 'drift = ["+6 dB", "10m"]\n'), 1, 0)
    assert world.levels(300).LAeq == pytest.approx(57, abs=0.1)
    assert world.levels(900).LAeq == pytest.approx(60, abs=0.1)


def test_something_that_comes_back_keeps_its_interval_and_its_spread(tmp_path):
    text = TONE + 'first = "2m"\nevery = "5m"\nlasts = "10s"\nspread = "30s"\n'
    world = World(made(tmp_path, text), 1, 0)
    for second in range(3600):
        world.levels(second)
    begins = [event["second"] for event in world.truth() if event["world"] == "on"]
    assert len(begins) == 12
    for number, begin in enumerate(begins):
        assert 0 <= begin - 120 - 300 * number <= 30
    assert len({after - before for before, after in pairwise(begins)}) > 3


def test_the_truth_is_told_once_and_in_order():
    world = World(scenario.load("evening_square"), 1, 0)
    told = []
    for second in range(900):
        world.levels(second)
        if second % 100 == 0:
            told += world.truth()
    told += world.truth()
    assert [event["second"] for event in told] == sorted(event["second"] for event in told)
    assert {"second": 840, "world": "volume", "group": "east", "change_dB": 10.0} in told
    assert {"second": 120, "world": "on", "group": "choir", "change_dB": None} in told
    assert len(told) == len({(event["second"], event["group"], event["world"]) for event in told})


def test_a_square_where_nothing_sounds_has_0_dB_not_minus_infinity(tmp_path):
    world = World(made(tmp_path, TONE + 'on = [["10m", "11m"]]\n'), 1, 0)
    assert world.levels(0) == (0, 0, 0, 0)
