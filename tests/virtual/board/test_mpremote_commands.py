"""The installed mpremote, unmodified, at a virtual board."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from real_tools import flash, mpremote, run

from noisetamer.virtual.board import VirtualBoard

pytestmark = pytest.mark.tools


@pytest.fixture
def board(tmp_path: Path) -> Iterator[VirtualBoard]:
    with VirtualBoard("esp32s3", flash(tmp_path / "board")) as board:
        yield board


def test_a_folder_goes_over_and_is_listed(board: VirtualBoard, tmp_path: Path):
    (tmp_path / "tree" / "lib").mkdir(parents=True)
    (tmp_path / "tree" / "lib" / "one.py").write_text("said = 'from the board'\n")
    (tmp_path / "tree" / "main.py").write_text("import one\nprint(one.said)\n")
    said = mpremote(board, "fs", "cp", "-r", f"{tmp_path / 'tree'}/.", ":", "+", "fs", "tree")
    assert "one.py" in said
    said = mpremote(board, "fs", "ls", "+", "df", "+", "fs", "cat", "lib/one.py")
    assert "boot.py" in said  # made at the first start, as by the stock image
    assert "<VfsLfs2>   6291456" in said
    assert "said = 'from the board'" in said
    assert "from the board" in mpremote(board, "resume", "exec", "exec(open('main.py').read())")


def test_an_exception_on_the_board_is_told(board: VirtualBoard):
    code, said = run("mpremote", "connect", board.url, "exec", "1/0", board=board)
    assert code == 1
    assert "ZeroDivisionError" in said


@pytest.mark.zones
def test_the_clock_can_be_set(board: VirtualBoard):
    set_it = "machine.RTC().datetime((2026, 11, 23, 0, 14, 30, 0, 0))"
    mpremote(board, "exec", f"import machine; {set_it}")
    # mpremote begins with a soft reset, which the clock outlives.
    assert "(2026, 11, 23, 0, 14, 30," in mpremote(board, "rtc")


def test_a_full_file_system_is_an_error(board: VirtualBoard, tmp_path: Path):
    (tmp_path / "big.bin").write_bytes(bytes(20_000))
    board.faults.add("full:16384")
    command = ("mpremote", "connect", board.url, "fs", "cp", tmp_path / "big.bin", ":")
    code, said = run(*command, board=board)
    assert code == 1
    assert "No space left on device" in said
