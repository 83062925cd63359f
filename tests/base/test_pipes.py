"""A pipe holds as much as was asked for, or says how much less; a file's bytes go through it."""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from noisetamer.base import pipes


@pytest.fixture
def pipe() -> Iterator[int]:
    read, write = os.pipe()
    os.set_blocking(write, False)
    yield write
    os.close(read)
    os.close(write)


def test_it_holds_what_was_asked_for(pipe: int):
    holds = pipes.enlarge(pipe, 1 << 17)
    assert holds == 1 << 17
    assert os.write(pipe, bytes(holds + 1)) == holds


def test_where_pipes_are_used_up_it_stays_as_it_is(pipe: int):
    holds = pipes.enlarge(pipe, 1 << 40)
    assert os.write(pipe, bytes(holds + 1)) == holds


def test_on_another_system_than_linux_it_holds_what_it_says(
    pipe: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(fcntl, "F_SETPIPE_SZ")
    monkeypatch.delattr(fcntl, "F_GETPIPE_SZ")
    holds = pipes.enlarge(pipe, 1 << 17)
    assert os.write(pipe, bytes(holds)) == holds


def refuses(*_: object, **__: object) -> int:
    raise OSError(errno.EINVAL, "this file system lends no pages")


def forbidden(*_: object, **__: object) -> int:
    raise OSError(errno.ENOSYS, "as a sandbox answers")


def breaks(*_: object, **__: object) -> int:
    raise OSError(errno.EIO, "the disk is broken")


@pytest.mark.parametrize("splice", ["as it is", refuses, forbidden, None])
def test_a_part_of_a_file_comes_out_of_it_whole(
    splice: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if splice is None:
        monkeypatch.delattr(os, "splice", raising=False)
    elif callable(splice):
        monkeypatch.setattr(os, "splice", splice, raising=False)
    # More than a pipe holds, and no whole page.
    content = os.urandom(300_000)
    file = tmp_path / "file"
    file.write_bytes(content)
    read, write = os.pipe()
    heard: list[bytes] = []
    with os.fdopen(read, "rb") as out, file.open("rb") as source:
        listener = threading.Thread(target=lambda: heard.append(out.read()))
        listener.start()
        pipes.pour(source.fileno(), 44, 299_001, write)
        os.close(write)
        listener.join()
    assert heard == [content[44 : 44 + 299_001]]


@pytest.mark.parametrize("splice", ["as it is", refuses])
def test_a_file_that_ends_before_is_said(
    splice: object, pipe: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if callable(splice):
        monkeypatch.setattr(os, "splice", splice, raising=False)
    file = tmp_path / "file"
    file.write_bytes(bytes(1_000))
    with file.open("rb") as source, pytest.raises(EOFError):
        pipes.pour(source.fileno(), 500, 501, pipe)


def test_a_file_that_cannot_be_read_is_said(
    pipe: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "splice", breaks, raising=False)
    file = tmp_path / "file"
    file.write_bytes(bytes(1_000))
    with file.open("rb") as source, pytest.raises(OSError, match="the disk is broken"):
        pipes.pour(source.fileno(), 0, 1_000, pipe)
