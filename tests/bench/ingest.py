"""Batches a second through TLS, broker and hub, beside an earlier build and a naive table:

    python tests/bench/ingest.py [--units 600] [--backlog 200] [--beside 32f3ee8]

Every box brings a backlog and sends it as fast as it is acknowledged, 16 records on the way: what
the hub can do, not what the boxes want. Of each build: batches a second by the clock, CPU of the
hub, the broker and the load apart, what two cores could do by that CPU if nothing else had them,
and what is lost. Beside it rows of one second each in SQLite, with no broker, no TLS, no chain and
no acknowledgement at all: one commit a batch, and one commit for 256. Last, bytes on disk.

CPU is what to compare: by the clock a machine that others use too tells little.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from earlier_tree import earlier_tree

from noisetamer.load.box import Told
from noisetamer.load.run import Load, Plan
from noisetamer.load.site import OwnHub
from tamer.record import encoding

EARLIER = "32f3ee8"
AT_ONCE = 256
COMMITS = 4000


class TreeHub(OwnHub):
    """The hub of one tree."""

    def __init__(self, data: Path, tree: Path) -> None:
        super().__init__(data)
        self._path = os.pathsep.join(str(tree / part) for part in ("host", "firmware"))

    def start(self) -> None:
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = self._path
        try:
            super().start()
        finally:
            os.environ.pop("PYTHONPATH")
            if before is not None:
                os.environ["PYTHONPATH"] = before


def through_the_hub(name: str, tree: Path, units: int, backlog: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hub = TreeHub(Path(folder) / "hub", tree)
        # every: no new batches meanwhile
        plan = Plan(units, 0.5, (), every=100_000.0, backlog=backlog)
        load = Load(plan, hub, lambda line: print(line, file=sys.stderr))
        hub.enrol(load.units)
        hub.start()
        try:
            found = asyncio.run(load.run())
        finally:
            hub.stop()
        load.account(found)
        used = {what: sum(s.cpu[what] for s in found.stretches) for what in ("hub", "broker")}
        spent = sum(stretch.seconds for stretch in found.stretches)
        playing = sum(stretch.cpu["load"] for stretch in found.stretches)
        count = sum(stretch.account.acknowledged for stretch in found.stretches)
        lost = sum(stretch.account.lost for stretch in found.stretches)
        size = _used(hub.data / "hub.sqlite")
    each = {what: 1e6 * cpu / count for what, cpu in used.items()}
    # Python's threads share one core, the broker's do not
    reach = min(1e6 / each["hub"], 2e6 / (each["hub"] + each["broker"]))
    print(
        f"{name}: {count} batches in {spent:.0f} s, {count / spent:.0f} a second; CPU µs a batch: "
        f"hub {each['hub']:.0f}, broker {each['broker']:.0f}, load {1e6 * playing / count:.0f}; "
        f"two cores by that: {reach:.0f} a second; {lost} lost; "
        f"{size / count / 10:.1f} bytes a second of levels, not packed yet",
        flush=True,
    )


def naive(at_once: int) -> None:
    told, rows = Told("SIM-L00001", 0, 1795431600, 1), 0
    batches = [encoding.seconds(told.record(seq)) for seq in range(1, COMMITS + 1)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "naive.sqlite"
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(
                "CREATE TABLE level(unit TEXT, t INTEGER, LAeq INTEGER, LAFmax INTEGER,"
                " LCeq INTEGER, LCpeak INTEGER, flags INTEGER, PRIMARY KEY(unit, t))"
            )
            began, cpu = time.monotonic(), time.process_time()
            for at in range(0, COMMITS, at_once):
                connection.execute("BEGIN")
                for n, batch in enumerate(batches[at : at + at_once]):
                    unit = f"SIM-{(at + n) % 600:05}"
                    connection.executemany(
                        "INSERT INTO level VALUES(?,?,?,?,?,?,?)", [(unit, *s) for s in batch]
                    )
                    rows += len(batch)
                connection.execute("COMMIT")
            spent, cpu = time.monotonic() - began, time.process_time() - cpu
        size = _used(file)
    print(
        f"rows of a second, a commit for {at_once}: {COMMITS / spent:.0f} batches a second, CPU "
        f"{1e6 * cpu / COMMITS:.0f} µs a batch; {size / rows:.1f} bytes a second of levels"
    )


def _used(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--units", type=int, default=600)
    words.add_argument("--backlog", type=int, default=200)
    words.add_argument("--beside", default=EARLIER, help="a commit; empty: none")
    asked = words.parse_args()
    with earlier_tree(asked.beside) as trees:
        for name, tree in trees.items():
            through_the_hub(name, tree, asked.units, asked.backlog)
    naive(1)
    naive(AT_ONCE)


if __name__ == "__main__":
    main()
