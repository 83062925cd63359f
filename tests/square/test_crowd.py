"""The crowd: listens with its probability, late but never too early, and forgets again."""

import hashlib

import numpy as np
import pytest
from scenarios import TONE, made

from noisetamer.square.world import World

GROUP = """
wander = "0 dB"
[[group]]
name = "east"
sources = ["tone"]
delay = ["2 s", "8 s"]
turns_down = "12 dB"
"""


def reactions(world, until):
    for second in range(until):
        world.levels(second)
    return [event for event in world.truth() if event["world"] in ("comply", "relapse")]


def told_once(loaded, seed, second=10, what="warning:1"):
    world = World(loaded, seed, 0)
    world.levels(second)
    world.hears(second, what)
    return reactions(world, 20)


def test_nobody_reacts_in_the_next_second(tmp_path):
    loaded = made(tmp_path, TONE + GROUP + "listens = 1.0\n")
    delays = [told_once(loaded, seed)[0]["second"] - 10 for seed in range(100)]
    assert min(delays) >= 2
    assert max(delays) == 8


def test_a_second_computed_ahead_is_not_changed_by_what_is_heard(tmp_path):
    loaded = made(tmp_path, TONE + GROUP + "listens = 1.0\n")
    for seed in range(20):
        deaf, hearing = World(loaded, seed, 0), World(loaded, seed, 0)
        ahead = [deaf.sound(second) for second in range(12)]
        for second in range(12):
            assert (hearing.sound(second) == ahead[second]).all()
            if second == 11:
                hearing.hears(10, "warning:1")
        assert hearing.levels(25).LAeq < deaf.levels(25).LAeq - 11


def test_a_message_that_the_group_has_its_own_mind_of_is_heeded_by_that(tmp_path):
    kinder = "listens = [0.0, 1.0]\nmessages = { please = 1.0, stop = 0.0 }\n"
    loaded = made(tmp_path, TONE + GROUP + kinder)
    for what, heeded in (
        ("warning:1", False),
        ("warning:1:please", True),
        ("warning:2:stop", False),
        ("warning:2:warning_zh", True),
    ):
        assert bool(told_once(loaded, 1, what=what)) == heeded, what


def test_what_is_heard_too_late_is_refused(tmp_path):
    world = World(made(tmp_path, TONE + GROUP), 1, 0)
    world.sound(12)
    with pytest.raises(ValueError, match="second 12 is already past"):
        world.hears(10, "warning:1")
    with pytest.raises(ValueError, match='not "music"'):
        world.hears(12, "music")


@pytest.mark.parametrize("probability", [0.3, 0.8])
def test_the_probability_is_honoured_over_many_seeds(tmp_path, probability):
    loaded = made(tmp_path, TONE + GROUP + f"listens = {probability}\n")
    share = np.mean([bool(told_once(loaded, seed)) for seed in range(300)])
    assert share == pytest.approx(probability, abs=0.08)


def test_each_warning_of_an_incident_has_its_own_probability_and_the_last_holds(tmp_path):
    loaded = made(tmp_path, TONE + GROUP + "listens = [0.0, 1.0]\n")
    assert not any(told_once(loaded, seed) for seed in range(20))
    assert all(told_once(loaded, seed, what="warning:2") for seed in range(20))
    assert all(told_once(loaded, seed, what="warning:9") for seed in range(20))


def test_the_spotlight_alone_impresses_only_who_notices_it(tmp_path):
    loaded = made(tmp_path, TONE + GROUP + "listens = 1.0\n")
    assert not told_once(loaded, 1, what="spotlight")
    loaded = made(tmp_path, TONE + GROUP + "notices_spotlight = 1.0\n")
    assert told_once(loaded, 1, what="spotlight")


def test_who_complies_is_quieter_by_what_the_scenario_says_within_a_second(tmp_path):
    world = World(made(tmp_path, TONE + GROUP + "listens = 1.0\n"), 3, 0)
    world.levels(10)
    world.hears(10, "warning:1")
    levels = [world.levels(second).LAeq for second in range(11, 40)]
    at = reactions(world, 1)[0]["second"]
    assert levels[at - 11 - 1] == pytest.approx(54, abs=0.1)
    assert levels[at - 11 + 1] == pytest.approx(42, abs=0.1)


def test_a_relapse_comes_after_its_time_and_may_be_milder(tmp_path):
    text = (
        'listens = 1.0\nrelapses = 1.0\nrelapse_after = ["10 s", "20 s"]\nrelapses_by = "9 dB"\n'
    )
    world = World(made(tmp_path, TONE + GROUP + text), 3, 0)
    world.levels(10)
    world.hears(10, "warning:1")
    comply, relapse = reactions(world, 60)
    assert (comply["change_dB"], relapse["change_dB"]) == (-12, 9)
    assert 10 <= relapse["second"] - comply["second"] <= 20
    assert world.levels(50).LAeq == pytest.approx(51, abs=0.1)
    world.hears(59, "warning:1")
    assert [event["change_dB"] for event in reactions(world, 90)] == [-9, 9]


def test_the_next_evening_starts_afresh(tmp_path):
    text = TONE + 'on = [["0s", "1m"], ["2m", "3m"]]' + GROUP + "listens = 1.0\n"
    world = World(made(tmp_path, text), 3, 0)
    world.levels(10)
    world.hears(10, "warning:1")
    levels = [world.levels(second).LAeq for second in range(11, 180)]
    assert levels[40 - 11] == pytest.approx(42, abs=0.1)
    assert levels[121 - 11] == pytest.approx(54, abs=0.1)


def test_who_does_not_play_does_not_listen(tmp_path):
    text = TONE + 'on = [["5m", "6m"]]' + GROUP + "listens = 1.0\n"
    assert not told_once(made(tmp_path, text), 1)


def test_the_same_calls_give_the_same_bytes(tmp_path):
    loaded = made(tmp_path, TONE + GROUP + "listens = 0.5\n")

    def run():
        world, total = World(loaded, 5, 0), hashlib.sha256()
        for second in range(40):
            total.update(world.sound(second).tobytes())
            if second % 12 == 6:
                world.hears(second, f"warning:{second // 12 + 1}")
        return total.hexdigest(), world.truth()

    assert run() == run()
