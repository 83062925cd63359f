"""A power cut at any write, sync or rename: what was signed is there. (Thousands of them:
tests/bench/log_cuts.py.)"""

from pathlib import Path

import pytest
from cut_disk import CutDisk
from log_cuts import lives


def test_what_a_checkpoint_names_is_there_after_every_power_cut(tmp_path: Path):
    assert lives(tmp_path, seed=14, cuts=12) > 300


class Hasty(CutDisk):
    """Believes that what is written is there."""

    def sync(self, file: int) -> None:
        pass


class Forgetful(CutDisk):
    """Believes that a name is there once it is given."""

    def settle(self) -> None:
        pass


@pytest.mark.parametrize("disk", [Hasty, Forgetful])
def test_these_tests_would_notice_a_log_that_syncs_too_little(tmp_path: Path, disk: type[CutDisk]):
    with pytest.raises((AssertionError, ValueError)):
        lives(tmp_path, seed=14, cuts=60, disk=disk)
