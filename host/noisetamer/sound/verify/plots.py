"""A section's checks of every kernel in one picture: what is allowed, and what was read."""

import base64
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from noisetamer.base.paper import plots
from noisetamer.base.paper.style import (
    ALLOWED,
    ALLOWED_BY_CLASS_1,
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
)
from noisetamer.sound.design.weighting import analytic
from noisetamer.sound.verify.check import Bound, Check, Section
from noisetamer.sound.verify.response import WEIGHTINGS

_WIDTH, _ROW = 11.0, 2.1
# Kernels: told apart by colour and mark; both fixed ones lie on each other, bit by bit, and both
# integer ones.
_LOOKS = {
    "fpu": {"color": BLUE, "marker": "o", "ms": 4.0},
    "fixed-rv32": {"color": GREEN, "marker": "^", "ms": 4.0, "mfc": "none"},
    "fixed-xtensa": {"color": INK, "marker": "+", "ms": 4.0},
    "int": {"color": ORANGE, "marker": "s", "ms": 3.6, "mfc": "none"},
    "int-xtensa": {"color": PURPLE, "marker": "x", "ms": 4.0},
}

Sections = Sequence[tuple[str, Section]]
"""(Kernel's name, the same section of each kernel)."""


def pictures(sections: Sections) -> list[tuple[str, str]]:
    """(What it shows, data URI of an SVG) for a section, none where it has nothing to plot."""
    with plots.style():
        return [(what, _as_uri(figure)) for what, figure in _figures(sections)]


def _figures(sections: Sections) -> list[tuple[str, Figure]]:
    section = sections[0][1]
    drawn = []
    if section.key == "response":
        drawn.append(("The curves as read, on those of the standard", _curves(sections)))
    if section.axis is not None and any(check.curve for check in section.checks):
        drawn.append(
            (
                "Deviation from the reference. Shaded: what is allowed, on the left by class 1, "
                "on the right by our own limits",
                _deviations(sections),
            )
        )
    elif section.traces:
        drawn.append(("Levels as read, over time", _traces(sections)))
    return drawn


def _curves(sections: Sections) -> Figure:
    """A, C and Z over frequency with the class 1 limits around them."""
    figure, rows = _figure(1, 1, 4.2)
    axes = rows[0][0]
    fine = np.geomspace(10.0, 20_000.0, 500)
    for name in WEIGHTINGS:
        of_curve = [check for check in sections[0][1].checks if check.curve == name]
        _band(axes, of_curve, "class1", ALLOWED_BY_CLASS_1, around=lambda bound: bound.reference)
        axes.plot(fine, analytic(name, fine), color=FAINT, lw=1.0)
        axes.annotate(
            name,
            (10.0, float(analytic(name, 10.0))),
            (-14, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
        )
    for kernel, section in sections:
        checks = [check for check in section.checks if check.curve]
        axes.plot(
            [c.at for c in checks],
            [c.reading for c in checks],
            ls="",
            **_LOOKS[kernel],
            label=kernel,
        )
    axes.set_ylim(-80, 8)
    axes.set_ylabel("weighting, dB")
    _finish(axes, sections[0][1])
    axes.legend(loc="lower right")
    return figure


def _deviations(sections: Sections) -> Figure:
    first = sections[0][1]
    curves = list(dict.fromkeys(check.curve for check in first.checks if check.curve))
    figure, rows = _figure(len(curves), 2, _ROW * len(curves) + 0.5)
    for row, curve in zip(rows, curves, strict=True):
        of_curve = [check for check in first.checks if check.curve == curve]
        for axes, which, colour, least in zip(
            row, ("class1", "ours"), (ALLOWED_BY_CLASS_1, ALLOWED), (1.0, 0.0), strict=True
        ):
            _band(axes, of_curve, which, colour)
            for kernel, section in sections:
                _points(axes, kernel, section, curve)
            high = max([least, *(_outer(b) for c in of_curve if (b := getattr(c, which)))])
            axes.set_ylim(-1.35 * high, 1.35 * high)
            whose = "class 1 limits" if which == "class1" else "our own limits, enlarged"
            axes.set_title(f"{curve}: {whose}", fontsize=9, loc="left", color=FAINT)
            _finish(axes, first)
            if curve != curves[-1]:
                axes.set_xlabel("")
        row[0].set_ylabel("deviation, dB")
    rows[0][0].legend(loc="lower right", ncols=3, bbox_to_anchor=(1.0, 1.0))
    return figure


def _points(axes: Axes, kernel: str, section: Section, curve: str) -> None:
    """A kernel's deviations along one curve, dotted where they are not judged."""
    look = _LOOKS[kernel]
    for trace in section.traces:
        if trace.name == curve:
            axes.plot(trace.x, trace.y, color=look["color"], lw=0.8, ls=":")
    checks = [check for check in section.checks if check.curve == curve]
    deviations = [_deviation(check) for check in checks]
    axes.plot([check.at for check in checks], deviations, lw=0.8, label=kernel, **look)


def _traces(sections: Sections) -> Figure:
    figure, rows = _figure(1, 1, 3.4)
    axes = rows[0][0]
    dashes = ("-", "--", ":", "-.", (0, (1, 3)))
    allowed = [(t.x, *t.class1) for _, section in sections for t in section.traces if t.class1]
    for x, low, high in allowed:
        axes.fill_between(x, low, high, color=ALLOWED_BY_CLASS_1, lw=0, zorder=0)
    for kernel, section in sections:
        for trace, dash in zip(section.traces, dashes, strict=False):
            colour = _LOOKS[kernel]["color"]
            axes.plot(trace.x, trace.y, ls=dash, lw=1.2, color=colour)
    colours = [
        Line2D([], [], color=_LOOKS[kernel]["color"], label=kernel) for kernel, _ in sections
    ]
    styles = [
        Line2D([], [], color=INK, ls=dash, label=trace.name)
        for trace, dash in zip(sections[0][1].traces, dashes, strict=False)
    ]
    axes.set_ylabel("level re the steady tone, dB")
    _finish(axes, sections[0][1])
    axes.legend(handles=colours + styles, ncols=8, loc="upper right")
    if allowed:
        axes.set_title("shaded: class 1 limits", fontsize=9, loc="left", color=FAINT)
    return figure


def _band(
    axes: Axes, checks: list[Check], which: str, colour: str, around=lambda bound: 0.0
) -> None:
    """Where readings may lie; a limit that is not there reaches beyond the picture."""
    bounds = [(check.at, bound) for check in checks if (bound := getattr(check, which))]
    if bounds:
        x = [at for at, _ in bounds]
        low = [around(b) + max(b.low, -100.0) for _, b in bounds]
        high = [around(b) + min(b.high, 100.0) for _, b in bounds]
        axes.fill_between(x, low, high, color=colour, lw=0, zorder=0)


def _deviation(check: Check) -> float:
    """From the exact reference where there is one."""
    return (check.ours or check.strictest).deviation(check.reading)


def _outer(bound: Bound) -> float:
    """The larger of its limits, as far as a picture can show it."""
    return min(5.0, max(x for x in (bound.high, -bound.low) if math.isfinite(x)))


def _finish(axes: Axes, section: Section) -> None:
    axis = section.axis
    assert axis is not None
    if axis.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(_plain))
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(axis.label)
    axes.grid(True)


def _plain(value: float, _: object = None) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _figure(rows: int, columns: int, height: float) -> tuple[Figure, list[list[Axes]]]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, [list(row) for row in axes]


def _as_uri(figure: Figure) -> str:
    """The same readings give the same bytes."""
    picture = plots.svg(figure, outlines=True)
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
