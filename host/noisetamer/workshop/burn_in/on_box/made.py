"""Runs on the box, first of all: its hardware, made as main.py makes it, and kept awake."""

import board

from tamer import hardware

# As in main.py: the board's buffers before all else.
made = hardware.make(board.BOARD)

import sys
import time

import machine

from tamer import VERSION, settings
from tamer.clock import ChipClock

# The board leaves it seconds; between two calls of ours a technician may be asked. The chip's
# one watchdog takes the new span (ports/esp32/machine_wdt.c).
machine.WDT(timeout=600000)

own, _ = settings.load(memory=made.memory)
clock = ChipClock(made.rtc)


def feed():
    """Keep the watchdog quiet."""
    made.watchdog.feed()


def about():
    matrix, profile = made.matrix, made.microphone.profile
    return {
        "firmware": VERSION,
        "chip": sys.implementation._machine.split(" ")[-1],
        "mpy": sys.implementation._mpy,
        "microphone": profile.name,
        "floor": profile.floor,
        "loudspeaker": made.speaker is not None,
        "spotlight": made.spotlight is not None,
        "LEDs": matrix.width * matrix.height,
        "LED_mA": list(made.power.pixel_mA),
        "wifi": bool(own["wifi"]),
        "hub": bool(own["hub"]),
        "calibration": own["calibration"] or 0.0,
        "block_ms": made.microphone.block * 1000 // made.microphone.rate,
        "slack_ms": made.microphone.slack_us // 1000,
        "full_scale": profile.full_scale + (own["calibration"] or 0.0),
    }


def equaliser():
    return own["equaliser"] or made.microphone.profile.equaliser


def set_clock(fields):
    """(year, month, day, weekday, hour, minute, second, microsecond), UTC."""
    machine.RTC().datetime(tuple(fields))
    return clock.read() // 1000


def clocks():
    """Time of day, s since 1970, and the chip's running clock, us, which wraps at 2**30."""
    return clock.read() // 1000, time.ticks_us()


def rest(seconds):
    """Let time pass, s, the microphone listening."""
    microphone = made.microphone
    for _ in range(seconds * microphone.rate // microphone.block):
        microphone.i2s.readinto(microphone.buffers[0])
        feed()
