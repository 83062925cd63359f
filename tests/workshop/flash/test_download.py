"""The image comes from the network once, or the sentence says how to do without."""

from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.workshop.flash.download import obtain

NAME = "MICROPYTHON.bin"


def test_it_is_downloaded_once(tmp_path: Path):
    site = tmp_path / "site"
    site.mkdir()
    (site / NAME).write_bytes(b"image")
    cache = tmp_path / "cache"
    source = f"{site.as_uri()}/"
    assert obtain(NAME, cache, source).read_bytes() == b"image"
    (site / NAME).unlink()
    assert obtain(NAME, cache, source).read_bytes() == b"image"


def test_without_a_network_it_says_what_to_fetch(tmp_path: Path):
    source = f"{(tmp_path / 'nowhere').as_uri()}/"
    with pytest.raises(UserError, match=rf"could not be downloaded .*{NAME}.*--image"):
        obtain(NAME, tmp_path / "cache", source)
    assert list((tmp_path / "cache").iterdir()) == []
