"""A result as one page: every check, the tone's spectrum, the kernel's time, the samples."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.base.paper import pages, plots
from noisetamer.base.paper.style import BAD, FAINT, GOOD, GRID, INK
from noisetamer.workshop.burn_in.check import FAILED, NOT_APPLICABLE, PASSED, Check
from noisetamer.workshop.burn_in.limits import limit
from noisetamer.workshop.burn_in.result import Result

_TEMPLATE = Path(__file__).with_name("page.typ")
_COLOURS = {PASSED: "good", FAILED: "bad", NOT_APPLICABLE: "faint"}
_WIDTH_MM, _HEIGHT_MM = 178.0, 68.0


def save(result: Result, signature: str, file: Path) -> None:
    """Write `file`.png and `file`.pdf; the same result gives the same bytes. Raises UserError."""
    with plots.style(8.0):
        pictures = {"measured": plots.svg(figure(result))}
    words = _words(result, signature)
    try:
        file.with_suffix(".png").write_bytes(pages.png(_TEMPLATE, words, pictures))
        file.with_suffix(".pdf").write_bytes(pages.pdf(_TEMPLATE, words, pictures))
    except OSError as error:
        raise UserError(
            f"{file}.png cannot be written ({error.strerror or error}): name another place with "
            "--out."
        ) from None


def figure(result: Result) -> Figure:
    """What was measured, in three plots."""
    measured = {check.name: check.measured for check in result.checks}
    drawn = Figure(figsize=plots.of_mm(_WIDTH_MM, _HEIGHT_MM), layout="constrained")
    tone, block, samples = drawn.subplots(1, 3, width_ratios=(8, 1, 5))
    _spectrum(tone, measured["tone"])
    _block_time(block, measured["block time"])
    _lateness(samples, measured["samples"])
    return drawn


def _words(result: Result, signature: str) -> dict[str, Any]:
    """All that the page says, as it says it."""
    about = result.about
    failed, still_open = len(result.failed), _unsettled(result)
    counts = [say("{n} failed", n=failed) if failed else say("none failed")]
    if still_open:
        counts.append(say("{n} not confirmed or not run", n=still_open))
    verdict = "FAIL" if failed else "OPEN" if still_open else "PASS"
    return {
        "serial": result.serial,
        "facts": "   ".join(
            (
                result.at.replace("T", " ").replace("Z", " UTC"),
                f"{about['chip']}, {about['microphone']}",
                say("firmware {version}", version=about["firmware"]),
                say("{minutes} min of listening", minutes=f"{result.minutes:g}"),
            )
        ),
        "verdict": say(verdict),
        "colour": {"FAIL": "bad", "OPEN": "open", "PASS": "good"}[verdict],
        "count": say(", ").join(counts),
        "checks": [_row(check) for check in result.checks],
        "signature": signature,
    }


def _unsettled(result: Result) -> int:
    return sum(check.outcome != NOT_APPLICABLE for check in result.open)


def _row(check: Check) -> dict[str, str]:
    return {
        "name": say(check.name),
        "outcome": say(check.outcome),
        "colour": _COLOURS.get(check.outcome, "open"),
        "verdict": say(check.verdict),
        "limit": say(check.limit),
    }


def _spectrum(axes: Axes, measured: dict[str, Any]) -> None:
    axes.set_title(say("Loudspeaker's tone at the microphone"), size=9, loc="left")
    seen = measured.get("spectrum")
    if not seen:
        _nothing(axes)
        return
    axes.semilogx(seen["Hz"], seen["dB"], color=INK, linewidth=1)
    axes.axhline(measured["background_dBA"], color=FAINT, linewidth=0.8, linestyle="--")
    _note(axes, (60, measured["background_dBA"]), say("background, dB(A)"))
    axes.set_xticks([100, 1000, 10_000], ["100 Hz", "1 kHz", "10 kHz"])
    axes.set_xlim(50, 20_000)
    axes.set_ylabel("dB")


def _block_time(axes: Axes, measured: dict[str, Any]) -> None:
    axes.set_title(say("A block"), size=9, loc="left")
    if not measured:
        _nothing(axes)
        return
    most = limit("block_time").most
    assert most is not None
    worst, whole = measured["worst_ms"], measured["block_ms"]
    axes.bar([0], [whole], color=GRID, width=0.9)
    axes.bar([0], [worst], color=GOOD if worst <= most else BAD, width=0.9)
    axes.axhline(most, color=BAD, linewidth=0.8, linestyle="--")
    axes.text(0, min(worst, whole) + 2, f"{worst:.1f} ms", ha="center", size=7.5)
    axes.set_ylim(0, max(whole, worst) * 1.05)
    axes.set_xticks([])
    axes.set_ylabel(say("kernel's time, ms"))


def _lateness(axes: Axes, measured: dict[str, Any]) -> None:
    axes.set_title(say("How late each second came"), size=9, loc="left")
    late = measured.get("late_ms")
    if not late:
        _nothing(axes)
        return
    at = range(1, len(late) + 1)
    slack = measured["slack_ms"]
    axes.plot(at, [min(ms, 1.5 * slack) for ms in late], color=INK, linewidth=0.8)
    axes.axhline(slack, color=BAD, linewidth=0.8, linestyle="--")
    _note(axes, (1, slack), say("later than the driver holds"))
    lost = [second for second, gap in zip(at, measured["lost"], strict=True) if gap]
    axes.plot(lost, [1.5 * slack] * len(lost), "v", color=BAD, markersize=4)
    if lost:
        _note(axes, (lost[0], 1.5 * slack), say("{n} s with lost samples", n=len(lost)))
    else:
        _note(axes, (1, max(late)), say("{n} ms at worst", n=max(late)))
    axes.set_ylim(0, 1.75 * slack)
    axes.set_xlim(0, len(late) + 1)
    axes.set_ylabel("ms")
    axes.set_xlabel("s")


def _note(axes: Axes, at: tuple[float, float], text: str) -> None:
    """Just above a line."""
    axes.annotate(text, at, xytext=(0, 3), textcoords="offset points", size=7, color=FAINT)


def _nothing(axes: Axes) -> None:
    axes.set_axis_off()
    axes.text(
        0.5,
        0.5,
        say("not measured"),
        ha="center",
        va="center",
        color=FAINT,
        transform=axes.transAxes,
    )
