"""The spotlight by the second, and within a second."""

from itertools import pairwise
from pathlib import Path

import pytest
import unix_port
from folders import ON_BOX
from stand import Ran, Stand

pytestmark = pytest.mark.device

NOT_WANTED = (False, True, False)
WANTED = (True, True, False)


@pytest.mark.parametrize("test", unix_port.tests_of("spotlight_by_second"))
def test_by_the_second(test: str):
    unix_port.run_test("spotlight_by_second", test)


def ran(folder: Path, soft: bool) -> Ran:
    """Lit by the third second after power-on, dark by the eighth."""
    plan = [NOT_WANTED] * 2 + [WANTED] * 5 + [NOT_WANTED]
    return Stand(folder, ON_BOX / "main_spotlight.py", plan=plan, soft=soft).run(60)


def test_the_voice_waits_until_the_lamps_first_current_is_over_and_only_then(tmp_path: Path):
    on_relay = ran(tmp_path, soft=False)
    assert on_relay.switched == [(3_000_000, 21, 1), (8_500_000, 21, 0)]
    settled = [int(line.split()[0]) for line in on_relay.lines if "settled" in line]
    # Asked at each full second; while it waits, so does this box.
    assert settled == [1000, 2000, 3500, 4500, 5500, 6500, 7500, 8500]


def test_on_a_pwm_it_lights_up_softly_and_goes_out_at_once(tmp_path: Path):
    told = [line.split() for line in ran(tmp_path, soft=True).lines]
    driven = [(int(ms), int(duty)) for ms, duty in told if duty.isdigit()]
    (first, *rising, last) = driven
    assert (first, last[1]) == ((0, 0), 0)
    assert 3000 == rising[0][0] < rising[-1][0] <= 3500
    steps = [later - earlier for (_, earlier), (_, later) in pairwise(rising)]
    assert 0 < min(steps) <= max(steps) < 65535 / 10
    assert rising[-1][1] == 65535
