"""How long a page takes, in Chromium on this machine, beside an earlier build in the same run:

    python tests/bench/pages.py [--units 200] [--beside 22b856a]

Until the first page of so many units is painted, at the width of a phone and of a desk; until a
month of one unit's minutes is there and drawn. Each is the median of several; the machine is
shared, so look at the ratio, and at the hub's CPU seconds.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from chromium import chromium
from earlier_tree import earlier_tree
from folders import ROOT
from scripted_unit import START
from watchers import EARLIER, Hub

from noisetamer.hub.store import hour_sums
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.store.roll_ups import Summed
from noisetamer.hub.store.writer import Store

TURNS = 5
DAYS = 30
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
  const painted = list.getEntriesByName("first-contentful-paint");
  if (painted.length) done(painted[0].startTime);
}).observe({ type: "paint", buffered: true }))"""
MINUTES = """async (address) => {
  const begun = performance.now();
  const { LAeq } = await (await fetch(address)).json();
  return [performance.now() - begun, LAeq.length];
}"""


def a_month(file: Path, unit: str) -> None:
    """Sums of thirty days of seconds: of one day, thirty times over."""
    chance = np.random.default_rng(1)
    day = []
    for hour in range(24):
        A = (550 + 100 * np.sin(hour / 4) + chance.normal(0, 30, HOUR)).astype(np.int32)
        columns = np.stack([A, A + 20, A + 80, A + 180, np.zeros(HOUR, np.int32)])
        day.append(hour_sums.summed(0, columns))
    store = Store(file)
    midnight = START - 19 * HOUR
    for n in range(-24 * (DAYS - 1), 20):
        one = day[n % 24]
        assert one
        t = midnight + n * HOUR
        hour = replace(one, t=t, hour=replace(one.hour, t=t))
        store._connection.execute("INSERT INTO hour_touched VALUES(?,?,1,0)", (unit, t))
        store.sum_up([Summed(unit, t, 1, hour)])
    store.close()


@contextmanager
def opened(hub: Hub, width: int) -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": 900})
        for pair in hub.cookie.split("; "):
            name, _, value = pair.partition("=")
            address = f"http://127.0.0.1:{hub.port}"
            context.add_cookies([{"name": name, "value": value, "url": address}])
        yield context.new_page()


def median(measure: Callable[[], float]) -> float:
    measure()  # the first has everything to fetch
    return statistics.median(measure() for _ in range(TURNS))


def painted(page: Page, address: str) -> float:
    """ms until something is painted, as the browser says."""
    page.goto(address, wait_until="load")
    return page.evaluate(PAINTED)


def first_pages(hub: Hub, name: str, units: int) -> Iterator[tuple[str, float]]:
    address = f"http://127.0.0.1:{hub.port}/"
    for width in (390, 1280):
        with opened(hub, width) as page:
            cpu = hub.cpu()
            yield (
                f"{name}: first page of {units} units, {width} px, ms",
                median(lambda page=page: painted(page, address)),
            )
            cpu = 1000 * (hub.cpu() - cpu) / (TURNS + 1)
            yield f"{name}: the same, hub's CPU, ms", cpu


def a_months_minutes(hub: Hub, unit: str) -> Iterator[tuple[str, float]]:
    of = f"/levels/{unit}/minutes?first=2026-10-25&days={DAYS}"
    figures = of.replace("minutes", "figures")
    with opened(hub, 390) as page:
        page.goto(f"http://127.0.0.1:{hub.port}/health")
        count = page.evaluate(MINUTES, of)[1]
        yield f"{count} minutes of a month, ms", median(lambda: page.evaluate(MINUTES, of)[0])
        took = "async (address) => { const begun = performance.now(); await (await fetch(address))"
        took += ".text(); return performance.now() - begun; }"
        yield "its figures, ms", median(lambda: page.evaluate(took, figures))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--units", type=int, default=200)
    words.add_argument("--beside", default=EARLIER, help="a commit; empty: none")
    asked = words.parse_args()
    ids = [f"SIM-{n:04}" for n in range(1, asked.units + 1)]
    with earlier_tree(asked.beside) as trees:
        for name, tree in trees.items():
            with tempfile.TemporaryDirectory() as folder:
                data = Path(folder) / "hub"
                data.mkdir()
                if tree == ROOT:
                    a_month(data / "hub.sqlite", ids[0])
                hub = Hub(tree, data, ids)
                try:
                    found = [*first_pages(hub, name, asked.units)]
                    if tree == ROOT:
                        found += a_months_minutes(hub, ids[0])
                finally:
                    hub.stop()
                for what, ms in found:
                    print(f"{what}: {ms:.0f}", flush=True)


if __name__ == "__main__":
    main()
