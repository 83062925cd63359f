"""The flash of a unit is parted so that its files fit, and its records have the rest."""

import math

import pytest

from noisetamer.unit.boards import board_file, wiring
from noisetamer.unit.files import firmware_files
from noisetamer.unit.files.partitions import partitions

pytestmark = pytest.mark.device

SECTOR = 4096
# Bytecode of MicroPython's unix port: for a chip it is no longer.
MPY = 0x2B06


@pytest.mark.parametrize("speaks", [False, True])
def test_the_two_are_whole_sectors_one_behind_the_other_up_to_the_end(speaks: bool):
    for megabytes in (4, 8, 16, 32):
        parts = partitions(megabytes << 20, speaks)
        assert parts.journal.at == parts.files.at + parts.files.size
        assert parts.journal.at + parts.journal.size == megabytes << 20
        assert parts.files.size % SECTOR == parts.journal.size % SECTOR == 0


@pytest.mark.parametrize("name", [path.stem for path in wiring.shipped()])
def test_the_firmware_of_a_shipped_board_leaves_a_fifth_of_its_files_room(name: str):
    board = board_file.read(name)
    files = firmware_files.tree(name, board.chip, MPY).files
    folders = {path.rpartition("/")[0] for path in files}
    # A folder takes two blocks, a file whole ones.
    blocks = 2 * len(folders) + sum(math.ceil(len(content) / SECTOR) for content in files.values())
    room = partitions(board.flash_MB << 20, board.speaks).files.size // SECTOR
    assert blocks <= 0.8 * room
