"""A board with a fault fails as a real one does, and a mended one goes on."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import serial
from esptool.cmds import attach_flash, detect_chip, run_stub, write_flash
from esptool.util import FatalError
from mpremote.transport import TransportError
from real_tools import VERSION, answer, flash, repl
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.virtual.board import VirtualBoard, make_image
from noisetamer.virtual.board.faults import BoardFaults

pytestmark = pytest.mark.tools


def features(board: VirtualBoard, attempts: int = 7) -> list[str]:
    """attempts: to connect; as many as esptool makes where nobody says."""
    with redirect_stdout(io.StringIO()):
        esp: Any = detect_chip(board.url, connect_attempts=attempts)
        with esp:
            return [esp.CHIP_NAME, *esp.get_chip_features()]


def write(board: VirtualBoard) -> None:
    """esptool's own API, in this process."""
    image = make_image(board.chip.name, VERSION, 80_000)
    with (
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
        detect_chip(board.url) as esp,
    ):
        stub = run_stub(esp)
        attach_flash(stub)
        write_flash(stub, [(board.chip.bootloader_at, image)])
        stub.hard_reset()


def test_a_cable_pulled_in_mid_write_and_put_back(tmp_path: Path):
    with VirtualBoard("esp32s3", tmp_path, faults=("drop-in-write:30000",)) as board:
        with pytest.raises(serial.SerialException, match="disconnected"):
            write(board)
        assert not board.plugged
        with pytest.raises(FatalError, match="No such file or directory"):
            features(board, attempts=1)
        url = board.url
        board.plug()
        assert board.url == url
        write(board)
        with repl(board) as transport:
            assert answer(transport, "print(6 * 7)") == "42"


def test_flash_that_cannot_be_written_fails_verification(tmp_path: Path):
    with (
        VirtualBoard("esp32s3", tmp_path, faults=("bad-flash:0x10010",)) as board,
        pytest.raises(FatalError, match="MD5 of file does not match"),
    ):
        write(board)


def test_the_chip_is_another_one(tmp_path: Path):
    with VirtualBoard("esp32s3", tmp_path, faults=("wrong-chip:esp32",)) as board:
        assert features(board)[0] == "ESP32"


def test_there_is_no_psram(tmp_path: Path):
    with VirtualBoard("esp32s3", tmp_path, faults=("no-psram",)) as board:
        assert not any("PSRAM" in feature for feature in features(board))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("dead", "No serial data received"), ("garbage", "serial noise or corruption")],
)
def test_no_chip_is_found(fault: str, reason: str, tmp_path: Path):
    with VirtualBoard("esp32s3", tmp_path, faults=(fault,)) as board:
        with pytest.raises(FatalError, match=reason):
            features(board, attempts=1)
        board.faults.mend(fault)
        assert features(board)[0] == "ESP32-S3"


@pytest.mark.parametrize(
    ("fault", "reason"), [("permission", "Permission denied"), ("busy", "Device or resource busy")]
)
def test_the_port_cannot_be_opened(fault: str, reason: str, tmp_path: Path):
    with (
        VirtualBoard("esp32s3", tmp_path, faults=(fault,)) as board,
        pytest.raises(serial.SerialException, match=reason),
    ):
        serial.serial_for_url(board.url)


def test_an_open_port_is_busy_for_others(tmp_path: Path):
    with (
        VirtualBoard("esp32s3", tmp_path) as board,
        serial.serial_for_url(board.url),
        pytest.raises(serial.SerialException, match="busy"),
    ):
        serial.serial_for_url(board.url)


def test_a_crash_while_files_go_over(tmp_path: Path):
    with VirtualBoard("esp32s3", flash(tmp_path / "b"), faults=("crash:3000",)) as board:
        with repl(board) as transport:
            transport.fs_writefile("/before", b"safe")
            with pytest.raises(TransportError):
                transport.fs_writefile("/during", bytes(4096), chunk_size=4096)
            port: Any = transport.serial
            port.timeout = DEADLINE
            assert b"uru Meditation Error" in port.read_until(b">>> ")
        with repl(board) as transport:
            assert transport.fs_readfile("/before") == b"safe"


def test_a_slow_board_gets_there(tmp_path: Path):
    with VirtualBoard("esp32s3", tmp_path, faults=("slow:5",)) as board:
        write(board)
        with repl(board) as transport:
            assert answer(transport, "print(6 * 7)") == "42"


def test_a_host_at_the_wrong_baud_rate_reads_noise(tmp_path: Path):
    with (
        VirtualBoard("esp32s3", flash(tmp_path / "b")) as board,
        serial.serial_for_url(board.url, 460800, timeout=0.1) as port,
    ):
        port.write(b"\r\n")
        assert b">>>" not in port.read(20)
        port.baudrate = 115200
        port.timeout = DEADLINE
        port.write(b"\x03\r\nprint(6 * 7)\r\n")
        assert port.read_until(b"\n42\r\n").endswith(b"print(6 * 7)\r\n42\r\n")


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ("gremlin", "no fault is called 'gremlin'; there is: bad-flash, busy"),
        ("drop:soon", "'drop:soon' has no number after the colon"),
        ("busy:3", "the fault 'busy' takes no value"),
        ("wrong-chip:z80", "no virtual board has the chip 'z80'"),
    ],
)
def test_a_fault_nobody_knows_is_refused(description: str, reason: str):
    with pytest.raises(UserError, match=reason):
        BoardFaults((description,))
