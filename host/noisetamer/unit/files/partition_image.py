"""What goes on a unit's flash, and a partition image of it."""

import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS, DRIVERS, FIRMWARE, micropython
from noisetamer.sound.kernels import container, fpu_octaves
from noisetamer.unit.boards.board_file import load
from noisetamer.unit.files import compiled, factory_tree
from noisetamer.unit.files.partitions import partitions

# Of a unit with 8 MB of flash.
_PARTITIONS = partitions(8 << 20, speaks=True)
PARTITION_BYTES = _PARTITIONS.files.size
JOURNAL_BYTES = _PARTITIONS.journal.size

# Written for each unit by itself.
OF_THE_UNIT = ("/settings.json", "/policy.json", "/hub.der", "/root.key")

# fields.py: what a field means is for the hub; the box never loads it.
_NOT_OURS = shutil.ignore_patterns(
    "__pycache__", "*.md", "pyrightconfig.json", "OFL.txt", "fields.py"
)


@cache
def _speaks(board_file: Path) -> bool:
    return load(board_file).board.speaker is not None


@cache
def _machine_code() -> dict[str, bytes]:
    return {
        f"tamer/hear/kernel/{container.MODULE}": container.fpu_module(),
        f"tamer/hear/bands/{fpu_octaves.MODULE}": fpu_octaves.module(),
    }


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
    board_file = BOARDS / f"{board}.py"
    if not board_file.exists():
        known = ", ".join(sorted(p.stem for p in BOARDS.glob("*.py")))
        raise UserError(f"no board file {board_file.name} in boards/; there is: {known}.")
    for source, target in (
        (FIRMWARE, folder),
        (BOARDS / "microphones", folder / "microphones"),
    ):
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=_NOT_OURS)
    if not _speaks(board_file):
        # Most of the bytes, and a chip with little flash has one I2S only; and what plays them.
        shutil.rmtree(folder / "voices")
        shutil.rmtree(folder / "tamer" / "hear" / "self_check")
        for name in _OF_A_SPEAKER:
            (folder / "tamer" / "act" / name).unlink()
    for name, code in _machine_code().items():
        (folder / name).write_bytes(code)
    shutil.copyfile(board_file, folder / "board.py")
    if certificate is not None:
        shutil.copyfile(certificate, folder / "hub.der")
    (folder / "settings.json").write_text(json.dumps(settings))
    if policy is not None:
        (folder / "policy.json").write_text(json.dumps(policy))


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
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), board, settings, certificate, policy)
        if root:
            (Path(folder) / "root.key").write_text(root)
        finish(Path(folder), compiled.of_unix_port(), board)
        with partition.open("wb") as file:
            file.truncate(PARTITION_BYTES)
        burned = subprocess.run(
            [
                micropython(),
                str(DRIVERS / "burn.py"),
                str(partition),
                str(PARTITION_BYTES),
                folder,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if burned.returncode:
        reason = (burned.stderr or burned.stdout).strip().splitlines()[-1:]
        raise UserError(f"the flash image {partition} could not be written: {''.join(reason)}.")
