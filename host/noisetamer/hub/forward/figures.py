"""How each destination does, for Prometheus. A destination's name stands in it, no address."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from noisetamer.hub.forward.forwarding import Shown

_BY = ["destination"]


class Figures(Collector):
    """To be registered beside the hub's own."""

    def __init__(self, shown: Callable[[], Sequence[Shown]]) -> None:
        self._shown = shown

    def collect(self) -> Iterator[Metric]:
        """Called at each scrape."""
        prefix = "noisetamer_forward"
        up = GaugeMetricFamily(f"{prefix}_up", "1 where it takes what it gets", labels=_BY)
        waiting = GaugeMetricFamily(f"{prefix}_waiting", "Facts that wait for it", labels=_BY)
        last = GaugeMetricFamily(
            f"{prefix}_last_sent_timestamp_seconds", "When it last took any; 0: never", labels=_BY
        )
        counts = {
            "sent": CounterMetricFamily(f"{prefix}_sent", "Facts it has taken", labels=_BY),
            "refused": CounterMetricFamily(
                f"{prefix}_refused", "Facts it will never take", labels=_BY
            ),
            "lost": CounterMetricFamily(
                f"{prefix}_lost", "Facts that waited for too long and were let go of", labels=_BY
            ),
        }
        for one in self._shown():
            name = [one.asked.name]
            up.add_metric(name, float(one.state is not None and not one.state.failing))
            if standing := one.standing:
                waiting.add_metric(name, standing.waiting)
                last.add_metric(name, standing.last_sent or 0.0)
                for what, family in counts.items():
                    family.add_metric(name, getattr(standing, what))
        yield from (up, waiting, last, *counts.values())
