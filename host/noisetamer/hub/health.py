"""Whether the hub is well: what /health answers, and what the page says above all cards."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from noisetamer.hub.bus.authority import Certificates
from noisetamer.hub.bus.client import Bus
from noisetamer.hub.trouble import Trouble, Watcher
from noisetamer.hub.upkeep import Upkeep

# A store that is well commits more often than that, if only to prove it.
COMMIT_SECONDS = 120
# Renewal has failed for long enough to say so.
CERTIFICATE_DAYS = 21
# So long before, it is said that units have to be set up anew.
AUTHORITY_DAYS = 365


class Stores(Protocol):
    """Who stores. failing: why it cannot, "" when it can; committed: when it last did, Unix s."""

    @property
    def failing(self) -> str: ...
    @property
    def committed(self) -> float: ...


class BrokerState(Protocol):
    @property
    def runs(self) -> bool: ...
    @property
    def log_file(self) -> Path: ...


class Certified(Protocol):
    """Until when the certificates hold, in days from now."""

    @property
    def server_days(self) -> float: ...
    @property
    def authority_days(self) -> float: ...
    @property
    def certificates(self) -> Certificates: ...


class Health:
    """Of one running hub."""

    def __init__(
        self,
        ingest: Stores,
        bus: Bus,
        broker: BrokerState,
        renewal: Certified,
        upkeep: Upkeep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """clock: Unix time, s."""
        self._watchers: list[Watcher] = []
        self._ingest = ingest
        self._bus = bus
        self._broker = broker
        self._renewal = renewal
        self._upkeep = upkeep
        self._clock = clock

    def watch(self, watcher: Watcher) -> None:
        """Ask this one too, each time somebody wants to know. Its troubles need their texts."""
        self._watchers.append(watcher)

    def troubles(self) -> list[Trouble]:
        """What is wrong now, and what will be; none when all is well."""
        return list(self._troubles())

    def facts(self) -> dict[str, object]:
        """What a watcher may want to plot. committed: Unix s; days until certificates end."""
        return {
            "store": {"failing": self._ingest.failing, "committed": self._ingest.committed},
            "broker": {"runs": self._broker.runs, "connected": self._bus.connected},
            "certificate": {"days": int(self._renewal.server_days)},
            "authority": {"days": int(self._renewal.authority_days)},
        }

    def _troubles(self) -> Iterator[Trouble]:
        silent = self._clock() - self._ingest.committed
        if self._ingest.failing:
            yield Trouble("store", {"what": self._ingest.failing})
        elif silent > COMMIT_SECONDS:
            yield Trouble("store_silent", {"minutes": f"{silent / 60:.0f}"})
        if not (self._broker.runs and self._bus.connected):
            yield Trouble("broker", {"log": str(self._broker.log_file)})
        for what in self._upkeep.complaints.values():
            yield Trouble("part", {"what": what})
        for watcher in self._watchers:
            yield from watcher()
        days = self._renewal.server_days
        if days < CERTIFICATE_DAYS:
            yield Trouble("certificate", {"days": f"{max(days, 0):.0f}"}, ill=days < 7)
        days = self._renewal.authority_days
        if days < AUTHORITY_DAYS:
            found = self._renewal.certificates
            since = found.set_up_before
            yield Trouble(
                "authority",
                {
                    "end": f"{found.authority_ends:%Y-%m-%d}",
                    "before": f"{since:%Y-%m-%d}" if since else "",
                },
                ill=days <= 0,
            )
