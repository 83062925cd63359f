"""What is in flash decides what a board does after a reset."""

from pathlib import Path

import pytest
import serial
from real_tools import CHIPS, VERSION, answer, flash, repl
from waiting import DEADLINE

from noisetamer.virtual.board import VirtualBoard, make_image

pytestmark = pytest.mark.tools


def said_at_start(board: VirtualBoard) -> str:
    """The console after a press of the reset button, up to the second try or the prompt."""
    with serial.serial_for_url(board.url, 115200, timeout=DEADLINE) as port:
        port.dtr, port.rts = False, True
        port.reset_input_buffer()
        port.rts = False
        said = b""
        while said.count(b"boot:0x") < 2 and b">>> " not in said:
            said += port.read(1)
        return said.decode()


@pytest.mark.parametrize("chip", CHIPS)
def test_an_erased_board_says_so_again_and_again(chip: str, tmp_path: Path):
    with VirtualBoard(chip, tmp_path) as board:
        said = said_at_start(board)
    assert "invalid header: 0xffffffff" in said
    assert said.startswith(board.chip.banner)
    assert board.chip.watchdog in said


@pytest.mark.parametrize("chip", CHIPS)
def test_a_good_image_starts_micropython(chip: str, tmp_path: Path):
    with VirtualBoard(chip, flash(tmp_path / "board", chip)) as board:
        assert "MicroPython" in said_at_start(board)


def test_its_folder_may_be_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(flash(tmp_path / "board").parent)
    with VirtualBoard("esp32s3", Path("board")) as board:
        assert "MicroPython" in said_at_start(board)


def test_a_damaged_app_does_not_start(tmp_path: Path):
    image = bytearray(make_image("esp32s3", VERSION, 80_000))
    image[0x11234] ^= 1
    with VirtualBoard("esp32s3", flash(tmp_path / "board", image=bytes(image))) as board:
        assert "Checksum failed" in said_at_start(board)


def test_an_image_cut_short_does_not_start(tmp_path: Path):
    image = make_image("esp32s3", VERSION, 80_000)[:-5000]
    with VirtualBoard("esp32s3", flash(tmp_path / "board", image=image)) as board:
        assert "Checksum failed" in said_at_start(board)


def test_another_chips_image_does_not_start(tmp_path: Path):
    image = make_image("esp32c3", VERSION, 80_000)
    with VirtualBoard("esp32s3", flash(tmp_path / "board", image=image)) as board:
        assert "mismatch chip ID, expected 9, found 5" in said_at_start(board)


def test_the_bootloaders_offset_matters(tmp_path: Path):
    folder = flash(tmp_path / "board", "esp32", at=0)
    with VirtualBoard("esp32", folder) as board:
        assert "invalid header" in said_at_start(board)


def test_files_and_stored_values_outlive_the_power(tmp_path: Path):
    folder = flash(tmp_path / "board")
    with VirtualBoard("esp32s3", folder) as board:
        with repl(board) as transport:
            transport.fs_writefile("/kept.txt", b"kept")
            store = (
                "n = esp32.NVS('tamer'); n.set_i32('boot', 7); n.set_blob('key', b'\\x00\\xff')"
            )
            transport.exec(f"import esp32; {store}; n.commit(); n.set_i32('boot', 8)")
        board.unplug()
        board.plug()
        with repl(board) as transport:
            assert transport.fs_readfile("/kept.txt") == b"kept"
    with VirtualBoard("esp32s3", folder) as board, repl(board) as transport:
        assert transport.fs_readfile("/kept.txt") == b"kept"
        load = "n = esp32.NVS('tamer'); b = bytearray(2); n.get_blob('key', b)"
        assert answer(transport, f"import esp32; {load}; print(n.get_i32('boot'), b)") == (
            "7 bytearray(b'\\x00\\xff')"
        )
