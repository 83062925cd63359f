"""The image of a virtual box is written once; a hub's secrets are never kept."""

import shutil
from pathlib import Path

import pytest

from noisetamer.base import disk_cache
from noisetamer.unit.files import partition_image

pytestmark = pytest.mark.device

BOARD = "esp32_s3"
SETTINGS = {"unit": "SIM-0001", "console": True}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """How often one is written, and a cache of its own."""
    names = []
    plain = partition_image._burned
    monkeypatch.setattr(disk_cache, "FOLDER", tmp_path / "environment")
    (tmp_path / "environment").mkdir()
    monkeypatch.setattr(
        partition_image, "_burned", lambda *asked: [names.append(asked[0]), plain(*asked)][1]
    )
    return names


def test_the_second_one_is_read_and_another_is_written(tmp_path, written):
    for name in ("one", "two"):
        partition_image.burn(tmp_path / name, BOARD, SETTINGS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert len(written) == 1
    partition_image.burn(tmp_path / "three", BOARD, SETTINGS | {"unit": "SIM-0002"})
    partition_image.burn(tmp_path / "four", BOARD, SETTINGS, policy={"v": 1})
    assert len(written) == 3


def test_a_spoilt_one_is_written_again(tmp_path, written):
    partition_image.burn(tmp_path / "one", BOARD, SETTINGS)
    (kept,) = (disk_cache.FOLDER / "images").iterdir()
    content = kept.read_bytes()
    for spoilt in (content[:-9], b"", content[:-1] + bytes([content[-1] ^ 1])):
        kept.write_bytes(spoilt)
        partition_image.burn(tmp_path / "two", BOARD, SETTINGS)
        assert (tmp_path / "two").stat().st_size == partition_image.PARTITION_BYTES
    assert len(written) == 4


def test_nothing_of_a_hub_is_kept(tmp_path, written):
    for name in ("one", "two"):
        partition_image.burn(tmp_path / name, BOARD, SETTINGS | {"hub": {"secret": "of one"}})
    assert len(written) == 2
    assert not (disk_cache.FOLDER / "images").exists()


def test_whatever_is_on_it_names_it(tmp_path, monkeypatch):
    firmware, boards = tmp_path / "firmware", tmp_path / "boards"
    shutil.copytree(partition_image.FIRMWARE, firmware)
    shutil.copytree(partition_image.BOARDS, boards)
    monkeypatch.setattr(partition_image, "FIRMWARE", firmware)
    monkeypatch.setattr(partition_image, "BOARDS", boards)
    monkeypatch.setattr(partition_image, "_MICROPHONES", boards / "microphones")
    certificate = tmp_path / "certificate"
    certificate.write_bytes(b"one")
    folder = tmp_path / "laid out"
    partition_image.lay_out(folder, BOARD, SETTINGS, certificate, {"v": 1})
    told = {"settings.json", "policy.json"}
    files = [file for file in folder.rglob("*") if file.is_file() and file.name not in told]
    come_from = {
        "hub.der": certificate,
        "board.py": boards / f"{BOARD}.py",
        "microphones": boards / "microphones",
    }

    def name() -> Path:
        return partition_image._kept(BOARD, SETTINGS, certificate, {"v": 1}, "")

    names = {name()}
    assert len(files) > 100
    for file in files:
        first, *rest = file.relative_to(folder).parts
        source = come_from.get(first, firmware / first).joinpath(*rest)
        assert source.read_bytes() == file.read_bytes()
        source.write_bytes(source.read_bytes() + b"#")
        names.add(name())
    assert len(names) == 1 + len(files)
    (firmware / "tamer" / "new.py").touch()
    names.add(name())
    assert len(names) == 2 + len(files)
    (firmware / "tamer" / "__pycache__" / "of_another.pyc").parent.mkdir(exist_ok=True)
    (firmware / "tamer" / "__pycache__" / "of_another.pyc").touch()
    assert name() in names
