"""A recording set beside the log of the meter that made it, or stood beside it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound import level_tables
from noisetamer.sound.level_tables import LevelTable, zones
from noisetamer.sound.measure import alignment
from noisetamer.sound.measure.meter import full_scale, heard
from noisetamer.sound.recording.microphone import METER_RATE, At48k
from noisetamer.sound.recording.plain import Kind
from noisetamer.sound.recording.recording import Passage, stream
from noisetamer.sound.recording.span import Span
from noisetamer.sound.standards.signals import FULL_SCALE_SINE
from tamer.hear.kernel.block_sums import BlockSums

# Below, a time is counted from the log's own start, s.
_UNIX = 1e6


@dataclass(frozen=True)
class Compared:
    """Levels in dB of each interval of the log that the recording holds whole.

    begins, seconds: when each begins, in the recording's zone, and from the recording's begin.

    shift_s: what was added to the recording's own begin; None where it has none. fits: the shift
    is where the levels fit, else the clocks were believed. full_scale_dB: of a full-scale sine;
    where nobody stated it (full_scale_assumed), the one at which the mean difference is none.
    """

    begins: list[str]
    seconds: list[float]
    ours: list[float]
    meter: list[float]
    interval_s: float
    quantity: str
    format: str
    shift_s: float | None
    fits: bool
    mean_dB: float
    largest_dB: float
    largest_at: str
    deviation_dB: float
    full_scale_dB: float
    full_scale_assumed: bool
    kernel: str
    notes: tuple[str, ...]

    @property
    def differences(self) -> NDArray[np.float64]:
        """Ours less the meter's, dB."""
        return np.array(self.ours) - np.array(self.meter)

    def as_json(self) -> str:
        """One line of JSON with every field by its name."""
        return json.dumps(asdict(self), ensure_ascii=False)


class _Survey:
    """Takes a recording to see how its level goes."""

    def begin(self, rate: int, subtype: str, width: int) -> Kind:
        self._at_48k, self._surveyor = At48k(rate), alignment.Surveyor(METER_RATE)
        return "float32"

    def take(self, samples: NDArray[np.float32]) -> None:
        self._surveyor.add(self._at_48k.samples(samples))

    def end(self) -> tuple[alignment.Course, int]:
        """(course, samples at 48 kHz)."""
        self._surveyor.add(self._at_48k.samples(np.empty(0, np.float32), last=True))
        return self._surveyor.course(), self._surveyor.count


def compare(
    path: Path,
    log: Path,
    channel: int | None = None,
    span: Span | None = None,
    begins: datetime | None = None,
    stated_dB: float | None = None,
    kernel: str = "int",
    zone: str | None = None,
    clock: str = "",
    progress: Callable[[float], None] = lambda share: None,
) -> Compared:
    """Read a recording twice, block by block: where it lies in the log, then what it measures.

    channel to kernel, and progress: as of `meter.measure`. zone: of stamps that name none, also
    the recording's; None: this computer's. clock: added to the meter's.

    Raises UserError where the log cannot be read, or nothing tells where the recording lies in it.
    """
    survey = _Survey()
    recording = stream(path, survey, channel, span, begins, lambda share: progress(share / 2))
    course, length = survey.end()
    own, there = _begin(recording, zone)
    table = level_tables.read(log, "LAeq", zone=zone, clock=clock, near=own)
    if table.t[0] < _UNIX:
        own = None
    shift = alignment.find(course, table.t, table.level, table.interval, own)
    if shift is None:
        raise UserError(_nowhere(log, table, recording, own, there))
    begin, meter = _inside(table, shift.begins, length)
    if not len(begin):
        raise UserError(_nowhere(log, table, recording, own, there))
    edges, takes = _takes(begin, table.interval, length)
    how = (recording.channel, span, begins, kernel, lambda share: progress((1 + share) / 2))
    _, founds, saturated = heard(path, *how, takes.tolist(), recording.frames)
    mean_square = _mean_squares(founds, edges, takes)
    scale, notes = full_scale(recording, stated_dB)
    assumed = stated_dB is None and recording.statement.full_scale_dB is None
    with np.errstate(divide="ignore"):
        relative = 10 * np.log10(mean_square / FULL_SCALE_SINE)
    sounds = np.isfinite(relative)
    begin, meter, relative = begin[sounds], meter[sounds], relative[sounds]
    if not len(begin):
        raise UserError(f"{log}: where the recording lies in it, the recording is silent")
    if assumed:
        scale = round(float(np.mean(meter - relative)), 2)
    ours = np.round(scale + relative, 2)
    difference = ours - meter
    at = [_shown(t, there) for t in shift.begins + begin / METER_RATE]
    largest = int(np.argmax(np.abs(difference)))
    cut = (f"{saturated} samples beyond full scale were cut off",) if saturated else ()
    return Compared(
        at,
        np.round(begin / METER_RATE, 3).tolist(),
        ours.tolist(),
        meter.tolist(),
        table.interval,
        table.quantity,
        table.format,
        None if own is None else round(shift.begins - own, 2),
        shift.fits,
        round(float(np.mean(difference)), 3),
        round(float(difference[largest]), 2),
        at[largest],
        round(float(np.std(difference)), 3),
        scale,
        assumed,
        kernel,
        (*recording.notes, *notes, *cut, table.taken),
    )


def _begin(recording: Passage, zone: str | None) -> tuple[float | None, tzinfo | None]:
    """(Unix time, its zone; None: this computer's)."""
    named, _ = zones.named(zone)
    if recording.begins is None:
        return None, named
    begins = recording.begins
    if begins.tzinfo is None:
        begins = begins.replace(tzinfo=named) if named else begins.astimezone()
    return begins.timestamp(), begins.tzinfo


def _inside(
    table: LevelTable, begins: float, length: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(first sample, meter's level) of each interval that is wholly recorded."""
    first = np.rint((table.t - begins) * METER_RATE).astype(np.int64)
    # A clock of 10 ms is no reason to lose the first or the last interval.
    slack = round(alignment.STEP_S * METER_RATE)
    whole = (first >= -slack) & (first + table.interval * METER_RATE <= length + slack)
    return np.maximum(first[whole], 0), table.level[whole]


def _takes(
    begin: NDArray[np.int64], interval: float, length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(edges of each interval, after which samples the kernel is read out)."""
    # The kernel is read out each second at least, as on the box.
    parts = int(np.ceil(interval - 1e-9))
    edges = begin[:, None] + np.rint(np.linspace(0, interval * METER_RATE, parts + 1)).astype(int)
    edges = np.clip(edges, 0, length)
    takes = np.unique(edges)
    return edges, takes[takes > 0]


def _mean_squares(
    founds: list[BlockSums], edges: NDArray[np.int64], takes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """A-weighted, in squared steps of 24 bits, of each interval."""
    sums, counts = (
        np.concatenate([[0.0], np.cumsum([getattr(one, name) for one in founds], dtype=float)])
        for name in ("A", "n")
    )
    places = [np.searchsorted(takes, edges[:, column], "right") for column in (0, -1)]
    energy, n = (of[places[1]] - of[places[0]] for of in (sums, counts))
    return energy / np.maximum(n, 1)


def _nowhere(
    log: Path, table: LevelTable, recording: Passage, own: float | None, zone: tzinfo | None
) -> str:
    span = (
        f"{len(table.t)} intervals of {table.interval:g} s from {_shown(table.t[0], zone)} to "
        f"{_shown(table.t[-1] + table.interval, zone)}"
    )
    if own is None:
        return (
            f"{log}: it holds {span}, and nothing tells where the recording lies in it: "
            "its levels fit nowhere well; say when it began with --begins"
        )
    lasts = recording.frames / recording.rate
    return (
        f"{log}: it holds {span}, the recording {_shown(own, zone)} to "
        f"{_shown(own + lasts, zone)}, and its levels fit nowhere else; check that they belong "
        "together, then say when it began with --begins, or the log's zone with --zone"
    )


def _shown(t: float, zone: tzinfo | None) -> str:
    if t < _UNIX:
        return f"{t:.2f} s"
    at = datetime.fromtimestamp(round(t, 2), UTC)
    return at.astimezone(zone).isoformat(" ", "milliseconds").replace(".000", "")
