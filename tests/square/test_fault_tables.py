"""What can go wrong in a scenario is written as faults; what cannot be meant is refused."""

import numpy as np
import pytest
from scenarios import TONE, made

from noisetamer.base.errors import UserError
from noisetamer.square.fault import FaultKind, ScenarioFault
from noisetamer.square.microphone_faults import MicrophoneFaults
from noisetamer.square.scenario import with_faults
from noisetamer.square.scenario_parts import MicrophoneSettings
from noisetamer.square.world import World


def fault(kind, on):
    return f'{TONE}\n[[fault]]\nkind = "{kind}"\non = {on}\n'


def also(kind, on):
    return fault(kind, on).removeprefix(TONE + "\n")


@pytest.mark.parametrize(
    ("kind", "on", "says"),
    [
        ("stuk", '[["1m", "2m"]]', "unknown; did you mean stuck?"),
        ("gap", '[["1m", "2m"]]', "on is longer than 6 s; the watchdog would reset the box"),
        ("hang", '[["1m", "65s"]]', "on is shorter than 9 s; take gap"),
        ("clock", '[["1m", "2m"]]', 'on must be one span from "0s"'),
        ("dead", '[["2m", "1m"]]', 'on ends at "1m" before it begins at "2m"'),
    ],
)
def test_a_fault_that_cannot_be_meant_is_refused_with_its_place(tmp_path, kind, on, says):
    with pytest.raises(UserError) as refused:
        made(tmp_path, fault(kind, on))
    assert "[[fault]] 1: " in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ntp-lost", "ntp-zero"),
        ("no-access-point", "wrong-key"),
        ("clock-2000", "clock-2036"),
        ("hub-refused", "hub-silent"),
    ],
)
def test_what_cannot_be_at_the_same_time_is_refused(tmp_path, one, other):
    pair = fault(one, '[["1m", "3m"]]') + also(other, '[["2m", "4m"]]')
    with pytest.raises(UserError) as refused:
        made(tmp_path, pair)
    assert f"{one} and {other} cannot be at the same time" in str(refused.value)
    apart = pair.replace('"2m"', '"3m"') + also("power", '[["50s", "1m"], ["170s", "3m"]]')
    assert [one.kind for one in made(tmp_path, apart).faults] == [one, other, "power"]


@pytest.mark.parametrize("on", ['[["1m", "2m"]]', '[["0s", "1m"], ["90s", "2m"]]'])
def test_a_clock_shows_what_it_does_when_the_power_comes(tmp_path, on):
    with pytest.raises(UserError, match="clock-2000 is what a clock shows when the power comes"):
        made(tmp_path, fault("clock-2000", on))
    cut = also("power", '[["50s", "1m"], ["80s", "90s"]]')
    assert made(tmp_path, fault("clock-2000", on) + cut).faults
    held = also("power", '[["0s", "10s"]]')
    with pytest.raises(UserError, match="from 0 s to 5 s it does not"):
        made(tmp_path, fault("clock-2000", '[["0s", "5s"]]') + held)


def test_a_fault_of_one_run_is_read_as_those_of_the_file(tmp_path):
    story = with_faults(made(tmp_path, TONE), [("ntp-lost", "19:01", "5m"), ("power", "0s", "1m")])
    assert [(fault.kind, fault.on) for fault in story.faults] == [
        (FaultKind.NTP_LOST, ((60, 300),)),
        (FaultKind.POWER, ((0, 60),)),
    ]
    with pytest.raises(UserError, match=r"--fault ntp-lots: kind .* did you mean ntp-lost\?"):
        with_faults(story, [("ntp-lots", "0s", "1m")])
    with pytest.raises(UserError, match="--fault: ntp-lost and ntp-zero cannot"):
        with_faults(story, [("ntp-zero", "0s", "2m")])


def test_a_fault_needs_its_time(tmp_path):
    with pytest.raises(UserError, match="on is missing"):
        made(tmp_path, TONE + '\n[[fault]]\nkind = "dull"\n')


def test_wind_has_a_speed_and_neither_level_nor_distance(tmp_path):
    wind = '[[source]]\nname = "w"\nsound = "wind"\nspeed = "30 km/h"\n'
    assert made(tmp_path, wind).sources[0].option == (pytest.approx(30 / 3.6), 0.06)
    with pytest.raises(UserError, match="unknown key level"):
        made(tmp_path, wind + 'level = "80 dB"\n')


def test_a_truck_with_a_speed_passes_as_its_distance_has_it(tmp_path):
    text = TONE.replace('sound = "tone"', 'sound = "truck"\nspeed = "36 km/h"')
    world = World(made(tmp_path, text), 1, 0)
    levels = [world.levels(second).LAeq for second in range(20)]
    # 10 m off at 10 m/s: 3 dB less a second before and after, 9 to 10 dB less after three.
    peak = int(np.argmax(levels))
    assert levels[peak] - levels[peak + 1] == pytest.approx(2.5, abs=1.5)
    assert levels[peak] - levels[peak + 3] == pytest.approx(9.5, abs=2)


def test_the_story_tells_when_a_fault_begins_and_ends(tmp_path):
    world = World(made(tmp_path, fault("stuck", '[["5s", "8s"]]')), 1, 0)
    for second in range(10):
        world.levels(second)
    told = [(event["second"], event["world"], event["group"]) for event in world.truth()]
    assert told == [(5, "on", "fault: stuck"), (8, "off", "fault: stuck")]


def test_where_blocks_end_makes_no_difference_to_a_fault():
    words = (np.arange(4 * 48_000) % 1000).astype(np.int32) << 8
    spans = (ScenarioFault(FaultKind.STUCK, ((1, 3),)),)
    whole = MicrophoneFaults(spans, 0, MicrophoneSettings(), 1).words(words, 0)
    faults, at, parts = MicrophoneFaults(spans, 0, MicrophoneSettings(), 1), 0, []
    for part in np.split(words, [700, 50_000, 50_001, 150_000]):
        parts.append(faults.words(part, at))
        at += len(part)
    assert (np.concatenate(parts) == whole).all()
    assert set(whole[48_000 : 3 * 48_000]) == {whole[47_999]}
    assert (whole[3 * 48_000 :] == words[3 * 48_000 :]).all()


def test_a_fault_within_a_longer_one_does_not_end_it():
    both = (ScenarioFault(FaultKind.DEAD, ((1, 6),)), ScenarioFault(FaultKind.STUCK, ((2, 3),)))
    faults = MicrophoneFaults(both, 0, MicrophoneSettings(), 1)
    healthy = np.full((8, 4), 60.0)
    whole = faults.levels(healthy, 0)
    ill = [bool((levels != 60).any()) for levels in whole]
    assert ill == [False, True, True, True, True, True, False, False]
    assert (faults.levels(healthy[4:], 4) == whole[4:]).all()
    words = (np.arange(48_000) % 1000).astype(np.int32) << 8
    assert (faults.words(words, 5 * 48_000) != words).any()
