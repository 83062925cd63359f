"""The USB ports: which of them may be boards, and opening one with a clear word when it fails."""

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import serial
from serial.tools import list_ports

from noisetamer.workshop.port.errors import PortError, TerminalError

_ROM_BAUD = 115200

# What Linux, macOS and Windows say in pyserial's exceptions.
_DENIED = ("permission denied", "errno 13")
_BUSY = ("resource busy", "errno 16", "exclusively lock", "errno 11", "access is denied")
_ABSENT = ("no such file", "errno 2", "filenotfound", "cannot find", "no such device", "errno 6")
_NO_TERMINAL = ("inappropriate ioctl", "errno 25", "not a tty")
_NAMED = "name the board's, such as /dev/ttyUSB0 or COM3."


@dataclass(frozen=True)
class Port:
    """One serial port. url: as pyserial opens it; what: the device on it; place: the USB socket,
    which stays when a board comes back under another name, None where it has none.
    """

    name: str
    url: str
    what: str = ""
    place: str | None = None


def scan() -> tuple[list[Port], list[Port]]:
    """(ports that may be boards, other serial ports), as they are now."""
    return classify(list_ports.comports())


def classify(devices: Iterable[Any]) -> tuple[list[Port], list[Port]]:
    """The same from pyserial's list of devices."""
    boards, others = [], []
    for device in sorted(devices, key=lambda device: device.device):
        known = _known().get((device.vid, device.pid))
        # pyserial's word where it knows nothing.
        described = device.description if device.description != "n/a" else ""
        what = known or described or "a serial port"
        port = Port(device.device, device.device, what, device.location)
        (boards if known else others).append(port)
    return boards, others


def named(name: str) -> Port:
    """The port of this name, with what the system knows of it."""
    boards, others = scan()
    return next((one for one in boards + others if one.name == name), Port(name, name))


def at_same_socket(port: Port) -> Port:
    """The same socket's port as it is now: a board with USB of its own may change its name."""
    if port.place is None:
        return port
    boards, others = scan()
    return next((one for one in boards + others if one.place == port.place), port)


def open_port(port: Port) -> serial.SerialBase:
    """The open port, ours alone. Raises PortError."""
    try:
        connection = serial.serial_for_url(
            port.url, baudrate=_ROM_BAUD, exclusive=True, do_not_open=True
        )
        if sys.platform == "win32":
            # There they are set as it opens, which resets the board.
            connection.rts = connection.dtr = False
        connection.open()
    except (OSError, ValueError) as error:
        raise PortError(*reason(port, error)) from None
    except TerminalError:
        # pyserial asks a device for its lines before it looks whether it has any.
        raise PortError(f"{port.name} is no serial port", _NAMED) from None
    return connection


def reason(port: Port, error: Exception) -> tuple[str, str]:
    """Why a port did not open, and what to do."""
    text = str(error).lower()
    if sys.platform != "win32" and any(words in text for words in _DENIED):
        group = _group(port.name)
        return (
            f"You may not open {port.name}",
            f"join the group {group} ('sudo usermod -a -G {group.split()[0]} $USER'), then log "
            "in again.",
        )
    if any(words in text for words in _BUSY):
        return f"{port.name} is busy", "another program has it open, end that first."
    if any(words in text for words in _NO_TERMINAL):
        return f"{port.name} is no serial port", _NAMED
    if any(words in text for words in _ABSENT):
        return f"There is no port {port.name}", "is the cable in? Put it in, or name another."
    return f"{port.name} cannot be opened ({error})", "put the cable in again, or name another."


def _group(name: str) -> str:
    """The group that may open the device; the usual ones where it does not say."""
    try:
        import grp  # POSIX only, as the groups are

        group = grp.getgrgid(Path(name).stat().st_gid).gr_name
    except (ImportError, OSError, KeyError):
        group = "root"
    return group if group != "root" else "dialout (Debian, Ubuntu) or uucp (Arch)"


@cache
def _known() -> dict[tuple[int, int], str]:
    """By (vendor, product): bridges on ESP32 boards, and Espressif's own USB.

    Sources: the Linux kernel's cp210x, ch341, ftdi_sio and pl2303 drivers; esptool 5.6 for the
    loaders; MicroPython 1.29's ports/esp32/mpconfigport.h for its own.
    """
    with Path(__file__).with_name("usb_ids.csv").open(encoding="utf-8", newline="") as file:
        return {
            (int(row["vid"], 16), int(row["pid"], 16)): row["what"] for row in csv.DictReader(file)
        }
