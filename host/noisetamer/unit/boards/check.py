"""What about a board file cannot work, and what works but deserves a second look."""

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS
from noisetamer.unit.boards import board_file
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.unit.boards.chips import CHIPS, Chip
from noisetamer.unit.boards.wiring import Wire, Wiring, read
from tamer.act import layout
from tamer.act.power import Budget, Power
from tamer.hear import load
from tamer.hear.kernel import kernels
from tamer.hear.kernel.profile import Profile, must_be_equaliser

# What takes most of the hues a panel shows at its dimmest: amber, as (red, green, blue).
_DEAREST = (2, 1, 0)

# Sending an LED's colour takes 30 us in which nothing else is done, and the microphone's driver
# holds 101 ms of sound: half of that is for the slowest kernel. So many LEDs have been measured.
_LED_US, _MOST_SENDING_US = 30, 50_000
_MEASURED_LEDS = 1024

# As `partitions` parts it.
_FLASH_MB = (4, 8, 16)

# A start takes some seconds; a watchdog of minutes leaves a box that hangs silent for so long.
_LEAST_WATCHDOG_MS, _MOST_WATCHDOG_MS = 5_000, 60_000

# Bits of a word that the kernels take.
_WORD = 24


class Finding(NamedTuple):
    """`serious`: a box built like this does not work. Otherwise a remark."""

    serious: bool
    sentence: str


def working(name: str) -> BoardFile:
    """A board file in boards/. Raises UserError where it is not there, or a box with it would not
    start or not work."""
    board = board_file.read(name)
    path = BOARDS / f"{name}.py"
    serious = [finding.sentence for finding in findings(read(path)) if finding.serious]
    if serious:
        more = f" (and {len(serious) - 1} more)" if len(serious) > 1 else ""
        raise UserError(
            f"{path}: {serious[0]}{more} Mend it; noisetamer board check {name} says all."
        )
    return board


def load_of(wiring: Wiring) -> str:
    """One sentence: what of its chip's core sound takes, by count, alone and with bands, and
    which bands it has no time for."""
    chip = CHIPS[wiring.board.chip]
    name = "fpu" if kernels.has_fpu(wiring.board.chip.upper()) else "fixed"
    microphone = wiring.board.microphone
    shelves = len(microphone.profile.equaliser[1]) if microphone else 0
    clock = load.FASTER_CLOCK if "SPIRAM_OCT" in wiring.board.image else load.CLOCK
    told = []
    for bands in (None, *load.BANKS):
        least, most = load.together(bands, name, name, clock, shelves)
        told.append(f"{f'with {bands} ' if bands else ''}{100 * least:.0f} to {100 * most:.0f} %")
    refused = [
        sentence
        for bands in load.BANKS
        if (sentence := load.refusal(bands, name, name, clock, shelves))
    ]
    return (
        f"sound takes {', '.join(told)} of a core of the {chip.name} at {clock // 1_000_000} MHz"
        f" (estimate, by count); up to {100 * load.MOST:.0f} % are there for it."
        + "".join(f" {sentence}." for sentence in refused)
    )


def findings(wiring: Wiring) -> list[Finding]:
    """Everything found, the serious first."""
    name = wiring.board.chip
    if name not in CHIPS:
        known = ", ".join(f'"{chip}"' for chip in CHIPS)
        return [Finding(True, f"chip is {name!r}; it must be one of {known}.")]
    chip = CHIPS[name]
    found = [
        *_module(chip, wiring),
        *_pins(chip, wiring),
        *_sound(chip, wiring),
        *_microphone(wiring),
        *_matrix(wiring),
        *_refused(wiring),
        *_weather(chip, wiring),
        *_power(wiring),
        *_watchdog(wiring),
    ]
    return sorted(found, key=lambda finding: not finding.serious)


def _module(chip: Chip, wiring: Wiring) -> Iterator[Finding]:
    """What flashing or MicroPython itself would refuse."""
    board = wiring.board
    if board.flash_MB not in _FLASH_MB:
        sizes = ", ".join(map(str, _FLASH_MB))
        yield Finding(True, f"flash_MB is {board.flash_MB}; it must be one of {sizes}.")
    if (board.psram is None) != (board.psram_MB == 0) or board.psram_MB < 0:
        yield Finding(
            True,
            f"psram_MB is {board.psram_MB} and psram {board.psram!r}: state both, or neither.",
        )
    if board.psram is not None and board.psram not in chip.psram:
        known = " or ".join(f'"{wired}"' for wired in chip.psram) or "none"
        yield Finding(True, f"psram is {board.psram!r}; the {chip.name} has {known}.")
    official = re.match(r"ESP32_GENERIC(?:_([A-Z0-9]+))?-", board.image)
    if official and f"esp32{(official[1] or '').lower()}" != board.chip:
        yield Finding(True, f"the image {board.image} is not for the {chip.name}.")
    elif ("SPIRAM_OCT" in board.image) != (board.psram == "octal") and official:
        yield Finding(
            True,
            f"the image {board.image} and psram {board.psram!r} do not go together: octal PSRAM "
            "needs the image with SPIRAM_OCT, any other module one without.",
        )


def _pins(chip: Chip, wiring: Wiring) -> Iterator[Finding]:
    used: dict[int, list[Wire]] = defaultdict(list)
    for wire in wiring.wires:
        used[wire.gpio].append(wire)
    psram = chip.psram.get(wiring.board.psram or "", {})
    for gpio, wires in sorted(used.items()):
        names = " and ".join(f"{wire.part} {wire.signal}" for wire in wires)
        if len(wires) > 1:
            yield Finding(True, f"GPIO {gpio} is used twice, by {names}: give each its own.")
        if gpio not in chip.pins:
            yield Finding(True, f"{names}: the {chip.name} has no GPIO {gpio}.")
        for taken in (chip.taken, psram):
            if gpio in taken:
                yield Finding(True, f"{names}: GPIO {gpio} is not free, {taken[gpio]}.")
        if gpio in chip.input_only and any(wire.output for wire in wires):
            yield Finding(True, f"{names}: GPIO {gpio} of the {chip.name} is an input only.")
        if gpio in chip.strapping:
            why = chip.strapping[gpio]
            yield Finding(False, f"{names}: GPIO {gpio} is a strapping pin ({why}).")
        if gpio in chip.console:
            why = chip.console[gpio]
            yield Finding(False, f"{names}: GPIO {gpio} is {why}; flashing by cable needs it.")


def _sound(chip: Chip, wiring: Wiring) -> Iterator[Finding]:
    microphone, speaker = wiring.board.microphone, wiring.board.speaker
    if not microphone:
        yield Finding(True, "there is no I2S receiver: without a microphone nothing is measured.")
    numbers = [part.i2s for part in (microphone, speaker) if part]
    for number in sorted(set(numbers)):
        if number not in range(chip.i2s):
            has = "one I2S peripheral" if chip.i2s == 1 else f"{chip.i2s} I2S peripherals"
            yield Finding(True, f"I2S {number} is made, but the {chip.name} has {has}.")
        if numbers.count(number) > 1:
            yield Finding(
                True, f"I2S {number} is made twice: microphone and speaker need one each."
            )
    if not speaker:
        yield Finding(
            False, "there is no speaker: this box measures and shows, but does not speak."
        )


def _microphone(wiring: Wiring) -> Iterator[Finding]:
    """What kernels and checks of the firmware could not work with."""
    if not wiring.board.microphone:
        return
    profile: Profile = wiring.board.microphone.profile
    for name in ("tolerance", "full_scale", "floor", "overload"):
        if not _is_number(getattr(profile, name)):
            yield _of_the_profile(f"{name} is {getattr(profile, name)!r}; it must be a number.")
            return
    if not profile.floor < profile.overload <= 200:
        yield _of_the_profile(
            f"floor {profile.floor:g} dB and overload {profile.overload:g} dB: no room between."
        )
    for name, least, most in (("bits", 8, _WORD), ("late_bits", 0, 8), ("start_ms", 0, 10_000)):
        value = getattr(profile, name)
        if not (isinstance(value, int) and least <= value <= most):
            yield _of_the_profile(f"{name} is {value!r}; it must be {least} to {most}.")
    try:
        gain, shelves = profile.equaliser
        must_be_equaliser(gain, shelves)
    except (TypeError, ValueError) as wrong:
        yield _of_the_profile(f"equaliser: {wrong}.")


def _of_the_profile(what: str) -> Finding:
    return Finding(True, f"the microphone's profile: {what}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _matrix(wiring: Wiring) -> Iterator[Finding]:
    matrix = wiring.board.matrix
    count = matrix.width * matrix.height
    if not isinstance(wiring.order, Iterable):
        yield Finding(True, "the matrix's order gives no places: use those of tamer.act.matrix.")
        return
    if len(wiring.order) != count:
        yield Finding(
            True,
            f"the chain has {len(wiring.order)} pixels, the matrix"
            f" {matrix.width} x {matrix.height} = {count}.",
        )
    elif sorted(wiring.order) != list(range(count)):
        yield Finding(True, "the matrix's order does not name every place of the chain once.")
    elif not (isinstance(wiring.order, array) and wiring.order.typecode == "H"):
        yield Finding(True, "the matrix's order is no array('H'): use those of tamer.act.matrix.")
    if count * _LED_US > _MOST_SENDING_US:
        most = _MOST_SENDING_US // _LED_US
        yield Finding(
            True,
            f"{count} LEDs keep the box for {count * _LED_US // 1000} ms whenever they are sent, "
            f"and samples are lost meanwhile: take at most {most}.",
        )
    elif count > _MEASURED_LEDS:
        yield Finding(False, f"{count} LEDs: no more than {_MEASURED_LEDS} have been measured.")


def _refused(wiring: Wiring) -> Iterator[Finding]:
    """What the firmware's panel would refuse at start."""
    matrix, budget = wiring.board.matrix, wiring.board.budget_mA
    mA = (*matrix.pixel_mA, matrix.idle_mA)
    if len(matrix.pixel_mA) != 3 or not all(_is_number(each) and each >= 0 for each in mA):
        yield Finding(
            True,
            f"pixel_mA is {matrix.pixel_mA!r} and idle_mA {matrix.idle_mA!r}: state the mA of a "
            "red, a green and a blue LED, and of a dark pixel.",
        )
        return
    power = Power(budget.LEDs, matrix.pixel_mA, matrix.idle_mA)
    try:
        layout.of(matrix.width, matrix.height)
        Budget(power, matrix.width * matrix.height, _DEAREST)
    except ValueError as wrong:
        yield Finding(True, f"{wrong}.")


def _weather(chip: Chip, wiring: Wiring) -> Iterator[Finding]:
    weather = wiring.board.weather
    if not weather:
        return
    if weather.cups is None:
        if weather.rain is None:
            yield Finding(True, "weather has neither cups nor rain: give a pin, or leave it out.")
        return
    if not chip.counts_pulses:
        yield Finding(True, f"the {chip.name} cannot count the pulses of cups: leave them out.")
    if not (_is_number(weather.per_pulse) and weather.per_pulse > 0):
        yield Finding(True, f"per_pulse is {weather.per_pulse}: state m/s at one pulse a second.")


def _power(wiring: Wiring) -> Iterator[Finding]:
    budget = wiring.board.budget_mA
    for part, mA in vars(budget).items():
        if mA < 0 or (mA == 0 and part in ("supply", "module", "LEDs")):
            yield Finding(True, f"budget_mA: {part} is {mA}: state what it takes, mA at 5 V.")
    if wiring.board.speaker and not budget.amplifier:
        yield Finding(True, "budget_mA: amplifier is missing, but the board has a speaker.")
    parts = {part: mA for part, mA in vars(budget).items() if part != "supply" and mA}
    total = sum(parts.values())
    if total > budget.supply:
        takes = ", ".join(f"{part} {mA}" for part, mA in parts.items())
        yield Finding(
            True,
            f"at worst {total} mA are taken ({takes}) and the supply gives {budget.supply} mA.",
        )
    elif total > 0.8 * budget.supply:
        yield Finding(
            False, f"at worst {total} of the supply's {budget.supply} mA: little is left."
        )


def _watchdog(wiring: Wiring) -> Iterator[Finding]:
    timeout = wiring.board.watchdog_ms
    if timeout <= 0:
        yield Finding(True, "there is no watchdog: a box that hangs would stay silent for ever.")
    elif not _LEAST_WATCHDOG_MS <= timeout <= _MOST_WATCHDOG_MS:
        yield Finding(
            True,
            f"watchdog_ms is {timeout}; it must be {_LEAST_WATCHDOG_MS} to {_MOST_WATCHDOG_MS}: "
            "a start takes some seconds, and a box that hangs is to be back within a minute.",
        )
