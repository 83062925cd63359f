"""How the flash of a unit is parted."""

import pytest

from noisetamer.unit.files.partitions import partitions

pytestmark = pytest.mark.device

SECTOR = 4096


@pytest.mark.parametrize("speaks", [False, True])
def test_the_two_are_whole_sectors_one_behind_the_other_up_to_the_end(speaks: bool):
    for megabytes in (4, 8, 16, 32):
        parts = partitions(megabytes << 20, speaks)
        assert parts.journal.at == parts.files.at + parts.files.size
        assert parts.journal.at + parts.journal.size == megabytes << 20
        assert parts.files.size % SECTOR == parts.journal.size % SECTOR == 0
