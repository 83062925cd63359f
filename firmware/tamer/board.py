"""The made hardware, as a board file hands it to the unit."""

from collections import namedtuple

# i2s: the receiver. rate: Hz. block: samples a kernel call. buffers: two, of a block each.
# slack_us: how long the driver holds samples for a late reader. profile: of the microphone.
Microphone = namedtuple("Microphone", ("i2s", "rate", "block", "buffers", "slack_us", "profile"))
# buffered_ms: what the driver holds of what it was given.
Speaker = namedtuple("Speaker", ("i2s", "rate", "buffered_ms"))
Matrix = namedtuple("Matrix", ("pixels", "width", "height", "order"))
# Memory of up to 2 KB that a reset leaves alone and a power cut does not.
Retained = namedtuple("Retained", ("read", "write"))
# speaker, weather: None where there is none. reset: why it started, in words.
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


def slack_us(buffer, rate):
    """Of an I2S receiver with a buffer of so many bytes: the driver keeps whole descriptors of
    256 frames, 8 bytes each."""
    return buffer // 2048 * 256 * 1000000 // rate


def reset_cause(machine):
    """Why the chip started, in words. `machine`: the module."""
    return {
        machine.PWRON_RESET: "power on",
        machine.HARD_RESET: "reset",
        machine.WDT_RESET: "watchdog",
        machine.DEEPSLEEP_RESET: "deep sleep",
        machine.SOFT_RESET: "soft reset",
    }.get(machine.reset_cause(), "unknown")
