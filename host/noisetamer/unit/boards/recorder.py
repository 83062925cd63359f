"""MicroPython's hardware modules as a board file meets them, noting what it makes of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any


@dataclass
class Notes:
    """What was made, in order."""

    pins: list["Pin"] = field(default_factory=list)
    i2s: list["I2S"] = field(default_factory=list)
    watchdogs: int = 0


class Pin:
    IN, OUT, OPEN_DRAIN = 0, 1, 2
    PULL_UP, PULL_DOWN = 1, 2
    IRQ_RISING, IRQ_FALLING = 1, 2
    notes: Notes

    def __init__(self, number: int, mode: int = -1, *rest: Any, **named: Any):
        self.number = number
        self.mode = mode
        self.notes.pins.append(self)

    def __call__(self, *value: int) -> int:
        return 0

    value = __call__

    def irq(self, *rest: Any, **named: Any) -> None:
        """Nothing happens on the bench."""


class PWM:
    def __init__(self, pin: Pin, *rest: Any, **named: Any):
        self.pin = pin

    def duty_u16(self, *value: int) -> int:
        return 0


class I2S:
    RX, TX = 0, 1
    STEREO, MONO = 0, 1
    notes: Notes

    def __init__(self, number: int, *, sck: Pin, ws: Pin, sd: Pin, mode: int, **named: Any):
        self.number = number
        self.signals = {"sck": sck, "ws": ws, "sd": sd}
        self.mode = mode
        self.rate: int = named.get("rate", 0)
        self.bits: int = named.get("bits", 0)
        self.notes.i2s.append(self)


class NeoPixel:
    def __init__(self, pin: Pin, n: int, *rest: Any, **named: Any):
        self.pin = pin
        self.n = n
        self.buf = bytearray(3 * n)

    def write(self) -> None:
        """There is no chain on the bench."""


class _Anything:
    """Radio, storage and clock: a board file only makes and passes them on."""

    def __init__(self, *rest: Any, **named: Any):
        pass

    def __getattr__(self, name: str) -> Any:
        return lambda *rest, **named: None


@contextmanager
def hardware() -> Iterator[tuple[dict[str, ModuleType], Notes]]:
    """The modules by name, to stand in sys.modules while a board file runs, and the notes."""
    notes = Notes()

    class WDT:
        def __init__(self, *rest: Any, **named: Any):
            notes.watchdogs += 1

        def feed(self) -> None:
            """It never bites here."""

    class WLAN(_Anything):
        IF_STA, IF_AP, PM_NONE = 0, 1, 0

    bound = {
        "machine": {
            "Pin": type("Pin", (Pin,), {"notes": notes}),
            "I2S": type("I2S", (I2S,), {"notes": notes}),
            "PWM": PWM,
            "WDT": WDT,
            "RTC": _Anything,
            "reset_cause": lambda: 1,
            "unique_id": lambda: b"\0" * 6,
            **{name: number for number, name in enumerate(_RESETS, 1)},
        },
        "neopixel": {"NeoPixel": NeoPixel},
        "esp32": {"NVS": _Anything},
        "network": {"WLAN": WLAN},
    }
    modules = {}
    for name, contents in bound.items():
        modules[name] = ModuleType(name)
        vars(modules[name]).update(contents)
    yield modules, notes


_RESETS = ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET")
