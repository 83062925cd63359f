"""The one place where hardware is made, from what a board file says; the unit is handed it.

Hardware   microphone: Microphone. speaker: Speaker, matrix: Matrix, power: tamer.act.power.Power.
           spotlight: a pin or PWM. wlan: the station interface. memory: the chip's own, NVS.
           retained: Retained. rtc: the chip's own clock. journal: the partition of the records
           (tamer.tell.ring), None where we have not parted the flash. watchdog. reset: why the
           chip started, in words. weather: Weather. speaker, spotlight, weather: None where the
           board has none.
Microphone i2s: the receiver. rate: Hz. block: samples a kernel call. buffers: two, of a block
           each. slack_us: how long the driver holds samples for a late reader. profile: of the
           kind of microphone.
Speaker    i2s: the transmitter. rate: Hz. buffered_ms: what the driver holds of what it was given.
Matrix     pixels: the chain. width, height: LEDs. order: places on the chain (tamer.act.matrix).
Retained   read, write: memory of up to 2 KB that a reset leaves alone and a power cut does not.
"""

from array import array
from collections import namedtuple

import esp32
import machine
import neopixel
import network

from tamer.act.power import Power
from tamer.board import VOICE_RATE

Hardware = namedtuple(
    "Hardware",
    (
        "microphone",
        "speaker",
        "matrix",
        "power",
        "spotlight",
        "wlan",
        "memory",
        "retained",
        "rtc",
        "journal",
        "watchdog",
        "reset",
        "weather",
    ),
)
Microphone = namedtuple("Microphone", ("i2s", "rate", "block", "buffers", "slack_us", "profile"))
Speaker = namedtuple("Speaker", ("i2s", "rate", "buffered_ms"))
Matrix = namedtuple("Matrix", ("pixels", "width", "height", "order"))
Retained = namedtuple("Retained", ("read", "write"))

_RATE = 48000  # Hz
_BLOCK = 6000  # samples
# Bytes that the I2S drivers hold.
_MICROPHONE_BUFFER = 40000
_SPEAKER_BUFFER = 8000

_LAMP_HZ = 1000


def make(board):
    """All of a board file's `BOARD`, made once; the largest buffers first, while the heap is
    whole."""
    buffers = [_words(_BLOCK) for _ in range(2)]
    return Hardware(
        _microphone(board.microphone, buffers),
        _speaker(board.speaker) if board.speaker else None,
        _matrix(board.matrix),
        Power(board.budget_mA.LEDs, board.matrix.pixel_mA, board.matrix.idle_mA),
        _spotlight(board.spotlight) if board.spotlight else None,
        network.WLAN(network.WLAN.IF_STA),
        esp32.NVS("tamer"),
        Retained(machine.RTC().memory, machine.RTC().memory),
        machine.RTC(),
        _journal(),
        machine.WDT(timeout=board.watchdog_ms),
        _reset_cause(),
        _weather(board.weather) if board.weather else None,
    )


def _words(n):
    """Without zeros to copy from: so many bytes in one piece may be held for ever, where the
    interpreter's stack still shows them."""
    return array("i", (0 for _ in range(n)))


def _microphone(wired, buffers):
    receiver = _i2s(wired, machine.I2S.RX, 32, _RATE, _MICROPHONE_BUFFER)
    # The driver keeps whole descriptors of 256 frames, 8 bytes each.
    slack_us = _MICROPHONE_BUFFER // 2048 * 256 * 1000000 // _RATE
    return Microphone(receiver, _RATE, _BLOCK, buffers, slack_us, wired.profile)


def _speaker(wired):
    transmitter = _i2s(wired, machine.I2S.TX, 16, VOICE_RATE, _SPEAKER_BUFFER)
    return Speaker(transmitter, VOICE_RATE, _SPEAKER_BUFFER * 1000 // (2 * VOICE_RATE))


def _i2s(wired, mode, bits, rate, buffer):
    return machine.I2S(
        wired.i2s,
        sck=machine.Pin(wired.sck),
        ws=machine.Pin(wired.ws),
        sd=machine.Pin(wired.sd),
        mode=mode,
        bits=bits,
        format=machine.I2S.MONO,
        rate=rate,
        ibuf=buffer,
    )


def _matrix(wired):
    width, height = wired.width, wired.height
    pixels = neopixel.NeoPixel(machine.Pin(wired.data, machine.Pin.OUT), width * height)
    return Matrix(pixels, width, height, wired.order(width, height))


def _spotlight(wired):
    pin = machine.Pin(wired.control, machine.Pin.OUT)
    return machine.PWM(pin, freq=_LAMP_HZ, duty_u16=0) if wired.soft else pin


def _journal():
    found = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="journal")
    return found[0] if found else None


def _weather(wired):
    # Few boxes have instruments: only then does it take memory.
    from tamer.hear.validity.weather import Weather

    pulses = machine.Counter(0, _contact(wired.cups)).value if wired.cups is not None else None
    rain = _closed(_contact(wired.rain)) if wired.rain is not None else None
    return Weather(pulses, wired.per_pulse, rain)


def _closed(contact):
    return lambda: not contact.value()


def _contact(gpio):
    return machine.Pin(gpio, machine.Pin.IN, machine.Pin.PULL_UP)


def _reset_cause():
    return {
        machine.PWRON_RESET: "power on",
        machine.HARD_RESET: "reset",
        machine.WDT_RESET: "watchdog",
        machine.DEEPSLEEP_RESET: "deep sleep",
        machine.SOFT_RESET: "soft reset",
    }.get(machine.reset_cause(), "unknown")
