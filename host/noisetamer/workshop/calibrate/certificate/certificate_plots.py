"""The picture of a certificate: what was read, and what the fit leaves."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from noisetamer.base.language import say
from noisetamer.base.paper.plots import of_mm
from noisetamer.base.paper.style import ALLOWED, BLUE, INK, ORANGE, SHADE

_UNIT, _METER, _SLIP = BLUE, ORANGE, SHADE
_WIDTH_MM, _HEIGHT_MM = 178.0, 92.0


def figure(contents: dict[str, Any]) -> Figure:
    """The readings of a certificate, as wide as its page's text."""
    plots: dict[str, Callable[[Figure, dict], None]] = {
        "calibrator": _placements,
        "check": _placements,
        "beside": _comparison,
        "frequency": _response,
    }
    drawn = Figure(figsize=of_mm(_WIDTH_MM, _HEIGHT_MM), layout="constrained")
    plots[contents["kind"]](drawn, contents["readings"])
    return drawn


def _placements(figure: Figure, readings: dict[str, list[float]]) -> None:
    axes = figure.subplots()
    number = np.array(readings["placement"])
    for one in np.unique(number):
        level = np.array(readings["level"])[number == one]
        t = np.arange(1, len(level) + 1) * 10.0 / len(level)
        axes.plot(t, level, lw=1.1, label=say("placement {n}", n=f"{one:.0f}"))
    axes.axhspan(-0.1, 0.1, color=ALLOWED, lw=0, zorder=0, label=say("allowed to fluctuate"))
    axes.set_ylim(-0.3, 0.3)
    _finish(axes, "time of the steady reading, s", "Fast level less its mean, dB")
    axes.legend(loc="upper right", ncols=4)


def _comparison(figure: Figure, readings: dict[str, list[float]]) -> None:
    t, unit = np.array(readings["time"]), np.array(readings["unit"])
    residual = np.array(readings["residual"])
    meter = np.array(readings["meter"])
    used = np.array(readings["weight"]) > 0
    places = figure.subplot_mosaic([["levels", "levels"], ["time", "level"]])
    places["levels"].plot(t - t[0], meter, lw=1.0, color=_METER, label=say("meter"))
    places["levels"].plot(t - t[0], unit, lw=1.0, color=_UNIT, label=say("unit before"))
    _finish(places["levels"], "", "level, dB(A)")
    places["levels"].legend(loc="upper right", ncols=2)
    _residuals(places["time"], t - t[0], residual, used, "time, s")
    places["time"].set_ylabel(say("residual, dB"))
    _residuals(places["level"], unit, residual, used, "unit before, dB(A)")


def _residuals(axes: Axes, x: np.ndarray, residual: np.ndarray, used: np.ndarray, what: str):
    reach = 1.2 * max(0.5, float(np.max(np.abs(residual[used]))))
    axes.plot(x[used], residual[used], ls="", marker=".", ms=2.5, color=_UNIT)
    slips = np.clip(residual[~used], -reach, reach)
    axes.plot(x[~used], slips, ls="", marker="x", ms=4, color=_SLIP, label=say("slips, left out"))
    axes.axhline(0.0, color=INK, lw=0.7)
    axes.set_ylim(-1.05 * reach, 1.05 * reach)
    _finish(axes, what, "")
    if len(slips):
        axes.legend(loc="upper right")


def _response(figure: Figure, readings: dict[str, list[float]]) -> None:
    axes = figure.subplots()
    f = readings["frequency_Hz"]
    axes.plot(f, readings["before"], lw=1.1, marker="o", ms=3, color=_SLIP, label=say("without"))
    axes.errorbar(
        f,
        readings["after"],
        yerr=2.0 * np.array(readings["error"]),
        lw=1.3,
        marker="o",
        ms=3.5,
        elinewidth=0.8,
        color=_UNIT,
        label=say("with the equaliser (bars: 2 standard errors)"),
    )
    axes.axhline(0.0, color=INK, lw=0.7)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(_plain))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks([63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000])
    _finish(axes, "third-octave, Hz", "unit less reference, dB")
    axes.legend(loc="best")


def _plain(value: float, _: object = None) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _finish(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(say(x))
    axes.set_ylabel(say(y))
    axes.grid(True)
