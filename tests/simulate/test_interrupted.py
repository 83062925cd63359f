"""A simulation that is broken off leaves no process behind."""

import signal
from collections.abc import Callable, Iterator

import pytest
from program import Running, until

pytestmark = pytest.mark.e2e


@pytest.fixture
def begin() -> Iterator[Callable[[int], Running]]:
    """begin(units): a simulation in mid-run, every unit's box under power."""
    begun: list[Running] = []

    def one(units: int) -> Running:
        begun.append(Running("simulate", "quiet_night", "--realtime", "--units", units))
        with_boxes = 2 if units == 1 else 2 + 2 * units
        until(lambda: len(begun[-1].family()) >= with_boxes, "the boxes")
        return begun[-1]

    yield one
    for running in begun:
        running.kill_family()


@pytest.mark.parametrize("units", [1, 2])
def test_ctrl_c_is_130_with_a_last_word(begin, units: int):
    simulation = begin(units)
    simulation.ctrl_c()
    assert simulation.end() == 130
    assert simulation.wrong == ["noisetamer simulate: stopped before it was done"]
    until(lambda: not simulation.family(), "no orphan")


@pytest.mark.parametrize(
    ("units", "how"), [(1, signal.SIGTERM), (2, signal.SIGKILL)], ids=["ended", "killed"]
)
def test_ended_from_outside_its_boxes_end_with_it(begin, units: int, how: signal.Signals):
    simulation = begin(units)
    simulation.process.send_signal(how)
    simulation.process.wait()
    until(lambda: not simulation.family(), "no orphan")
