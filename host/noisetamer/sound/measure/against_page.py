"""A recording against its meter's log, in words and as a picture."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from noisetamer.base.language import say
from noisetamer.base.output import writing
from noisetamer.base.paper import pages, plots
from noisetamer.base.paper.style import BLUE, FAINT, INK, ORANGE
from noisetamer.sound.measure.against import Compared
from noisetamer.sound.measure.alignment import LIKELY_S

_TEMPLATE = Path(__file__).with_name("against.typ")
_WIDTH_MM, _HEIGHT_MM = 178.0, 120.0
_LEAST_DB = 4.0


def words(found: Compared, recording: str, log: str) -> dict[str, Any]:
    """title, and lines of one sentence each, in the reader's language."""
    return {
        "title": say("{recording} against {log}", recording=recording, log=log),
        "lines": [
            say(
                f"{len(found.ours)} intervals of {found.interval_s:g} s of {found.quantity}, "
                f"the first begins at {found.begins[0]}."
            ),
            say(_shift(found)),
            say(
                f"Ours less the meter's: mean {found.mean_dB:+.2f} dB, largest "
                f"{found.largest_dB:+.2f} dB at {found.largest_at}, standard deviation "
                f"{found.deviation_dB:.2f} dB."
            ),
            say(_scale(found)),
            say(f"Kernel {found.kernel}; digital part only, indicative."),
        ],
    }


def outputs(file: Path) -> tuple[Path, Path]:
    """What `save` writes: PNG and PDF."""
    without = file.with_suffix("") if file.suffix.lower() in (".png", ".pdf") else file
    return Path(f"{without}.png"), Path(f"{without}.pdf")


def save(found: Compared, said: dict[str, Any], file: Path) -> tuple[Path, Path]:
    """Write `file`.png and `file`.pdf, and name them. Raises UserError."""
    with plots.style(8.0):
        pictures = {"levels": plots.svg(figure(found))}
    png, pdf = outputs(file)
    with writing(png):
        png.write_bytes(pages.png(_TEMPLATE, said, pictures))
    with writing(pdf):
        pdf.write_bytes(pages.pdf(_TEMPLATE, said, pictures))
    return png, pdf


def figure(found: Compared) -> Figure:
    """Levels of both, and their difference below."""
    drawn = Figure(figsize=plots.of_mm(_WIDTH_MM, _HEIGHT_MM), layout="constrained")
    levels, differences = drawn.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    middle = np.array(found.seconds) - found.seconds[0] + found.interval_s / 2
    many = len(middle) > 60
    look = {"lw": 1.0, "marker": "" if many else "o", "ms": 3.5}
    levels.plot(middle, found.meter, color=ORANGE, label=say("the meter's log"), **look)
    levels.plot(middle, found.ours, color=BLUE, label=say("the box's kernel"), **look)
    levels.legend(loc="upper right", ncols=2)
    low, high = levels.get_ylim()
    # A step of the log's last digit is no course.
    more = max(0.0, _LEAST_DB - (high - low)) / 2
    levels.set_ylim(low - more, high + more + 0.2 * (high - low))
    _finish(levels, f"{found.quantity}, dB")
    differences.axhline(0, color=FAINT, lw=0.7)
    differences.axhline(found.mean_dB, color=INK, lw=0.9, ls="--", label=say("mean"))
    differences.plot(
        middle, found.differences, color=BLUE, ls="", marker="o", ms=1.8 if many else 3.5
    )
    reach = 1.25 * max(0.1, float(np.max(np.abs(found.differences))))
    differences.set_ylim(-reach, reach)
    differences.legend(loc="upper right")
    _finish(differences, say("ours less the meter's, dB"))
    differences.set_xlabel(say("time from {begin}, s", begin=found.begins[0]))
    return drawn


def _scale(found: Compared) -> str:
    if found.full_scale_assumed:
        return (
            f"Nobody states the level of a full-scale sine; with {found.full_scale_dB:.2f} dB the "
            "mean difference is none."
        )
    return f"A full-scale sine is {found.full_scale_dB:.2f} dB."


def _shift(found: Compared) -> str:
    if found.shift_s is None:
        return "The recording lies where its levels fit the log's; it names no begin of its own."
    if not found.fits:
        return (
            "The recording lies in the log by both clocks: its level changes too little, or fits "
            "nowhere well enough, to find a shift by."
        )
    if abs(found.shift_s) > LIKELY_S:
        return (
            f"The recording fits the log {found.shift_s:+.2f} s ({found.shift_s / 3600:+.2f} h) "
            "from its own begin: a clock or a zone is wrong."
        )
    return f"The recording fits the log {found.shift_s:+.2f} s from its own begin."


def _finish(axes: Axes, what: str) -> None:
    axes.set_ylabel(what)
    axes.grid(True)
