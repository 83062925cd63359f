"""A result as one page: every check, the tone's spectrum, the kernel's time, the samples."""

import textwrap
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from noisetamer.base.errors import UserError
from noisetamer.workshop.burn_in.check import FAILED, NOT_APPLICABLE, PASSED, Check
from noisetamer.workshop.burn_in.limits import limit
from noisetamer.workshop.burn_in.result import Result

_INK, _FAINT, _GOOD, _BAD, _OPEN = "#1f2933", "#6b7785", "#2e7d46", "#b3261e", "#9a6700"
_A4 = (8.27, 11.69)
_DPI = 110
_LEFT, _RIGHT = 0.07, 0.93
_TOP, _LINE = 0.868, 0.039
_VERDICT, _TEXT = 0.335, 0.0125
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.color": _INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "xtick.color": _FAINT,
    "ytick.color": _FAINT,
}
_COLOURS = {PASSED: _GOOD, FAILED: _BAD}


def save(result: Result, signature: str, file: Path) -> None:
    """Write `file`.png and `file`.pdf; the same result gives the same bytes. Raises UserError."""
    try:
        with mpl.rc_context(_STYLE):
            drawn = figure(result, signature)
            FigureCanvasAgg(drawn).print_figure(file.with_suffix(".png"), dpi=_DPI)
            FigureCanvasPdf(drawn).print_pdf(
                file.with_suffix(".pdf"),
                metadata={"Title": f"Burn-in {result.serial}", "CreationDate": None},
            )
    except OSError as error:
        raise UserError(
            f"{file}.png cannot be written ({error.strerror or error}): name another place with "
            "--out."
        ) from None


def figure(result: Result, signature: str) -> Figure:
    page = Figure(figsize=_A4, facecolor="white")
    _head(page, result)
    for line, check in enumerate(result.checks):
        _row(page, _TOP - line * _LINE, check)
    measured = {check.name: check.measured for check in result.checks}
    below = _TOP - len(result.checks) * _LINE - 0.035
    height = below - 0.1
    _spectrum(_axes(page, _LEFT + 0.05, 0.36, height), measured["tone"])
    _block_time(_axes(page, 0.56, 0.05, height), measured["block time"])
    _lateness(_axes(page, 0.69, _RIGHT - 0.69, height), measured["samples"])
    foot = f"HMAC-SHA256 by the unit's own key: {signature}"
    page.text(_LEFT, 0.025, foot, size=6, color=_FAINT)
    return page


def _head(page: Figure, result: Result) -> None:
    about = result.about
    page.text(_LEFT, 0.945, f"Burn-in {result.serial}", size=18, weight="bold")
    facts = (
        f"{result.at.replace('T', ' ').replace('Z', ' UTC')}   {about['chip']}, "
        f"{about['microphone']}   firmware {about['firmware']}   "
        f"{result.minutes:g} min of listening"
    )
    page.text(_LEFT, 0.922, facts, size=8.5, color=_FAINT)
    failed, still_open = len(result.failed), _unsettled(result)
    verdict, colour = ("FAIL", _BAD) if failed else ("PASS", _GOOD)
    page.text(
        _RIGHT,
        0.94,
        f" {verdict} ",
        size=20,
        weight="bold",
        color="white",
        ha="right",
        bbox={"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": "none"},
    )
    count = f"{failed} failed" if failed else "none failed"
    if still_open:
        count += f", {still_open} not confirmed or not run"
    page.text(_RIGHT, 0.905, count, size=8.5, color=_BAD if failed else _FAINT, ha="right")


def _unsettled(result: Result) -> int:
    return sum(check.outcome != NOT_APPLICABLE for check in result.open)


def _row(page: Figure, y: float, check: Check) -> None:
    colour = _COLOURS.get(check.outcome, _FAINT if check.outcome == NOT_APPLICABLE else _OPEN)
    page.text(_LEFT, y, check.name, size=9.5, weight="bold")
    page.text(0.2, y, check.outcome, size=9, weight="bold", color=colour)
    for line in _lines(check.verdict, 78, 2):
        page.text(_VERDICT, y, line, size=8.5)
        y -= _TEXT
    for line in _lines(check.limit, 100, 1):
        page.text(_VERDICT, y, line, size=7, color=_FAINT)


def _lines(text: str, width: int, most: int) -> list[str]:
    """In a row's room; all of it is in the JSON."""
    lines = textwrap.wrap(text, width)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: width - 1] + "\N{HORIZONTAL ELLIPSIS}"]
    return lines


def _axes(page: Figure, left: float, width: float, height: float) -> Axes:
    axes = page.add_axes((left, 0.085, width, height))
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _spectrum(axes: Axes, measured: dict[str, Any]) -> None:
    axes.set_title("Loudspeaker's tone at the microphone", size=9, loc="left")
    seen = measured.get("spectrum")
    if not seen:
        _nothing(axes)
        return
    axes.semilogx(seen["Hz"], seen["dB"], color=_INK, linewidth=1)
    axes.axhline(measured["background_dBA"], color=_FAINT, linewidth=0.8, linestyle="--")
    _note(axes, (60, measured["background_dBA"]), "background, dB(A)")
    axes.set_xticks([100, 1000, 10_000], ["100 Hz", "1 kHz", "10 kHz"])
    axes.set_xlim(50, 20_000)
    axes.set_ylabel("dB")


def _block_time(axes: Axes, measured: dict[str, Any]) -> None:
    axes.set_title("A block", size=9, loc="left")
    if not measured:
        _nothing(axes)
        return
    most = limit("block_time").most
    assert most is not None
    worst, whole = measured["worst_ms"], measured["block_ms"]
    axes.bar([0], [whole], color="#e8ebee", width=0.9)
    axes.bar([0], [worst], color=_GOOD if worst <= most else _BAD, width=0.9)
    axes.axhline(most, color=_BAD, linewidth=0.8, linestyle="--")
    axes.text(0, min(worst, whole) + 2, f"{worst:.0f} ms", ha="center", size=7.5)
    axes.set_ylim(0, max(whole, worst) * 1.05)
    axes.set_xticks([])
    axes.set_ylabel("kernel's time, ms")


def _lateness(axes: Axes, measured: dict[str, Any]) -> None:
    axes.set_title("How late each second came", size=9, loc="left")
    late = measured.get("late_ms")
    if not late:
        _nothing(axes)
        return
    at = range(1, len(late) + 1)
    slack = measured["slack_ms"]
    axes.plot(at, [min(ms, 1.5 * slack) for ms in late], color=_INK, linewidth=0.8)
    axes.axhline(slack, color=_BAD, linewidth=0.8, linestyle="--")
    _note(axes, (1, slack), "later than the driver holds")
    lost = [second for second, gap in zip(at, measured["lost"], strict=True) if gap]
    axes.plot(lost, [1.5 * slack] * len(lost), "v", color=_BAD, markersize=4)
    if lost:
        _note(axes, (lost[0], 1.5 * slack), f"{len(lost)} s with lost samples")
    axes.set_ylim(0, 1.75 * slack)
    axes.set_xlim(0, len(late) + 1)
    axes.set_ylabel("ms")
    axes.set_xlabel("s")


def _note(axes: Axes, at: tuple[float, float], text: str) -> None:
    """Just above a line."""
    axes.annotate(text, at, xytext=(0, 3), textcoords="offset points", size=7, color=_FAINT)


def _nothing(axes: Axes) -> None:
    axes.set_axis_off()
    axes.text(
        0.5, 0.5, "not measured", ha="center", va="center", color=_FAINT, transform=axes.transAxes
    )
