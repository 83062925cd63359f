"""The certificate as one A4 page, from the dict alone; its fonts are in the file."""

import textwrap
from collections.abc import Sequence
from functools import cache
from typing import IO, Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from noisetamer.workshop.calibrate import certificate_plots

_INK, _FAINT = "#1f2933", "#6b7785"
_A4 = (8.27, 11.69)
_LEFT, _RIGHT = 0.09, 0.91
_PLOT = (_LEFT + 0.02, 0.36, _RIGHT - _LEFT - 0.02, 0.25)

# What a computer may have for names in Chinese, besides matplotlib's own DejaVu.
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
)


def save(told: dict[str, Any], digest: str, file: IO[bytes]) -> None:
    """Write the page as PDF. The same certificate gives the same bytes."""
    with mpl.rc_context(_style()):
        FigureCanvasPdf(figure(told, digest)).print_pdf(
            file, metadata={"Title": told["number"], "CreationDate": None, "Producer": None}
        )


def figure(told: dict[str, Any], digest: str) -> Figure:
    page = Figure(figsize=_A4, facecolor="white")
    page.text(_LEFT, 0.945, "Calibration certificate", size=19, weight="bold", color=_INK)
    page.text(_LEFT, 0.923, told["method"].capitalize(), size=11, color=_FAINT)
    page.text(_RIGHT, 0.945, told["unit"]["serial"], size=13, weight="bold", ha="right")
    page.text(_RIGHT, 0.923, told["number"], size=7.5, ha="right", color=_FAINT)
    _headline(page, told)
    _facts(page, _LEFT, 0.822, _of_unit(told))
    _facts(page, 0.52, 0.822, _of_reference(told))
    certificate_plots.draw(page, told, _PLOT)
    _budget(page, told)
    _foot(page, told, digest)
    return page


def _headline(page: Figure, told: dict[str, Any]) -> None:
    if told["offset"] is not None:
        text = f"Offset {told['offset']:+.2f} dB"
        text += f"   ± {told['U']:.2f} dB (U, k = {told['k']:g})"
    elif told["deviation"] is not None:
        text = f"Reads {told['deviation']:+.2f} dB too much"
        text += f"   ± {told['U']:.2f} dB (U, k = {told['k']:g})"
    else:
        text = "Equaliser " + f"leaves {told['summary']['Worst residual']}"
    page.text(
        _LEFT,
        0.868,
        text,
        size=15,
        weight="bold",
        color=_INK,
        bbox={"boxstyle": "round,pad=0.5", "facecolor": "#e8f3ea", "edgecolor": "none"},
    )


def _of_unit(told: dict[str, Any]) -> list[tuple[str, str]]:
    unit = told["unit"]
    facts = [
        ("Unit", f"{unit['serial']}, {unit['microphone']}"),
        ("Firmware", unit["firmware"]),
        ("Place", told["place"]),
        ("Time", told["at"].replace("T", " ").replace("Z", " UTC")),
        ("Operator", told["operator"]),
        ("Due again", told["due"]),
    ]
    if told["offset"] is not None:
        facts.append(("Offset before", f"{told['calibration_before']:+.2f} dB"))
    return facts


def _of_reference(told: dict[str, Any]) -> list[tuple[str, str]]:
    reference = told["reference"]
    return [
        ("Reference", f"{reference['name']}, no. {reference['serial']}"),
        ("its own due date", reference["due"]),
        ("its own U (k = 2)", f"{reference['U']:.2f} dB"),
        *told["summary"].items(),
    ]


def _facts(page: Figure, left: float, top: float, facts: Sequence[tuple[str, str]]) -> None:
    for line, (name, value) in enumerate(facts):
        y = top - 0.0185 * line
        page.text(left, y, name, size=8.5, color=_FAINT)
        page.text(left + 0.14, y, _cut(value, 42), size=8.5, color=_INK)


def _budget(page: Figure, told: dict[str, Any]) -> None:
    top = 0.285
    page.text(_LEFT, top, "Uncertainty, standard contributions", size=9.5, weight="bold")
    for line, component in enumerate(told["budget"], 1):
        y = top - 0.0185 * line
        page.text(_LEFT, y, component["what"], size=8.5)
        page.text(0.36, y, f"{component['standard']:.3f} dB", size=8.5, ha="right")
        page.text(0.39, y, component["basis"], size=8.5, color=_FAINT)
    if told["budget"]:
        y = top - 0.0185 * (len(told["budget"]) + 1) - 0.004
        page.text(_LEFT, y, "together", size=8.5, weight="bold")
        page.text(0.36, y, f"{told['U'] / told['k']:.3f} dB", size=8.5, ha="right", weight="bold")
        page.text(
            0.39, y, f"root of the sum of squares; U is {told['k']:g} times as much", size=8.5
        )
    else:
        text = "of each third-octave: the bars, and what the reference's certificate states"
        page.text(_LEFT, top - 0.0185, text, size=8.5)


def _foot(page: Figure, told: dict[str, Any], digest: str) -> None:
    for line, note in enumerate(told["notes"][:3]):
        page.text(_LEFT, 0.142 - 0.0165 * line, _cut(note, 118), size=8, color=_INK)
    statement = "\n".join(textwrap.wrap(told["statement"], 112))
    page.text(_LEFT, 0.073, statement, size=7.5, color=_FAINT, linespacing=1.4)
    page.text(_LEFT, 0.052, f"Data: {told['number']}.json, SHA-256 {digest}", size=6, color=_FAINT)


def _cut(text: str, most: int) -> str:
    """In a line's room, and in characters that a font here can draw; all of it is in the JSON."""
    shown = (
        text if _chinese() else "".join(c if ord(c) < 0x2E80 else "\N{WHITE SQUARE}" for c in text)
    )
    return shown if len(shown) <= most else shown[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _style() -> dict[Any, Any]:
    return {"font.family": ["DejaVu Sans", *_chinese()], "text.color": _INK}


@cache
def _chinese() -> list[str]:
    here = set(font_manager.fontManager.get_font_names())
    return [name for name in _CHINESE if name in here][:1]
