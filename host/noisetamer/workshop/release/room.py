"""Whether a box has room for a release: LittleFS gives whole blocks."""

import math
from collections.abc import Mapping

from noisetamer.base.errors import UserError
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.unit.files.partitions import partitions

BLOCK = 4096
# Of a block of a longer file, what its list of blocks takes.
_POINTERS = 8
# A file so small lies in its folder.
_INLINE = 128
# Settings, policy, certificate, what is written anew, and what this count misses: as much as a
# whole box has less (firmware/README.md says how many are free with a release beside it).
_OF_THE_UNIT = 28
# A folder: a pair of blocks; full ones are split.
_OF_A_FOLDER, _NAMES_IN_A_FOLDER = 2, 40


def blocks(sizes: Mapping[str, int]) -> int:
    """How many blocks files of such sizes take with their folders, at the most."""
    folders: dict[str, int] = {}
    count = 0
    for path, size in sizes.items():
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders[folder] = 0
            folder = folder.rpartition("/")[0]
        folders[path.rpartition("/")[0]] += 1
        count += math.ceil(size / (BLOCK - _POINTERS)) if size > _INLINE else 0
    return count + sum(
        _OF_A_FOLDER * math.ceil((names + 1) / _NAMES_IN_A_FOLDER) for names in folders.values()
    )


def must_fit(board: BoardFile, files: Mapping[str, bytes], size: int) -> int:
    """Blocks that are left with the release beside the one that runs. files: all on the box once
    it holds; size: of the release. Raises UserError where there are none."""
    whole = partitions(board.flash_MB << 20, board.speaks).files.size // BLOCK
    sizes = {path: len(text) for path, text in files.items() if path != "/factory.tree"}
    # the proven tree stays until the new one is
    taken = blocks(sizes) + 2 * math.ceil(size / (BLOCK - _POINTERS)) + _OF_THE_UNIT
    if taken > whole:
        raise UserError(
            f"The release does not fit the flash of {board.name}: it takes {taken} blocks of "
            f"{whole} beside the one that runs. Leave voices out."
        )
    return whole - taken
