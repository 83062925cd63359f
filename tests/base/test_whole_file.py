"""A file that is replaced is the old one or the new one, and a key its owner's alone."""

import os
import stat
from pathlib import Path

import pytest

from noisetamer.base.private_file import write_private
from noisetamer.base.whole_file import write_whole


def test_what_cannot_be_written_whole_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "keys.list"
    write_whole(file, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    write_whole(file, b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("keys.list", b"new")]


def test_a_private_file_is_its_owners_alone_also_where_it_was_not(tmp_path: Path):
    file = tmp_path / "log.key"
    write_whole(file, b"public")
    write_private(file, b"secret")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"secret", 0o600)
