"""What a short run costs before it plays, and what a long one holds: counts, not seconds."""

import subprocess
import sys
import tracemalloc

import pytest
from hand_built import second

from noisetamer.simulate import levels_series, run, summary, trace
from noisetamer.simulate.expect import Expectations
from noisetamer.simulate.unit_run import UnitRun
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

SQUARE = """
title = "A crowd"
start = 2026-11-24T19:00:00
duration = "5s"

[[source]]
name = "crowd"
sound = "murmur"
level = "60 dB"
distance = "1 m"
"""

SLOW_TO_LOAD = ("matplotlib", "PIL", "rich", "soundfile", "soxr", "scipy.signal", "scipy.stats")

PROGRAM = """
import atexit, sys
from pathlib import Path
from noisetamer.square import kept_loops
kept_loops.FOLDER = Path(sys.argv.pop())
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from noisetamer.cli import main
sys.exit(main())
"""


@pytest.mark.e2e
def test_a_run_that_nobody_looks_at_loads_nothing_that_draws_or_designs(tmp_path):
    """Nor does one that makes its sounds."""
    file = tmp_path / "crowd.toml"
    file.write_text(SQUARE)
    command = [sys.executable, "-c", PROGRAM, "simulate", file, "--levels", tmp_path / "loops"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert list((tmp_path / "loops").iterdir())
    assert "numpy" in loaded
    assert not set(SLOW_TO_LOAD) & set(loaded)


@pytest.mark.device
def test_what_it_holds_does_not_grow_with_its_duration(tmp_path, monkeypatch):
    monkeypatch.setattr(levels_series, "_MOST_COLUMNS", 100)
    night = scenario.load("quiet_night")
    runs = [UnitRun(night, 1, 0, 6000, Tier.LEVELS, 0)]
    least: dict[int, int] = {}

    class Weighed(summary.Tally):
        """Between two lines of the trace: what is on its way differs, so the least counts."""

        def add(self, line):
            super().add(line)
            held, _ = tracemalloc.get_traced_memory()
            part = (line["t"] - night.start) // 1000
            least[part] = min(held, least.get(part, held))

    monkeypatch.setattr(summary, "Tally", Weighed)
    tracemalloc.start()
    try:
        run._play(run.Job("night", runs, Expectations({}), tmp_path), lambda second: None)
    finally:
        tracemalloc.stop()
    # Eight bytes for each second between would be 32,000.
    assert least[5] - least[1] < 20_000


def test_nothing_is_held_to_merge_what_units_have_told(tmp_path):
    def peak(seconds):
        paths = [tmp_path / f"SIM-{number:04}" for number in range(2)]
        for path in paths:
            with trace.Trace(path) as lines:
                lines.extend(second(i, unit=path.name) for i in range(seconds))
        tracemalloc.start()
        trace.merge([path / "trace.jsonl" for path in paths], tmp_path / "trace.jsonl")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert abs(peak(3000) - peak(300)) < 10_000
