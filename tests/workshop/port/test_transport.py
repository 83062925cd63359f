"""What a board says is taken in as it comes, and none of it is lost or taken twice."""

from collections.abc import Iterator

import pytest

from noisetamer.workshop.port.transport import Transport


@pytest.fixture
def echoed() -> Iterator[Transport]:
    """What is written comes back as if a board had said it."""
    line = Transport("loop://")
    yield line
    line.close()


def test_what_comes_after_an_ending_is_left_to_whoever_reads_next(echoed: Transport):
    echoed.serial.write(b"one>two>three\x04")
    assert echoed.read_until(1, b">") == b"one>"
    assert echoed.waiting() == len(b"two>three\x04")
    assert echoed.serial.read(2) == b"tw"
    assert echoed.read_until(1, b">") == b"o>"
    echoed.serial.write(b"four")
    assert echoed.read_until(1, b"ee\x04") == b"three\x04"
    assert echoed.serial.read(4) == b"four"


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_an_ending_may_come_in_pieces(
    echoed: Transport, at_once: int, monkeypatch: pytest.MonkeyPatch
):
    echoed.serial.write(b"raw REPL; raw REPL\r\n>OK")
    monkeypatch.setattr(echoed, "waiting", lambda: at_once)
    assert echoed.read_until(1, b"REPL\r\n>") == b"raw REPL; raw REPL\r\n>"
    assert echoed.serial.read(2) == b"OK"


def test_the_last_words_are_what_was_taken(echoed: Transport):
    echoed.serial.write(b"Error: no memory>and more")
    echoed.read_until(1, b">")
    assert echoed.heard == b"Error: no memory>"


def test_silence_ends_it_with_what_there_is(echoed: Transport):
    echoed.serial.write(b"half")
    assert echoed.read_until(1, b">", timeout=0) == b"half"
    assert echoed.read_until(1, b">", timeout=None, timeout_overall=0) == b""


def test_a_long_answer_takes_few_reads(echoed: Transport, monkeypatch: pytest.MonkeyPatch):
    sizes: list[int] = []

    def read(size: int) -> bytes:
        sizes.append(size)
        return b"x" * (size - 1) + b">"

    monkeypatch.setattr(echoed, "_read", read)
    monkeypatch.setattr(echoed, "waiting", lambda: 4096)
    assert len(echoed.read_until(1, b">")) == 4096
    assert sizes == [4096]
