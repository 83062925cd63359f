"""Hub and broker killed while people are called; tests/bench/calls_survive_kills.py has more."""

from pathlib import Path

import pytest
from killed_evening import play

pytestmark = pytest.mark.service


@pytest.mark.parametrize("seed", [1, 4])
def test_no_call_is_lost_however_hub_and_broker_are_killed(tmp_path: Path, seed: int):
    outcome = play(tmp_path / "hub", seed, squares=2, reds=1, kills=2)
    assert outcome.lost == []
    assert outcome.reds == 2
    assert outcome.incidents == 2
    # what was over before the hub heard of it rings no phone
    assert outcome.calls + outcome.withdrawn + outcome.late >= outcome.incidents
    assert outcome.doubles <= outcome.kills["hub"]
