"""What goes on a unit's flash, and a partition image of it."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path

from noisetamer.base import disk_cache
from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS, DRIVERS, FIRMWARE, micropython
from noisetamer.unit.boards.board_file import load
from noisetamer.unit.files import compiled, factory_tree, release_file
from noisetamer.unit.files.partitions import partitions

# Of a unit with 8 MB of flash.
_PARTITIONS = partitions(8 << 20, speaks=True)
PARTITION_BYTES = _PARTITIONS.files.size
JOURNAL_BYTES = _PARTITIONS.journal.size

BLOCK_BYTES = 4096
"""Of its LittleFS: what the flash erases at once."""

# Images of virtual boxes that are kept, half a megabyte each.
_MOST_BYTES = 64 << 20

# Of the drivers, what writes one.
_BURNING = ("burn.py", "copied_folder.py", "flash.py")

_MICROPHONES = BOARDS / "microphones"

# Written for each unit by itself.
OF_THE_UNIT = ("/settings.json", "/policy.json", "/hub.der", "/root.key")

# fields.py: what a field means is for the hub; the box never loads it.
_NOT_OURS = shutil.ignore_patterns(
    "__pycache__", "*.md", "pyrightconfig.json", "OFL.txt", "fields.py"
)


@cache
def _speaks(board_file: Path) -> bool:
    return load(board_file).board.speaker is not None


# In tamer/act, beside the nightly check with tones.
_OF_A_SPEAKER = (
    *("voice.py", "message.py", "wav.py"),
    *("adpcm.py", "adpcm_steps.py", "volume.py"),
)


def lay_out(
    folder: Path,
    board: str,
    settings: dict,
    certificate: Path | None = None,
    policy: dict | None = None,
) -> None:
    """Fill an empty folder with the files of one unit: firmware, board file, voices, settings.

    `policy`: of the place; without it the unit has the shipped one.
    """
    board_file = _board_file(board)
    for source, target in ((FIRMWARE, folder), (_MICROPHONES, folder / "microphones")):
        shutil.copytree(
            source, target, dirs_exist_ok=True, ignore=_NOT_OURS, copy_function=shutil.copyfile
        )
    if not _speaks(board_file):
        # Most of the bytes, and a chip with little flash has one I2S only; and what plays them.
        shutil.rmtree(folder / "voices")
        shutil.rmtree(folder / "tamer" / "hear" / "self_check")
        for name in _OF_A_SPEAKER:
            (folder / "tamer" / "act" / name).unlink()
    shutil.copyfile(board_file, folder / "board.py")
    if certificate is not None:
        shutil.copyfile(certificate, folder / "hub.der")
    (folder / "settings.json").write_text(json.dumps(settings))
    if policy is not None:
        (folder / "policy.json").write_text(json.dumps(policy))


def _board_file(board: str) -> Path:
    board_file = BOARDS / f"{board}.py"
    if not board_file.exists():
        known = ", ".join(sorted(p.stem for p in BOARDS.glob("*.py")))
        raise UserError(f"no board file {board_file.name} in boards/; there is: {known}.")
    return board_file


def finish(folder: Path, target: str | None, board: str) -> None:
    """Compile what is laid out there for that board, and put its factory trees beside it.

    `target`: mpy-cross's name of the architecture. Raises UserError.
    """
    compiled.compile_folder(folder, target)
    for name, tree in factory_tree.trees(content_of(folder), board).items():
        (folder / name).write_bytes(tree)


def content_of(folder: Path) -> dict[str, bytes]:
    """Content by path on the box of all files in a folder that are firmware."""
    files = {
        "/" + file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    return {path: content for path, content in files.items() if path not in OF_THE_UNIT}


def burn(
    partition: Path,
    board: str,
    settings: dict,
    certificate: Path | None = None,
    policy: dict | None = None,
    root: str = "",
) -> None:
    """Make the file `partition`: a LittleFS image with everything one unit needs. root: whose
    releases it takes, as it reads that (tamer.record.release)."""
    # Secrets of a hub are nobody else's to read: such an image is made each time.
    kept = None if settings.get("hub") else _kept(board, settings, certificate, policy, root)
    packed = kept and disk_cache.read(kept)
    if packed:
        with suppress(zlib.error):
            partition.write_bytes(zlib.decompress(packed))
            return
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), board, settings, certificate, policy)
        if root:
            (Path(folder) / "root.key").write_text(root)
        finish(Path(folder), compiled.of_unix_port(), board)
        with partition.open("wb") as file:
            file.truncate(PARTITION_BYTES)
        _burned("burn.py", partition, PARTITION_BYTES, folder)
    # Somebody may have written on the firmware meanwhile.
    if kept and kept == _kept(board, settings, certificate, policy, root):
        disk_cache.keep(kept, [zlib.compress(partition.read_bytes(), 1)], _MOST_BYTES)


def _kept(
    board: str, settings: dict, certificate: Path | None, policy: dict | None, root: str
) -> Path:
    """Where the image of such a unit is kept: named by all that it comes from."""
    interpreter = Path(micropython()[-1])
    stamp = interpreter.stat()
    told = [
        *(compiled.fingerprint(compiled.of_unix_port()), board, settings, policy, root),
        *(PARTITION_BYTES, str(interpreter), stamp.st_size, stamp.st_mtime_ns),
    ]
    named = hashlib.sha256(json.dumps(told).encode())
    makers = (__file__, factory_tree.__file__, release_file.__file__)
    files = [*map(Path, makers), *(DRIVERS / name for name in _BURNING), _board_file(board)]
    if certificate is not None:
        files.append(certificate)
    for file in (*files, *_source_files(FIRMWARE), *_source_files(_MICROPHONES)):
        content = file.read_bytes()
        named.update(f"{file} {len(content)} ".encode() + content)
    return disk_cache.FOLDER / "images" / f"{named.hexdigest()}.deflated"


def _source_files(folder: Path) -> Iterator[Path]:
    """What of a folder goes on boxes, always in the same order."""
    for place, folders, names in os.walk(folder):
        left_out = _NOT_OURS(place, [*folders, *names])
        folders[:] = sorted(set(folders) - left_out)
        yield from (Path(place, name) for name in sorted(set(names) - left_out))


Runs = tuple[tuple[int, bytes], ...]
"""What is in a partition, by where it begins there; what is between does not matter."""


def file_system(files: Mapping[str, bytes], size: int) -> Runs:
    """A LittleFS with these files by path, for a chip's partition of that size. Its first two
    blocks, without which there is none, come first and by themselves. Made once a process.

    Raises UserError where they do not fit.
    """
    with _turn:
        return _file_system(tuple(files.items()), size)


_turn = threading.Lock()


@cache
def _file_system(files: tuple[tuple[str, bytes], ...], size: int) -> Runs:
    with tempfile.TemporaryDirectory() as place:
        folder, partition = Path(place, "files"), Path(place, "partition")
        folder.mkdir()
        for path, content in files:
            file = folder / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        partition.write_bytes(b"\xff" * size)
        used = set(map(int, _burned("burn_for_chip.py", partition, size, str(folder)).split()))
        whole = partition.read_bytes()
    begins = [block for block in sorted(used) if block in (0, 2) or block - 1 not in used]
    runs = []
    for begin, next_one in pairwise([*begins, size // BLOCK_BYTES]):
        end = begin
        while end < next_one and end in used:
            end += 1
        runs.append((begin * BLOCK_BYTES, whole[begin * BLOCK_BYTES : end * BLOCK_BYTES]))
    return tuple(runs)


def _burned(program: str, partition: Path, size: int, folder: str) -> str:
    """What the program says that writes a folder into it. Raises UserError."""
    burned = subprocess.run(
        [*micropython(), str(DRIVERS / program), str(partition), str(size), folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if burned.returncode:
        reason = (burned.stderr or burned.stdout).strip().splitlines()[-1:]
        raise UserError(f"the flash image {partition} could not be written: {''.join(reason)}.")
    return burned.stdout
