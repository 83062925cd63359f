"""The picture of a certificate: what was read, and what the fit leaves."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

_INK, _FAINT, _GRID = "#1f2933", "#6b7785", "#e3e7eb"
_UNIT, _METER, _SLIP = "#1d5fa8", "#c05621", "#b8bfc7"
_ALLOWED = "#d8efdc"

Rectangle = tuple[float, float, float, float]
"""left, bottom, width, height in parts of the page."""


def draw(page: Figure, told: dict[str, Any], where: Rectangle) -> None:
    """Draw the readings of a certificate into a part of its page."""
    plots: dict[str, Callable[[Figure, dict, Rectangle], None]] = {
        "calibrator": _placements,
        "check": _placements,
        "beside": _comparison,
        "frequency": _response,
    }
    plots[told["kind"]](page, told["readings"], where)


def _placements(page: Figure, readings: dict, where: Rectangle) -> None:
    axes = page.add_axes(where)
    number = np.array(readings["placement"])
    for one in np.unique(number):
        level = np.array(readings["level"])[number == one]
        t = np.arange(1, len(level) + 1) * 10.0 / len(level)
        axes.plot(t, level, lw=1.1, label=f"placement {one:.0f}")
    axes.axhspan(-0.1, 0.1, color=_ALLOWED, lw=0, zorder=0, label="allowed to fluctuate")
    axes.set_ylim(-0.3, 0.3)
    _finish(axes, "time of the steady reading, s", "Fast level less its mean, dB")
    axes.legend(loc="upper right", frameon=False, fontsize=7.5, ncols=4)


def _comparison(page: Figure, readings: dict, where: Rectangle) -> None:
    left, bottom, width, height = where
    t, unit = np.array(readings["time"]), np.array(readings["unit"])
    residual = np.array(readings["residual"])
    meter = np.array(readings["meter"])
    used = np.array(readings["weight"]) > 0
    upper = page.add_axes((left, bottom + 0.55 * height, width, 0.45 * height))
    upper.plot(t - t[0], meter, lw=1.0, color=_METER, label="meter")
    upper.plot(t - t[0], unit, lw=1.0, color=_UNIT, label="unit before")
    _finish(upper, "", "level, dB(A)")
    upper.legend(loc="upper right", frameon=False, fontsize=7.5, ncols=2)
    lower = page.add_axes((left, bottom, 0.48 * width, 0.42 * height))
    _residuals(lower, t - t[0], residual, used, "time, s")
    lower.set_ylabel("residual, dB", fontsize=8)
    beside = page.add_axes((left + 0.54 * width, bottom, 0.46 * width, 0.42 * height))
    _residuals(beside, unit, residual, used, "unit before, dB(A)")


def _residuals(axes: Axes, x: np.ndarray, residual: np.ndarray, used: np.ndarray, what: str):
    reach = 1.2 * max(0.5, float(np.max(np.abs(residual[used]))))
    axes.plot(x[used], residual[used], ls="", marker=".", ms=2.5, color=_UNIT)
    slips = np.clip(residual[~used], -reach, reach)
    axes.plot(x[~used], slips, ls="", marker="x", ms=4, color=_SLIP, label="slips, left out")
    axes.axhline(0.0, color=_INK, lw=0.7)
    axes.set_ylim(-1.05 * reach, 1.05 * reach)
    _finish(axes, what, "")
    if len(slips):
        axes.legend(loc="upper right", frameon=False, fontsize=7)


def _response(page: Figure, readings: dict, where: Rectangle) -> None:
    axes = page.add_axes(where)
    f = readings["frequency_Hz"]
    axes.plot(f, readings["before"], lw=1.1, marker="o", ms=3, color=_SLIP, label="without")
    axes.errorbar(
        f,
        readings["after"],
        yerr=2.0 * np.array(readings["error"]),
        lw=1.3,
        marker="o",
        ms=3.5,
        elinewidth=0.8,
        color=_UNIT,
        label="with the equaliser (bars: 2 standard errors)",
    )
    axes.axhline(0.0, color=_INK, lw=0.7)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(_plain))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks([63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000])
    _finish(axes, "third-octave, Hz", "unit less reference, dB")
    axes.legend(loc="best", frameon=False, fontsize=7.5)


def _plain(value: float, _: object = None) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _finish(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x, fontsize=8)
    axes.set_ylabel(y, fontsize=8)
    axes.tick_params(labelsize=7.5, colors=_FAINT)
    axes.grid(True, color=_GRID, lw=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
