"""Which serial ports may be boards, and what is said of one that does not open."""

import errno
import os
from types import SimpleNamespace

import pytest
from serial.serialutil import SerialException

from noisetamer.base.errors import UserError
from noisetamer.workshop.flash import command
from noisetamer.workshop.port import ports
from noisetamer.workshop.port.ports import Port, PortError


def device(name: str, vid: int | None, pid: int | None, description: str = "n/a"):
    """As pyserial lists one."""
    return SimpleNamespace(
        device=name, vid=vid, pid=pid, description=description, location="1-2" if vid else None
    )


DEVICES = [
    device("/dev/ttyUSB1", 0x10C4, 0xEA60, "CP2102 USB to UART"),
    device("/dev/ttyACM0", 0x303A, 0x1001, "USB JTAG/serial debug unit"),
    device("/dev/ttyUSB0", 0x1A86, 0x7523, "USB Serial"),
    device("/dev/ttyACM1", 0x2341, 0x0043, "Arduino Uno"),
    device("/dev/ttyS0", None, None),
]


def test_boards_are_found_by_vendor_and_product_others_are_named():
    boards, others = ports.classify(DEVICES)
    assert [(port.name, port.what) for port in boards] == [
        ("/dev/ttyACM0", "Espressif USB serial and JTAG"),
        ("/dev/ttyUSB0", "WCH CH340"),
        ("/dev/ttyUSB1", "Silicon Labs CP2102/CP2104"),
    ]
    assert [(port.name, port.what) for port in others] == [
        ("/dev/ttyACM1", "Arduino Uno"),
        ("/dev/ttyS0", "a serial port"),
    ]


def test_a_board_that_comes_back_under_another_name_is_found_at_its_socket(monkeypatch):
    before = Port("/dev/ttyACM0", "/dev/ttyACM0", place="1-2.3")
    back = Port("/dev/ttyACM4", "/dev/ttyACM4", place="1-2.3")
    monkeypatch.setattr(ports, "scan", lambda: ([back], []))
    assert ports.at_same_socket(before) == back


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOENT, "There is no port /dev/ttyUSB9: is the cable in?"),
        (errno.EBUSY, "/dev/ttyUSB9 is busy: another program has it open, end that first."),
        (errno.EACCES, "You may not open /dev/ttyUSB9: join the group dialout"),
    ],
)
def test_a_port_that_does_not_open_says_why(code: int, sentence: str):
    said = f"[Errno {code}] could not open port /dev/ttyUSB9: [Errno {code}] {os.strerror(code)}"
    error = SerialException(code, said)
    said = str(PortError(*ports.reason(Port("/dev/ttyUSB9", "/dev/ttyUSB9"), error)))
    assert said.startswith(sentence)


def test_windows_words_for_the_same(monkeypatch):
    monkeypatch.setattr(ports.sys, "platform", "win32")
    port = Port("COM7", "COM7")
    busy = SerialException("could not open port 'COM7': PermissionError(13, 'Access is denied.')")
    absent = SerialException("could not open port 'COM7': FileNotFoundError(2, 'cannot find it')")
    assert "is busy" in ports.reason(port, busy)[0]
    assert "There is no port COM7" in ports.reason(port, absent)[0]


def test_a_port_that_is_not_there_cannot_be_opened():
    with pytest.raises(PortError, match="There is no port /dev/nowhere"):
        ports.open_port(Port("/dev/nowhere", "/dev/nowhere"))


def test_what_is_no_serial_port_is_named():
    with pytest.raises(PortError, match="/dev/null is no serial port: name the board's, such as"):
        ports.open_port(Port("/dev/null", "/dev/null"))


def test_no_board_is_said_with_what_to_do(monkeypatch):
    monkeypatch.setattr(ports, "scan", lambda: ([], [Port("/dev/ttyS0", "/dev/ttyS0", "n/a")]))
    with pytest.raises(UserError, match=r"No board on any USB port .*--simulated"):
        command.connected_ports([], everything=False)


def test_several_boards_are_not_taken_without_being_asked_for(monkeypatch):
    boards, others = ports.classify(DEVICES)
    monkeypatch.setattr(ports, "scan", lambda: (boards, others))
    with pytest.raises(UserError, match="/dev/ttyUSB1: take them all with --all, or one"):
        command.connected_ports([], everything=False)
    assert command.connected_ports([], everything=True) == boards
