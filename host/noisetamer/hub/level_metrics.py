"""Levels of every unit, for Prometheus: gauges of the last minute, and counters of sound energy.

By the counters a level over any time is exact, however seldom it is scraped:
`10 * log10(rate(noisetamer_sound_energy_total[15m]) / rate(noisetamer_valid_seconds_total[15m]))`.
A unit that is silent is not in it, so that what Prometheus shows of it ends.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from noisetamer.hub.live import UnitState
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.wire import Seconds
from tamer.record.events import STAGES
from tamer.record.reading import MISSING, is_dated, is_valid

SPAN_SECONDS = 60
SILENT_SECONDS = 120.0
"""What comes later than that is the past: it is stored and forwarded, and is no level of now."""


@dataclass(frozen=True)
class _Part:
    """Of one record. t: its first second; energy: sum of 10^(L/10) of the valid ones; highest:
    LAFmax, 0.1 dB.
    """

    t: int
    seconds: int
    valid: int
    energy: float
    highest: int


@dataclass
class _Heard:
    """Of one unit since the first scrape."""

    parts: deque[_Part] = field(default_factory=lambda: deque(maxlen=SPAN_SECONDS))
    seconds: int = 0
    valid: int = 0
    energy: float = 0.0


class Levels(Collector):
    """Of one hub. registry: what `prometheus_client.generate_latest` takes.

    Nothing is summed up before the first scrape: a hub without Prometheus pays nothing.
    """

    def __init__(
        self, states: Callable[[], Iterable[UnitState]], clock: Callable[[], float] = time.time
    ) -> None:
        """states: of all units, as of `Live`; clock: the hub's, Unix s."""
        self._states = states
        self._clock = clock
        self._asked = False
        self._heard: dict[str, _Heard] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def on_stored(self, stored: Stored) -> None:
        """A subscriber of `Ingest`."""
        if not self._asked:
            return
        oldest = stored.received - SILENT_SECONDS
        for record in stored.fresh:
            if isinstance(record, Seconds) and is_dated(record.t) and record.last >= oldest:
                part = _part(record)
                heard = self._heard.setdefault(record.unit, _Heard())
                heard.parts.append(part)
                while heard.parts[0].t < part.t - SPAN_SECONDS:
                    heard.parts.popleft()
                heard.seconds += part.seconds
                heard.valid += part.valid
                heard.energy += part.energy

    def describe(self) -> Iterable[Metric]:
        """Nothing: to be registered is not to be scraped."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Called at each scrape."""
        self._asked = True
        labels = ["unit", "square"]
        gauges = {
            name: GaugeMetricFamily(f"noisetamer_{name}", what, labels=labels)
            for name, what in _GAUGES.items()
        }
        counters = {
            name: CounterMetricFamily(f"noisetamer_{name}", what, labels=labels)
            for name, what in _COUNTERS.items()
        }
        now = self._clock()
        units: set[str] = set()
        for state in list(self._states()):
            id = state.unit.id
            units.add(id)
            heard = self._heard.get(id)
            if heard is None or now - (found := _now(heard))[_END] > SILENT_SECONDS:
                continue
            where = [id, state.unit.square or id]
            for name, value in found.items():
                gauges[name].add_metric(where, value)
            gauges["stage"].add_metric(where, STAGES.index(state.stage))
            counters["sound_energy"].add_metric(where, heard.energy)
            counters["valid_seconds"].add_metric(where, heard.valid)
            counters["heard_seconds"].add_metric(where, heard.seconds)
        for id in set(self._heard) - units:
            del self._heard[id]
        yield from gauges.values()
        yield from counters.values()


_END = "level_timestamp_seconds"
_GAUGES = {
    "laeq_dba": "LAeq of the valid seconds of the last minute, dB(A)",
    "lafmax_dba": "LAFmax of the valid seconds of the last minute, dB(A)",
    "coverage_ratio": "Valid seconds of the last minute, of 60",
    "stage": "What the box does: 0 green, 1 amber, 2 red, 3 polite voice, 4 firm voice",
    _END: "Until when these levels are, Unix time by the box's clock",
}
_COUNTERS = {
    "sound_energy": "Sum of 10^(LAeq,1s/10) over valid seconds, counted as they came in time",
    "valid_seconds": "Seconds of that sum",
    "heard_seconds": "Seconds that came in time, the others too",
}


def _part(record: Seconds) -> _Part:
    valid = [second for second in record.seconds if is_valid(second)]
    return _Part(
        record.t,
        len(record.seconds),
        len(valid),
        sum(10 ** (second.LAeq / 100) for second in valid),
        max((second.LAFmax for second in valid), default=MISSING),
    )


def _now(heard: _Heard) -> dict[str, float]:
    """The gauges of the minute up to the newest second; without a valid one no level is told."""
    parts = list(heard.parts)  # a copy at once: more may come meanwhile
    end = max(part.t + part.seconds for part in parts)
    parts = [part for part in parts if part.t >= end - SPAN_SECONDS]
    valid = sum(part.valid for part in parts)
    found = {"coverage_ratio": valid / SPAN_SECONDS, _END: float(end)}
    if valid:
        energy = sum(part.energy for part in parts)
        found["laeq_dba"] = round(10 * math.log10(energy / valid), 1)
        found["lafmax_dba"] = max(part.highest for part in parts if part.valid) / 10
    return found
