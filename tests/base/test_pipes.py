"""A pipe holds as much as was asked for, or says how much less."""

import fcntl
import os
from collections.abc import Iterator

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
