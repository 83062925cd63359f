"""What a hub counts, for Prometheus: names by its conventions, nobody's name and no secret.

https://prometheus.io/docs/practices/naming/
"""

import math
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from noisetamer import __version__
from noisetamer.base import database
from noisetamer.base.private_file import write_private
from noisetamer.hub.health import Health
from noisetamer.hub.live import UnitState
from noisetamer.hub.maintenance import backup
from noisetamer.hub.quota import Quotas
from noisetamer.hub.store import chain_findings
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.wire import Event

TOKEN_FILE = "metrics.token"
_COMMIT_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)

Gauges = Callable[[], dict[str, tuple[str, float]]]
"""{name without `noisetamer_`: (what it is, value)} as they are now; one that ends in `_total`
only ever grows."""


def token(data: Path) -> str:
    """With which a Prometheus elsewhere proves that it may ask; made at the first call."""
    file = data / TOKEN_FILE
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        made = secrets.token_urlsafe(32)
        write_private(file, made.encode())
        return made


class Metrics(Collector):
    """Of one hub. registry: what `prometheus_client.generate_latest` takes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._gauges: list[Gauges] = []
        self._records = Counter(
            "noisetamer_records_stored",
            "Records stored for the first time",
            ["kind"],
            registry=self.registry,
        )
        self._set_aside = Counter(
            "noisetamer_reports_set_aside",
            "Reports that could not be taken and are kept apart",
            registry=self.registry,
        )
        self._acknowledged = Counter(
            "noisetamer_acknowledgements",
            "Acknowledgements sent to units",
            registry=self.registry,
        )
        self._chain = Counter(
            "noisetamer_chain_findings",
            "What was found wrong with the chains of units' records",
            ["kind"],
            registry=self.registry,
        )
        self._commits = Histogram(
            "noisetamer_commit_duration_seconds",
            "From the begin of a commit to its being on the disk, waiting included",
            buckets=_COMMIT_BUCKETS,
            registry=self.registry,
        )
        for kind in ("seconds", "event"):
            self._records.labels(kind)
        for kind in chain_findings.KINDS:
            self._chain.labels(kind)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(self)

    def add(self, gauges: Gauges) -> None:
        """Ask this one too at each scrape."""
        self._gauges.append(gauges)

    def on_stored(self, stored: Stored) -> None:
        """A subscriber of `Ingest`."""
        for record in stored.fresh:
            self._records.labels("event" if isinstance(record, Event) else "seconds").inc()
        self._set_aside.inc(len(stored.refused))
        self._acknowledged.inc(len(stored.acks))
        for finding in stored.chain:
            self._chain.labels(finding.kind).inc()

    def on_commit(self, seconds: float) -> None:
        self._commits.observe(seconds)

    def collect(self) -> Iterator[Metric]:
        """Called at each scrape."""
        built = GaugeMetricFamily(
            "noisetamer_build_info", "The program that runs", labels=["version"]
        )
        built.add_metric([__version__], 1)
        yield built
        for gauges in self._gauges:
            for name, (what, value) in gauges().items():
                kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
                yield kind(f"noisetamer_{name}", what, value)


def _bytes(store: Path) -> float:
    """NaN of one on a server that is away."""
    try:
        return database.size(store)
    except database.Error:
        return math.nan


def of_the_hub(
    data: Path, states: Iterable[UnitState], health: Health, quotas: Quotas
) -> dict[str, tuple[str, float]]:
    """How it is now."""
    states = list(states)
    troubles = health.troubles()
    facts: dict[str, Any] = health.facts()
    last = backup.last_made(data)
    return {
        "units": ("Units that may report", len(states)),
        "units_online": ("Units that are connected", sum(bool(one.online) for one in states)),
        "healthy": ("1 where nothing is ill", float(not any(one.ill for one in troubles))),
        "troubles": ("What is ill, or will be", len(troubles)),
        "broker_up": ("1 where the broker runs", float(facts["broker"]["runs"])),
        "last_commit_timestamp_seconds": (
            "When the store was last written",
            facts["store"]["committed"],
        ),
        "certificate_days": ("Until the broker's ends", facts["certificate"]["days"]),
        "authority_days": ("Until the authority's ends", facts["authority"]["days"]),
        "last_backup_timestamp_seconds": (
            "When the last backup was made; 0 where none is known",
            last[1].timestamp() if last else 0.0,
        ),
        "store_bytes": ("Size of the store and its log", _bytes(data / "hub.sqlite")),
        "free_bytes": ("Room on the disk of the data folder", shutil.disk_usage(data).free),
        "reports_over_quota_total": ("Messages beyond a unit's quota", quotas.refused),
    }
