"""What a short run costs before it plays, and what a long one holds: counts, not seconds."""

import gc
import subprocess
import sys
import tracemalloc

import pytest
from hand_built import second

from noisetamer.simulate import levels_series, run, trace
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
    runs = [UnitRun(scenario.load("quiet_night"), 1, 0, 4000, Tier.LEVELS, 0)]
    held = {}

    def progress(second):
        at = second // 100 * 100
        if at not in held:
            gc.collect()
            held[at], _ = tracemalloc.get_traced_memory()

    tracemalloc.start()
    try:
        run._play(run.Job("night", runs, Expectations({}), tmp_path), progress)
    finally:
        tracemalloc.stop()
    early, late = (max(held[at] for at in held if at // 1000 == hour) for hour in (0, 3))
    # Eight bytes for each second between would be more.
    assert late - early < 20_000
    assert len(held) > 30


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
