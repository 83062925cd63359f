"""A board's wiring as a picture, drawn from the board file itself."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from noisetamer.base.output import writing
from noisetamer.base.paper import plots
from noisetamer.base.paper.style import (
    BAD,
    BLUE,
    FAINT,
    GREEN,
    INK,
    OCHRE,
    ORANGE,
    PALE,
    PURPLE,
)
from noisetamer.unit.boards.parts import Part, parts
from noisetamer.unit.boards.wiring import Wire, Wiring

_SIGNALS = (BLUE, GREEN, PURPLE, ORANGE)
_RAILS = {"3V3": OCHRE, "5V": BAD, "GND": INK}
_CHIP_RIGHT, _PART_LEFT, _PART_RIGHT = 3.0, 6.6, 12.6


def draw(wiring: Wiring, path: Path) -> None:
    """Write a PNG: the module on the left, every part with its wires and supply on the right."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with plots.style(10.0):
        plots.write_png(_figure(wiring), path, dpi=110, bbox_inches="tight")


def _figure(wiring: Wiring) -> Figure:
    found = parts(wiring)
    height = sum(_lines(part, wires) for part, wires in found) + 1.0 * len(found)
    figure = Figure(figsize=(11, max(4.0, 0.36 * height + 1)), facecolor="white")
    axes = figure.subplots()
    axes.set_xlim(0, _PART_RIGHT + 0.2)
    axes.set_ylim(-height - 0.3, 1.2)
    axes.axis("off")
    axes.text(0, 0.75, wiring.title, fontsize=12, fontweight="bold", va="center")
    _box(axes, 0.1, _CHIP_RIGHT, 0, -height, INK)
    module = wiring.board.module
    axes.text(1.2, -height / 2, module, color="white", rotation=90, ha="center", va="center")
    top = -0.5
    for number, (part, wires) in enumerate(found):
        top = _draw_part(axes, part, wires, top, _SIGNALS[number % len(_SIGNALS)])
    return figure


def _lines(part: Part, wires: list[Wire]) -> float:
    return len(wires) + len(part.supply) + 1.3 + bool(part.remark)


def _draw_part(axes: Axes, part: Part, wires: list[Wire], top: float, colour: str) -> float:
    bottom = top - _lines(part, wires)
    _box(axes, _PART_LEFT, _PART_RIGHT, top, bottom, PALE)
    axes.text(
        _PART_LEFT + 0.15, top - 0.6, part.title, fontsize=10, fontweight="bold", va="center"
    )
    y = top - 1.5
    for wire in wires:
        axes.plot((_CHIP_RIGHT, _PART_LEFT), (y, y), color=colour, linewidth=2)
        middle = (_CHIP_RIGHT + _PART_LEFT) / 2
        axes.plot(middle, y, marker=">" if wire.output else "<", color=colour, markersize=6)
        axes.text(
            _CHIP_RIGHT - 0.12, y, f"GPIO {wire.gpio}", color="white", ha="right", va="center"
        )
        axes.text(_PART_LEFT + 0.15, y, part.terminals.get(wire.signal, wire.signal), va="center")
        y -= 1
    for terminal, rail in part.supply:
        dark = _RAILS.get(rail, FAINT)
        axes.plot((_PART_LEFT - 0.9, _PART_LEFT), (y, y), color=dark, linewidth=2)
        axes.text(_PART_LEFT - 1.0, y, rail, color=dark, fontsize=9, ha="right", va="center")
        axes.text(_PART_LEFT + 0.15, y, terminal, va="center")
        y -= 1
    if part.remark:
        axes.text(_PART_LEFT + 0.15, y, part.remark, fontsize=8.5, color=FAINT, va="center")
    return bottom - 1.0


def _box(axes: Axes, left: float, right: float, top: float, bottom: float, colour: str) -> None:
    shape = FancyBboxPatch(
        (left, bottom),
        right - left,
        top - bottom,
        boxstyle="round,pad=0,rounding_size=0.15",
        facecolor=colour,
        edgecolor=FAINT,
        linewidth=1,
    )
    axes.add_patch(shape)
