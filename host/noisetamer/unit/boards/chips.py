"""What the pins of a chip can and cannot do.

Sources: Espressif data sheets and hardware design guidelines: ESP32 (v4.8, tables of IO_MUX and
strapping pins), ESP32-S3 (v1.9, 2.3 and 3), ESP32-C3 (v2.0, 2.3 and 3); modules with their
own flash and PSRAM: ESP32-WROVER-E, ESP32-S3-WROOM-1, ESP32-C3-MINI-1.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Chip:
    """GPIO numbers, each with the reason where it is not free. `i2s`: peripherals.

    `counts_pulses`: it has a peripheral for that (PCNT).
    """

    name: str
    pins: frozenset[int]
    i2s: int
    counts_pulses: bool
    input_only: frozenset[int] = frozenset()
    strapping: dict[int, str] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    psram: dict[str, dict[int, str]] = field(default_factory=dict)
    console: dict[int, str] = field(default_factory=dict)


def _each(numbers: range, why: str) -> dict[int, str]:
    return dict.fromkeys(numbers, why)


CHIPS = {
    "esp32": Chip(
        "ESP32",
        frozenset((*range(24), *range(25, 28), *range(32, 40))),
        i2s=2,
        counts_pulses=True,
        input_only=frozenset(range(34, 40)),
        strapping={
            0: "low at reset starts the ROM loader",
            2: "must be low or open for the ROM loader",
            5: "sets the timing of SDIO at reset",
            12: "high at reset sets the flash to 1.8 V, and a module with 3.3 V flash is dead",
            15: "low at reset silences the boot messages",
        },
        taken=_each(range(6, 12), "the flash is on it"),
        psram={"quad": {16: "the PSRAM is on it", 17: "the PSRAM is on it"}},
        console={1: "the console's TX", 3: "the console's RX"},
    ),
    "esp32s3": Chip(
        "ESP32-S3",
        frozenset((*range(22), *range(26, 49))),
        i2s=2,
        counts_pulses=True,
        strapping={
            0: "low at reset starts the ROM loader",
            3: "chooses the JTAG source at reset",
            45: "high at reset sets the flash to 1.8 V",
            46: "must be low or open for the ROM loader",
        },
        taken=_each(range(26, 33), "the flash is on it"),
        psram={"octal": _each(range(33, 38), "the octal PSRAM is on it"), "quad": {}},
        console={
            19: "USB D-",
            20: "USB D+",
            43: "the console's TX",
            44: "the console's RX",
        },
    ),
    "esp32c3": Chip(
        "ESP32-C3",
        frozenset(range(22)),
        i2s=1,
        counts_pulses=False,
        strapping={
            2: "must be high at reset",
            8: "must be high for the ROM loader",
            9: "low at reset starts the ROM loader",
        },
        taken=_each(range(11, 18), "the flash is on it"),
        console={
            18: "USB D-",
            19: "USB D+",
            20: "the console's RX",
            21: "the console's TX",
        },
    ),
}
