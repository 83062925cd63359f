"""The first files of a chip: what its own MicroPython mounts, whatever was in its flash before."""

import random
from pathlib import Path

import pytest
import unix_port

from noisetamer.unit.files import partition_image
from noisetamer.unit.files.partitions import partitions

pytestmark = pytest.mark.device

FILES = {
    "/voices/one.wav": random.Random(1).randbytes(50_000),
    # Longer than what a chip reads of a file in its folder, shorter than a simulated box does.
    "/short.json": b"x" * 700,
    "/voices/tiny": b"1",
}


@pytest.mark.parametrize("flash_MB", [4, 8])
def test_a_chip_reads_them_and_writes_more_beside_them(tmp_path: Path, flash_MB: int):
    size = partitions(flash_MB << 20, speaks=True).files.size
    made = partition_image.file_system(FILES, size)
    at, head = made[0]
    assert (at, len(head)) == (0, 2 * 4096)
    assert sum(len(content) for _, content in made) < 100_000
    # Another life's, as far as it is not written over.
    flash = bytearray(random.Random(2).randbytes(4096) * (size // 4096))
    for at, content in made:
        # The file has the complement of what is in the flash.
        flash[at : at + len(content)] = bytes(byte ^ 0xFF for byte in content)
    (tmp_path / "flash").write_bytes(flash)
    for path, content in FILES.items():
        file = tmp_path / "files" / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    said = unix_port.run("first_files.py", tmp_path / "flash", str(size), tmp_path / "files")
    assert said.strip() == "3 as they were, 200 more"


def test_the_same_files_are_the_same_bytes():
    make = partition_image._file_system.__wrapped__
    assert make(tuple(FILES.items()), 1 << 20) == make(tuple(FILES.items()), 1 << 20)
