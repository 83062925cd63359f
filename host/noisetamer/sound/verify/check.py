"""The result of one test of a kernel: readings, each with its bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan


@dataclass(frozen=True)
class Bound:
    """A reading may lie from `reference + low` to `reference + high`, all in its unit."""

    reference: float
    low: float
    high: float

    def deviation(self, reading: float) -> float:
        """Signed distance from the reference, in the reading's unit."""
        return reading - self.reference

    def margin(self, reading: float) -> float:
        """How much more the reading might deviate; negative: how much too far it is."""
        deviation = self.deviation(reading)
        margin = min(deviation - self.low, self.high - deviation)
        return -inf if isnan(margin) else margin

    def met(self, reading: float) -> bool:
        """Whether the reading lies within; false for NaN."""
        return self.margin(reading) >= 0.0

    def share(self, reading: float) -> float:
        """Deviation over the allowed one on that side: 1 at the limit, inf for NaN."""
        deviation = self.deviation(reading)
        allowed = self.high if deviation >= 0 else -self.low
        if isnan(deviation) or (allowed == 0 and deviation):
            return inf
        return abs(deviation) / allowed if allowed else 0.0


def about(reference: float, limit: float) -> Bound:
    """No further than `limit` from the reference, on either side."""
    return Bound(reference, -limit, limit)


@dataclass(frozen=True)
class Check:
    """One reading of a kernel.

    `ours`: this project's own limit for a kernel; `class1`: the standard's acceptance limits;
    None where there is none. `curve` and `at` say where it stands in the section's plot.
    """

    name: str
    reading: float
    ours: Bound | None
    class1: Bound | None = None
    unit: str = "dB"
    curve: str = ""
    at: float = 0.0

    @property
    def bounds(self) -> list[Bound]:
        """Those of `ours` and `class1` that there are."""
        return [bound for bound in (self.ours, self.class1) if bound is not None]

    @property
    def passed(self) -> bool:
        """Whether the reading meets every bound."""
        return all(bound.met(self.reading) for bound in self.bounds)

    @property
    def strictest(self) -> Bound:
        """The bound with the least margin."""
        return min(self.bounds, key=lambda bound: bound.margin(self.reading))


@dataclass(frozen=True)
class Axis:
    """What the checks of a section are plotted over."""

    label: str
    logarithmic: bool = False


@dataclass(frozen=True)
class Trace:
    """A curve that is shown but not judged. `class1`: lowest and highest y the standard allows."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    class1: tuple[Sequence[float], Sequence[float]] | None = None


@dataclass(frozen=True)
class Section:
    """One test of one kernel. `clause`: of IEC 61672-1:2013, where it has one."""

    key: str
    title: str
    clause: str
    what: str
    checks: Sequence[Check]
    axis: Axis | None = None
    traces: Sequence[Trace] = ()
    notes: Sequence[str] = ()

    @property
    def passed(self) -> bool:
        """Whether every check has passed."""
        return all(check.passed for check in self.checks)

    @property
    def worst(self) -> Check:
        """The check that uses most of what it is allowed."""
        return max(
            self.checks, key=lambda check: max(b.share(check.reading) for b in check.bounds)
        )
