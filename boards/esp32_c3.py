"""ESP32-C3, one I2S peripheral: measures and shows, does not speak. INMP441, 8x32 WS2812B."""

from array import array
from collections import namedtuple

import esp32
import machine
import neopixel
import network
from microphones.inmp441 import PROFILE

from tamer.act.matrix import columns_there_and_back
from tamer.act.power import Power

# What it is flashed with; read by the host, which cannot run this file (host/noisetamer/flash).
CHIP = "esp32c3"
IMAGE = "ESP32_GENERIC_C3-20260824-v1.29.0.bin"
VERSION = "v1.29.0"
FLASH_MB = 4
PSRAM_MB = 0
MODULE = "ESP32-C3-MINI-1-N4"
PSRAM = None

# block: samples a kernel call. slack_us: how long the driver holds samples for a late reader.
# buffers: two, of a block each.
Microphone = namedtuple("Microphone", ("i2s", "rate", "block", "buffers", "slack_us", "profile"))
Matrix = namedtuple("Matrix", ("pixels", "width", "height", "order"))
# Memory of up to 2 KB that a reset leaves alone and a power cut does not.
Retained = namedtuple("Retained", ("read", "write"))
Board = namedtuple(
    "Board",
    (
        "microphone",
        "speaker",
        "matrix",
        "power",
        "spotlight",
        "wlan",
        "memory",
        "retained",
        "watchdog",
        "reset",
        "weather",
    ),
)

_RATE = 48000
_BLOCK = 6000
_WIDTH, _HEIGHT = 32, 8
# WS2812B: 12 mA a channel.
_POWER = Power(leds_mA=1000, pixel_mA=(12, 12, 12), idle_mA=1)
# At 5 V, at worst: the radio sends, the relay pulls.
BUDGET_MA = {
    "supply": 2000,
    "module": 350,
    "LEDs": _POWER.leds_mA,
    "microphone": 2,
    "relay": 80,
}

# The driver keeps whole descriptors of 256 frames, 8 bytes each.
_MICROPHONE_BUFFER = 40000

_RESETS = {
    machine.PWRON_RESET: "power on",
    machine.HARD_RESET: "reset",
    machine.WDT_RESET: "watchdog",
    machine.DEEPSLEEP_RESET: "deep sleep",
    machine.SOFT_RESET: "soft reset",
}


def make():
    """Every piece of hardware, made once; the largest buffers first, while the heap is whole."""
    buffers = [array("i", bytes(4 * _BLOCK)) for _ in range(2)]
    microphone = machine.I2S(
        0,
        sck=machine.Pin(4),
        ws=machine.Pin(5),
        sd=machine.Pin(6),
        mode=machine.I2S.RX,
        bits=32,
        format=machine.I2S.MONO,
        rate=_RATE,
        ibuf=_MICROPHONE_BUFFER,
    )
    pixels = neopixel.NeoPixel(machine.Pin(10, machine.Pin.OUT), _WIDTH * _HEIGHT)
    return Board(
        Microphone(
            microphone,
            _RATE,
            _BLOCK,
            buffers,
            _MICROPHONE_BUFFER // 2048 * 256 * 1000000 // _RATE,
            PROFILE,
        ),
        None,
        Matrix(pixels, _WIDTH, _HEIGHT, columns_there_and_back(_WIDTH, _HEIGHT)),
        _POWER,
        machine.Pin(7, machine.Pin.OUT),
        network.WLAN(network.WLAN.IF_STA),
        esp32.NVS("tamer"),
        Retained(machine.RTC().memory, machine.RTC().memory),
        machine.WDT(timeout=8000),
        _RESETS.get(machine.reset_cause(), "unknown"),
        None,  # no weather instruments; README.md says how to add them
    )
