"""The parts on the other end of the wires: their terminals, and what else must be connected.

Sources: data sheets of INMP441 (DS-INMP441-00), MAX98357A (19-6779) and WS2812B; level shifting
of a 3.3 V data line to 5 V as in the WS2812B's input levels (0.7 x VDD).
"""

from dataclasses import dataclass

from noisetamer.unit.boards.wiring import Wire, Wiring


@dataclass(frozen=True)
class Part:
    """`terminals`: of our signals. `supply`: (terminal, rail or instruction), in order."""

    title: str
    terminals: dict[str, str]
    supply: tuple[tuple[str, str], ...]
    remark: str = ""


_PARTS = {
    "microphone": Part(
        "I2S MEMS microphone {microphone}",
        {"sck": "SCK", "ws": "WS", "sd": "SD"},
        (("VDD", "3V3"), ("GND", "GND"), ("L/R", "GND")),
        "100 nF at VDD; leads under 10 cm",
    ),
    "speaker": Part(
        "I2S amplifier MAX98357A",
        {"sck": "BCLK", "ws": "LRC", "sd": "DIN"},
        (("VIN", "5V"), ("GND", "GND"), ("GAIN", "open: 9 dB")),
        "loudspeaker 4 to 8 ohm at its terminals, neither of them to GND",
    ),
    "matrix": Part(
        "RGB matrix WS2812B {width} x {height}",
        {"data": "DIN"},
        (("5V", "5V"), ("GND", "GND")),
        "data through a 74AHCT125 at 5 V and 330 ohm; 1000 uF at 5V",
    ),
    "spotlight": Part(
        "spotlight's relay or MOSFET",
        {"control": "IN"},
        (("VCC", "5V"), ("GND", "GND")),
        "10 kohm from IN to GND: dark while the chip starts",
    ),
    "weather": Part(
        "wind or rain sensor",
        {"cups": "cups' contact", "rain": "rain's contact"},
        (("common", "GND"),),
        "closes a contact; 100 nF across it",
    ),
}


def parts(wiring: Wiring) -> list[tuple[Part, list[Wire]]]:
    """Every part with its wires, in the board's order."""
    by_part: dict[str, list[Wire]] = {}
    for wire in wiring.wires:
        by_part.setdefault(wire.part, []).append(wire)
    board = wiring.board
    words = {
        "microphone": board.microphone.profile.name if board.microphone else "",
        "width": board.matrix.width,
        "height": board.matrix.height,
    }
    found = []
    for name, wires in by_part.items():
        part = _PARTS[name]
        titled = Part(part.title.format(**words), part.terminals, part.supply, part.remark)
        found.append((titled, wires))
    return found


def rows(wiring: Wiring) -> list[tuple[str, str, str]]:
    """The wiring as a table: part, its terminal, where it goes."""
    table = []
    for part, wires in parts(wiring):
        for wire in wires:
            table.append(
                (part.title, part.terminals.get(wire.signal, wire.signal), f"GPIO {wire.gpio}")
            )
        table += [(part.title, terminal, rail) for terminal, rail in part.supply]
    return table


def markdown(wiring: Wiring) -> str:
    """The same table for a README."""
    lines = ["| part | terminal | to |", "|---|---|---|"]
    before = ""
    for part, terminal, target in rows(wiring):
        lines.append(f"| {part if part != before else ''} | {terminal} | {target} |")
        before = part
    return "\n".join(lines) + "\n"
