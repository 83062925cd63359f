"""ESP32-S3 with PSRAM (N8R8): the reference board. INMP441, MAX98357A, 8x32 WS2812B."""

from array import array

import esp32
import machine
import neopixel
import network
from microphones.inmp441 import PROFILE

from tamer.act.matrix import columns_there_and_back
from tamer.act.power import Power
from tamer.board import Board, Matrix, Microphone, Retained, Speaker, reset_cause, slack_us

# What it is flashed with; read by the host, which cannot run this file (noisetamer.workshop).
CHIP = "esp32s3"
IMAGE = "ESP32_GENERIC_S3-SPIRAM_OCT-20260824-v1.29.0.bin"
VERSION = "v1.29.0"
FLASH_MB = 8
PSRAM_MB = 8
MODULE = "ESP32-S3-WROOM-1-N8R8"
PSRAM = "octal"

_RATE = 48000
_BLOCK = 6000
_VOICE_RATE = 16000
_WIDTH, _HEIGHT = 32, 8
# WS2812B: 12 mA a channel.
_POWER = Power(leds_mA=1000, pixel_mA=(12, 12, 12), idle_mA=1)
# At 5 V, at worst: the radio sends, a message is at its loudest, the relay pulls.
BUDGET_MA = {
    "supply": 3000,
    "module": 340,
    "LEDs": _POWER.leds_mA,
    "amplifier": 650,
    "microphone": 2,
    "relay": 80,
}

_MICROPHONE_BUFFER = 40000
_SPEAKER_BUFFER = 8000


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
    speaker = machine.I2S(
        1,
        sck=machine.Pin(15),
        ws=machine.Pin(16),
        sd=machine.Pin(17),
        mode=machine.I2S.TX,
        bits=16,
        format=machine.I2S.MONO,
        rate=_VOICE_RATE,
        ibuf=_SPEAKER_BUFFER,
    )
    pixels = neopixel.NeoPixel(machine.Pin(18, machine.Pin.OUT), _WIDTH * _HEIGHT)
    return Board(
        Microphone(
            microphone,
            _RATE,
            _BLOCK,
            buffers,
            slack_us(_MICROPHONE_BUFFER, _RATE),
            PROFILE,
        ),
        Speaker(speaker, _VOICE_RATE, _SPEAKER_BUFFER * 1000 // (2 * _VOICE_RATE)),
        Matrix(pixels, _WIDTH, _HEIGHT, columns_there_and_back(_WIDTH, _HEIGHT)),
        _POWER,
        machine.Pin(21, machine.Pin.OUT),
        network.WLAN(network.WLAN.IF_STA),
        esp32.NVS("tamer"),
        Retained(machine.RTC().memory, machine.RTC().memory),
        machine.WDT(timeout=8000),
        reset_cause(machine),
        None,  # no weather instruments; README.md says how to add them
    )
