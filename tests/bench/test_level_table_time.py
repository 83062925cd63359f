"""How long the seconds of a level table take, in times of what pandas takes for the same file."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from noisetamer.sound import level_tables

# CPU of this process, in turns, the quickest of each counts: what else the machine does, it does
# to both. Seen: 1.3 alone on the machine, 1.5 beside others that take its cache; by the wall 1.0.
LIMIT = 2.0

_ROWS = 1_000_000


def test_a_million_seconds_take_little_more_than_pandas_takes(tmp_path: Path):
    path = tmp_path / "levels.csv"
    stamps = np.datetime64("2026-11-01T00:00:00") + np.arange(_ROWS)
    levels = np.random.default_rng(1).integers(400, 1100, _ROWS) / 10.0
    rows = zip(np.char.replace(stamps.astype(str), "T", " "), levels, strict=True)
    path.write_text("time,LAeq\n" + "".join(f"{at},{level}\n" for at, level in rows))

    def took(work: Callable[[], object]) -> float:
        begun = time.process_time()
        work()
        return time.process_time() - begun

    times = [
        (
            took(lambda: pd.read_csv(path, parse_dates=["time"])),
            took(lambda: level_tables.read(path, zone="UTC")),
        )
        for _ in range(4)
    ]
    theirs, ours = (min(column) for column in zip(*times, strict=True))
    print(f"pandas {theirs:.2f} s, level_tables {ours:.2f} s, {ours / theirs:.1f} times")
    assert ours < LIMIT * theirs

    table = level_tables.read(path, zone="UTC")
    assert table.t[[0, -1]].tolist() == [1793491199.0, 1793491199.0 + _ROWS - 1]
    np.testing.assert_array_equal(table.level, levels)
