"""What about a board file cannot work, and what works but deserves a second look."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from noisetamer.unit.boards.chips import CHIPS, Chip
from noisetamer.unit.boards.wiring import Wire, Wiring
from tamer.act import layout
from tamer.act.power import Budget, Power

# What takes most of the hues a panel shows at its dimmest: amber, as (red, green, blue).
_DEAREST = (2, 1, 0)


class Finding(NamedTuple):
    """`serious`: a box built like this does not work. Otherwise a remark."""

    serious: bool
    sentence: str


def findings(wiring: Wiring) -> list[Finding]:
    """Everything found, the serious first."""
    name = wiring.board.chip
    if name not in CHIPS:
        known = ", ".join(f'"{chip}"' for chip in CHIPS)
        return [Finding(True, f"chip is {name!r}; it must be one of {known}.")]
    chip = CHIPS[name]
    found = [
        *_pins(chip, wiring),
        *_sound(chip, wiring),
        *_matrix(wiring),
        *_refused(wiring),
        *_weather(chip, wiring),
        *_power(wiring),
        *_watchdog(wiring),
    ]
    return sorted(found, key=lambda finding: not finding.serious)


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


def _matrix(wiring: Wiring) -> Iterator[Finding]:
    matrix = wiring.board.matrix
    count = matrix.width * matrix.height
    if len(wiring.order) != count:
        yield Finding(
            True,
            f"the chain has {len(wiring.order)} pixels, the matrix"
            f" {matrix.width} x {matrix.height} = {count}.",
        )
    elif sorted(wiring.order) != list(range(count)):
        yield Finding(True, "the matrix's order does not name every place of the chain once.")


def _refused(wiring: Wiring) -> Iterator[Finding]:
    """What the firmware's panel would refuse at start."""
    matrix, budget = wiring.board.matrix, wiring.board.budget_mA
    power = Power(budget.LEDs, matrix.pixel_mA, matrix.idle_mA)
    try:
        layout.of(matrix.width, matrix.height)
        Budget(power, matrix.width * matrix.height, _DEAREST)
    except ValueError as wrong:
        yield Finding(True, f"{wrong}.")


def _weather(chip: Chip, wiring: Wiring) -> Iterator[Finding]:
    weather = wiring.board.weather
    if not weather or weather.cups is None:
        return
    if not chip.counts_pulses:
        yield Finding(True, f"the {chip.name} cannot count the pulses of cups: leave them out.")
    if weather.per_pulse <= 0:
        yield Finding(True, f"per_pulse is {weather.per_pulse}: state m/s at one pulse a second.")


def _power(wiring: Wiring) -> Iterator[Finding]:
    budget = wiring.board.budget_mA
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
    if wiring.board.watchdog_ms <= 0:
        yield Finding(True, "there is no watchdog: a box that hangs would stay silent for ever.")
