"""A unit's firmware once more, for the box to mend itself from, in two files: one of them changes
with a release over the air, the other never.

In one file it takes a fifth of what the same files would: a file takes whole blocks of flash.
"""

from collections.abc import Mapping

from noisetamer.unit.files import release_file
from tamer import VERSION
from tamer.record import release
from tamer.record.release import Header

# As firmware/factory.py has them.
NAME, START_NAME = "factory.tree", "start.tree"

# What a box mends itself with, and never takes from a release.
START = ("/main.py", "/first.py", "/factory.py")

# What a box unpacks it with.
UNPACKER = "/factory.py"


def trees(files: Mapping[str, bytes], board: str) -> dict[str, bytes]:
    """The trees by their name, of a firmware's content by path. board: the name of its file."""
    parts = {
        NAME: {path: files[path] for path in files if release.is_firmware(path)},
        START_NAME: {path: files[path] for path in START if path in files},
    }
    header = Header(0, VERSION, board, 0, None, None)
    return {
        name: release_file.packed(release_file.listed(header, part), part)
        for name, part in parts.items()
    }


def holds(files: Mapping[str, bytes]) -> set[str]:
    """The paths that a box can take out of the trees among `files`, if there are any.

    What that needs itself is not among them.
    """
    if not {f"/{NAME}", f"/{START_NAME}"} <= files.keys():
        return set()
    return {path for path in files if release.is_firmware(path) or path in START} - {UNPACKER}
