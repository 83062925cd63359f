"""ESP32-C3, one I2S peripheral: measures and shows, does not speak. INMP441, 8x32 WS2812B."""

from array import array

import esp32
import machine
import neopixel
import network
from microphones.inmp441 import PROFILE

from tamer.act.matrix import columns_there_and_back
from tamer.act.power import Power
from tamer.board import Board, Matrix, Microphone, Retained, reset_cause, slack_us

# What it is flashed with; read by the host, which cannot run this file (noisetamer.workshop).
CHIP = "esp32c3"
IMAGE = "ESP32_GENERIC_C3-20260824-v1.29.0.bin"
VERSION = "v1.29.0"
FLASH_MB = 4
PSRAM_MB = 0
MODULE = "ESP32-C3-MINI-1-N4"
PSRAM = None

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

_MICROPHONE_BUFFER = 40000


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
            slack_us(_MICROPHONE_BUFFER, _RATE),
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
        reset_cause(machine),
        None,  # no weather instruments; README.md says how to add them
    )
