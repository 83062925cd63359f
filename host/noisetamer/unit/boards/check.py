"""What about a board file cannot work, and what works but deserves a second look."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from noisetamer.unit.boards.chips import CHIPS, Chip
from noisetamer.unit.boards.recorder import I2S
from noisetamer.unit.boards.wiring import Wire, Wiring


class Finding(NamedTuple):
    """`serious`: a box built like this does not work. Otherwise a remark."""

    serious: bool
    sentence: str


def findings(wiring: Wiring) -> list[Finding]:
    """Everything found, the serious first."""
    name = wiring.constant("CHIP")
    if name not in CHIPS:
        known = ", ".join(f'"{chip}"' for chip in CHIPS)
        return [Finding(True, f"CHIP is {name!r}; it must be one of {known}.")]
    chip = CHIPS[name]
    found = [
        *_pins(chip, wiring),
        *_sound(chip, wiring),
        *_matrix(wiring),
        *_power(wiring),
        *_watchdog(wiring),
    ]
    return sorted(found, key=lambda finding: not finding.serious)


def _pins(chip: Chip, wiring: Wiring) -> Iterator[Finding]:
    used: dict[int, list[Wire]] = defaultdict(list)
    for wire in wiring.wires:
        used[wire.gpio].append(wire)
    psram = chip.psram.get(wiring.constant("PSRAM") or "", {})
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
    made = wiring.notes.i2s
    if not any(one.mode == I2S.RX for one in made):
        yield Finding(True, "there is no I2S receiver: without a microphone nothing is measured.")
    numbers = [one.number for one in made]
    for number in sorted(set(numbers)):
        if number >= chip.i2s:
            has = "one I2S peripheral" if chip.i2s == 1 else f"{chip.i2s} I2S peripherals"
            yield Finding(True, f"I2S {number} is made, but the {chip.name} has {has}.")
        if numbers.count(number) > 1:
            yield Finding(
                True, f"I2S {number} is made twice: microphone and speaker need one each."
            )
    if getattr(wiring.made, "speaker", None) is None:
        yield Finding(
            False, "there is no speaker: this box measures and shows, but does not speak."
        )
    for one in made:
        if one.mode == I2S.RX and one.bits != 32:
            yield Finding(
                True, f"the microphone is read with {one.bits} bits a word; the kernels need 32."
            )


def _matrix(wiring: Wiring) -> Iterator[Finding]:
    matrix = wiring.made.matrix
    count = matrix.width * matrix.height
    if matrix.pixels.n != count:
        yield Finding(
            True,
            f"the chain has {matrix.pixels.n} pixels, the matrix"
            f" {matrix.width} x {matrix.height} = {count}.",
        )
    elif sorted(matrix.order) != list(range(count)):
        yield Finding(True, "the matrix's order does not name every place of the chain once.")


def _power(wiring: Wiring) -> Iterator[Finding]:
    budget = wiring.constant("BUDGET_MA")
    if budget is None or "supply" not in budget:
        yield Finding(
            True,
            "BUDGET_MA or its supply is missing: state what the supply gives and each part takes.",
        )
        return
    supply = budget["supply"]
    parts = {part: mA for part, mA in budget.items() if part != "supply"}
    total = sum(parts.values())
    if total > supply:
        takes = ", ".join(f"{part} {mA}" for part, mA in parts.items())
        yield Finding(
            True, f"at worst {total} mA are taken ({takes}) and the supply gives {supply} mA."
        )
    elif total > 0.8 * supply:
        yield Finding(False, f"at worst {total} of the supply's {supply} mA: little is left.")
    limit = wiring.made.power.leds_mA
    if budget.get("LEDs") != limit:
        yield Finding(
            True,
            f"the panel may take {limit} mA, but BUDGET_MA counts {budget.get('LEDs')} for LEDs.",
        )


def _watchdog(wiring: Wiring) -> Iterator[Finding]:
    if not wiring.notes.watchdogs:
        yield Finding(True, "there is no watchdog: a box that hangs would stay silent for ever.")
