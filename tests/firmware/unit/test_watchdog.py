"""A box that hangs is reset, and says so."""

from pathlib import Path

import pytest
from folders import ON_BOX
from stand import Stand

from noisetamer.virtual.firmware_process import ResetCause

pytestmark = pytest.mark.device


def test_a_stuck_box_is_reset_comes_up_again_and_says_why(tmp_path: Path):
    stand = Stand(tmp_path, ON_BOX / "main_stuck.py")
    first = stand.run(60)
    assert first.reset == ResetCause.WATCHDOG
    assert first.events("boot")[0]["reset"] == "power on"
    assert 4 <= len(first.seconds()) <= 5
    assert stand.boots() == 1

    second = stand.run(20, cause=first.reset)
    assert second.reset is None
    assert second.events("boot")[0]["reset"] == "watchdog"
    assert len(second.seconds()) >= 18
    assert second.seconds()[0].t > first.seconds()[-1].t
    assert stand.boots() == 2
