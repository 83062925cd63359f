"""The image of a virtual box is written once; a hub's secrets are never kept."""

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
