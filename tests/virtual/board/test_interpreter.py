"""MicroPython on a virtual board is MicroPython on that chip."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial
from real_tools import answer, flash, repl
from waiting import DEADLINE

from noisetamer.virtual import pipe
from noisetamer.virtual.board import VirtualBoard
from noisetamer.virtual.board.acoustics import tone
from noisetamer.virtual.board.bench import Bench
from noisetamer.virtual.box_message import BoxMessage

pytestmark = pytest.mark.tools


@pytest.fixture
def board(tmp_path: Path) -> Iterator[VirtualBoard]:
    with VirtualBoard("esp32s3", flash(tmp_path / "board"), mac="24:0a:c4:01:02:03") as board:
        yield board


def restart(port: serial.Serial, *, until: bytes) -> bytes:
    """Press the reset button; what the board says up to some words."""
    port.dtr, port.rts = False, True
    port.reset_input_buffer()
    port.rts = False
    return port.read_until(until)


def test_it_says_which_chip_and_version_it_is(board: VirtualBoard):
    with repl(board) as transport:
        assert answer(transport, "import os; print(os.uname().machine)") == (
            "Generic ESP32S3 module with ESP32S3"
        )
        assert answer(transport, "import sys; print(sys.implementation._machine)").endswith("S3")
        assert answer(transport, "print(sys.implementation.version, sys.platform)") == (
            "(1, 29, 0, '') esp32"
        )
        assert answer(transport, "import machine; print(machine.unique_id().hex())") == (
            "240ac4010203"
        )


def test_its_main_starts_after_a_reset_and_ctrl_c_ends_it(board: VirtualBoard):
    with repl(board) as transport:
        transport.fs_writefile("/main.py", b"print('main runs')\nwhile True: pass\n")
    with serial.serial_for_url(board.url, 115200, timeout=DEADLINE) as port:
        assert b"main runs\r\n" in restart(port, until=b"runs\r\n")
        port.write(b"\x03")
        assert b"KeyboardInterrupt" in port.read_until(b">>> ")


def test_a_soft_reset_in_the_raw_repl_runs_boot_but_not_main(board: VirtualBoard):
    with repl(board) as transport:
        transport.fs_writefile("/boot.py", b"booted = 1\n")
        transport.fs_writefile("/main.py", b"ran_main = 1\n")
    with repl(board) as transport:
        assert answer(transport, "print('booted' in globals(), 'ran_main' in globals())") == (
            "True False"
        )


def test_it_can_reset_itself_and_knows_why_it_started(board: VirtualBoard):
    cause = b"import machine\nprint('cause', machine.reset_cause())\n"
    with repl(board) as transport:
        transport.fs_writefile("/main.py", cause)
    with serial.serial_for_url(board.url, 115200, timeout=DEADLINE) as port:
        assert b"cause 1" in restart(port, until=b">>> ")
        port.write(b"machine.reset()\r\n")
        assert b"cause 2" in port.read_until(b">>> ")
        port.write(b"machine.WDT(timeout=1000) and __import__('time').sleep(5)\r\n")
        said = port.read_until(b"cause 3")
        assert board.chip.watchdog.encode() in said
        assert said.endswith(b"cause 3")


@pytest.mark.parametrize("how", [b"machine.reset()", b"machine.WDT(timeout=1); time.sleep(5)"])
def test_no_ctrl_c_breaks_off_a_reset_that_has_begun(
    board: VirtualBoard, monkeypatch: pytest.MonkeyPatch, how: bytes
):
    begun, may_go_on = threading.Event(), threading.Event()
    take = Bench._take

    def take_in_time(bench: Bench, message: BoxMessage) -> None:
        if message.kind in (pipe.RESET, pipe.WATCHDOG):
            begun.set()
            may_go_on.wait(DEADLINE)
        take(bench, message)

    monkeypatch.setattr(Bench, "_take", take_in_time)
    with serial.serial_for_url(board.url, 115200, timeout=DEADLINE) as port:
        restart(port, until=b">>> ")
        port.write(b"import machine, time; " + how + b"\r\n")
        assert begun.wait(DEADLINE)
        port.write(b"\x03")
        port.timeout = 0.3
        assert b"KeyboardInterrupt" not in port.read_until(b">>> ")
        port.timeout = DEADLINE
        may_go_on.set()
        assert board.chip.banner.encode() in port.read_until(b">>> ")


def test_its_clock_outlives_a_soft_reset_but_not_the_power(board: VirtualBoard):
    year = "import time; print(time.gmtime()[0])"
    with repl(board) as transport:
        assert answer(transport, year) == "2000"
        transport.exec("import machine; machine.RTC().datetime((2026, 11, 23, 0, 9, 0, 0, 0))")
    with repl(board) as transport:
        assert answer(transport, year) == "2026"
    board.unplug()
    board.plug()
    with repl(board) as transport:
        assert answer(transport, year) == "2000"
        assert int(answer(transport, "import ntptime; ntptime.settime(); " + year)) >= 2026


def test_its_lamps_can_be_seen(board: VirtualBoard):
    program = """
import machine, neopixel
machine.Pin(21, machine.Pin.OUT).on()
pixels = neopixel.NeoPixel(machine.Pin(18), 2)
pixels[1] = (255, 128, 0)
pixels.write()
"""
    with repl(board) as transport:
        transport.exec(program)
        # Whoever looks sees it a moment later; with this answer it has been seen.
        transport.exec("import ntptime; ntptime.settime()")
        assert board.pins == {21: 1}
        assert board.pixels == bytes((0, 0, 0, 128, 255, 0))


def test_it_hears_a_tone_held_to_its_microphone(board: VirtualBoard):
    listen = """
import machine, struct
from array import array
i2s = machine.I2S(0, sck=machine.Pin(4), ws=machine.Pin(5), sd=machine.Pin(6),
    mode=machine.I2S.RX, bits=32, format=machine.I2S.MONO, rate=48000, ibuf=40000)
heard = array('i', bytes(4 * 2400))
i2s.readinto(heard)
print(list(heard))
"""
    levels = []
    with repl(board) as transport:
        for level in (94.0, 104.0):
            board.sound = tone(1000, level)
            samples = np.array(eval(answer(transport, listen)), float) / 2**31
            levels.append(10 * np.log10(2 * np.mean((samples - samples.mean()) ** 2)))
    # The microphone's sensitivity is -26 dBFS at 94 dB.
    assert levels == pytest.approx([-26.0, -16.0], abs=0.1)
