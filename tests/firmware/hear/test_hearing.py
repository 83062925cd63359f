"""Samples that never came are said to be missing; none is missing without being said."""

from itertools import pairwise
from pathlib import Path

import pytest
from folders import ON_BOX
from stand import RATE, START, TONE_DB, Ran, Stand
from unix_port import run

from noisetamer.base.paths import FIRMWARE
from tamer.record.reading import GAP, MISSING, POWER, VALID, reason

pytestmark = pytest.mark.device

TONE = round(10 * TONE_DB)
BLOCKS = 8  # a second


def busy(folder: Path, ms: int, interrupts: bool = False) -> Ran:
    """12 s of hearing; from 5.1 s on the box is busy for so long."""
    settings = {"busy_at": 5100, "busy_for": ms, "interrupts": interrupts}
    return Stand(folder, ON_BOX / "main_busy.py", **settings).run(12)


def reasons(ran: Ran) -> list[int]:
    return [reason(second) for second in ran.seconds()]


def test_a_steady_tone_has_its_level_in_every_second_after_the_first(tmp_path: Path):
    seconds = Stand(tmp_path).run(12).seconds()
    assert [second.t for second in seconds] == list(range(START, START + len(seconds)))
    assert [reason(second) for second in seconds] == [POWER] + [VALID] * (len(seconds) - 1)
    assert {second.LAeq for second in seconds[2:]} == {TONE}


@pytest.mark.parametrize("ms", [10, 60, 95])
def test_nothing_is_lost_while_the_reader_is_late_by_less_than_the_dma_holds(
    tmp_path: Path, ms: int
):
    ran = busy(tmp_path, ms)
    assert ran.samples_lost() == 0
    assert set(reasons(ran)[1:]) == {VALID}
    assert {second.LAeq for second in ran.seconds()[2:]} == {TONE}


def test_half_a_second_of_being_late_is_one_gap_and_the_next_second_is_valid(tmp_path: Path):
    ran = busy(tmp_path, 500)
    assert 0.3 * RATE < ran.samples_lost() < 0.5 * RATE
    assert reasons(ran) == [POWER] + [VALID] * 4 + [GAP] + [VALID] * (len(reasons(ran)) - 6)
    assert ran.seconds()[6].LAeq == TONE
    times = [second.t for second in ran.seconds()]
    assert times == list(range(START, START + len(times)))


@pytest.mark.parametrize(("ms", "unheard"), [(1500, 1), (3500, 3)])
def test_whole_seconds_that_went_by_unheard_are_told_each_as_a_gap(
    tmp_path: Path, ms: int, unheard: int
):
    ran = busy(tmp_path, ms)
    seconds = ran.seconds()
    assert [second.t for second in seconds] == list(range(START, START + len(seconds)))
    gaps = [second for second in seconds if reason(second) == GAP]
    assert len(gaps) == unheard + 1
    assert [second.LAeq == MISSING for second in gaps] == [True] * unheard + [False]
    assert abs(ran.samples_lost() / RATE - unheard) < 0.5


def test_what_is_overwritten_while_interrupts_go_on_is_a_gap_too(tmp_path: Path):
    ran = busy(tmp_path, 600, interrupts=True)
    assert ran.samples_lost() == 0  # read in time, but over what had not been weighed yet
    assert reasons(ran).count(GAP) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_sample_is_lost_in_a_valid_second(tmp_path: Path, seed: int):
    script = ON_BOX / "main_often_busy.py"
    ran = Stand(tmp_path, script, seed=seed, pause=1500, busy=250).run(60)
    heard = [second for second in ran.seconds() if second.LAeq != MISSING]
    losses = [then != first + n for (first, n), (then, _) in pairwise(ran.captured)]
    lossy = [any(losses[i : i + BLOCKS]) for i in range(0, BLOCKS * len(heard), BLOCKS)]
    assert 3 < lossy.count(True) < len(heard) - 3
    for second, lost in zip(heard[1:], lossy[1:], strict=True):
        assert (reason(second) == GAP) == lost, second


def test_a_box_that_is_often_late_keeps_the_time_of_the_wall(tmp_path: Path):
    script = ON_BOX / "main_often_busy.py"
    ran = Stand(tmp_path, script, seed=4, pause=4000, busy=3000).run(120)
    times = [second.t for second in ran.seconds()]
    assert times == list(range(times[0], times[0] + len(times)))
    assert START <= times[0] <= START + 1
    assert START + 118 <= times[-1] <= START + 120
    assert ran.samples_lost() > 40 * RATE


def test_a_second_of_weighing_allocates_nothing():
    assert run("kernel_under_heap_lock.py", FIRMWARE).strip() == str(RATE)
