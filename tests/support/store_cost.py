"""CPU that a stored record takes in the hub, once with hours of the hub's own and once without.

Both ways store the same hour of the same units in one process, by turns, in a file system in
memory where there is one; the CPU time of each is counted, and their ratio hardly depends on the
machine. What a disk takes to sync is the same for both.
"""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripted_unit import seconds
from store_with_hours import LEVELS, Batch, StoreWithHours

from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Seconds, read_report

HOUR = 1_790_002_800
UNITS = 20
MEMORY = Path("/dev/shm")
COMMITS = 360  # each has ten seconds of every unit
ROUNDS = 3


def records(units: int, commits: int) -> list[list[tuple[str, Seconds]]]:
    """(unit, record) of each commit."""
    return [
        [
            (f"SIM-{unit:04}", new_record(f"SIM-{unit:04}", n, [500 + n % 100] * 10))
            for unit in range(1, units + 1)
        ]
        for n in range(1, commits + 1)
    ]


def old_batch(unit: str, record: Seconds) -> Batch:
    """The same seconds as records were then: columns, and JSON for a body."""
    levels = {metric: [getattr(s, metric) for s in record.seconds] for metric in LEVELS}
    flags = [s.flags for s in record.seconds]
    key = {"v": 1, "b": 1, "s": record.seq, "o": 1, "t": record.t}
    body = json.dumps({**key, **levels, "flags": flags}).encode()
    return Batch(unit, 1, record.seq, 1, record.t, levels, flags, body)


def new_record(unit: str, n: int, LAeq: list[int]) -> Seconds:
    found = read_report(f"dev.{unit}.record", seconds(n, HOUR + 10 * n - 10, LAeq))
    assert isinstance(found, Seconds)
    return found


def cost(kind: Callable[[Path], Any], commits: Sequence[Sequence[Any]]) -> float:
    """CPU seconds of all appends together."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        store = kind(Path(folder) / "hub.sqlite")
        began = time.process_time()
        for batch in commits:
            store.append(0.0, batch)
        used = time.process_time() - began
        store.close()
    return used


def measured(
    units: int = UNITS, commits: int = COMMITS, rounds: int = ROUNDS
) -> tuple[float, float]:
    """CPU ms a record with the hub's own hours and without, each the best of some rounds."""
    told = records(units, commits)
    old = [[old_batch(*one) for one in batch] for batch in told]
    new = [[record for _, record in batch] for batch in told]
    spent = [(cost(StoreWithHours, old), cost(Store, new)) for _ in range(rounds)]
    before, after = (1e3 * min(each) / (units * commits) for each in zip(*spent, strict=True))
    return before, after
