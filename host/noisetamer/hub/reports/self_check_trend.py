"""The nightly self-checks of a unit over months, from the hub's store, as a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib.dates as mdates
from matplotlib.figure import Figure

from noisetamer.base.paper import plots
from noisetamer.base.paper.style import ALLOWED, BAD, INK, SERIES
from noisetamer.hub.store.queries import PastEvent


@dataclass(frozen=True)
class Night:
    """at: of the check. deviations: of each tone from its reference, dB. background: quietest of
    the night, dB(A). verdict: good, microphone, loudspeaker or unknown."""

    at: datetime
    tones: Sequence[int]
    deviations: Sequence[float]
    background: float
    verdict: str


def nights(events: Sequence[PastEvent]) -> list[Night]:
    """The checks among a unit's events that were carried out and had a reference."""
    return [
        _night(event.t, event.fields)
        for event in events
        if event.kind == "self-check" and event.fields.get("deviations")
    ]


def draw(serial: str, checks: Sequence[Night], limit: float, path: Path) -> None:
    """Save a PNG of at least one night. limit: dB. Raises UserError."""
    with plots.style(10.0):
        plots.write_png(_figure(serial, checks, limit), path)


def _figure(serial: str, checks: Sequence[Night], limit: float) -> Figure:
    figure = Figure(figsize=(11.0, 5.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    at = [mdates.date2num(night.at) for night in checks]
    upper.axhspan(-limit, limit, color=ALLOWED, lw=0, zorder=0)
    for number, (hertz, colour) in enumerate(zip(checks[-1].tones, SERIES, strict=False)):
        upper.plot(
            at,
            [night.deviations[number] for night in checks],
            color=colour,
            lw=1.0,
            marker=".",
            ms=4,
            label=f"{hertz} Hz",
        )
    for night, x in zip(checks, at, strict=True):
        if night.verdict != "good":
            upper.axvline(x, color=BAD, lw=0.6, alpha=0.5, zorder=0)
    upper.set_ylabel("tone less its reference, dB")
    upper.legend(loc="lower left", fontsize=8, ncols=5)
    upper.set_title(f"{serial}: {_sentence(checks)}", loc="left", fontsize=11)
    lower.plot(at, [night.background for night in checks], color=INK, lw=1.0, marker=".", ms=4)
    lower.set_ylabel("background, dB(A)")
    locator = mdates.AutoDateLocator()
    lower.xaxis.set_major_locator(locator)
    lower.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    for axes in (upper, lower):
        axes.grid(True)
    return figure


def _night(t: int, fields: dict[str, Any]) -> Night:
    return Night(
        datetime.fromtimestamp(t, UTC),
        fields["tones"],
        [deviation / 10.0 for deviation in fields["deviations"]],
        fields["background"] / 10.0,
        fields["verdict"],
    )


def _sentence(checks: Sequence[Night]) -> str:
    return {
        "good": f"good in the last of {len(checks)} nights",
        "microphone": "the microphone has become dull; clean or replace it, then calibrate",
        "loudspeaker": "the loudspeaker has become dull; the measured levels still hold",
        "unknown": "microphone or loudspeaker has changed; check it with a calibrator",
    }[checks[-1].verdict]
