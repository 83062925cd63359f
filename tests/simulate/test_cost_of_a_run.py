"""What a short run costs before it plays, and what a long one holds: counts, not seconds."""

import subprocess
import sys
import tracemalloc

import pytest
from hand_built import second

from noisetamer.simulate import run, trace
from noisetamer.simulate.expect import Expectations
from noisetamer.simulate.unit_run import UnitRun
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

SQUARE = """
title = "A tone"
start = 2026-11-24T19:00:00
duration = "5s"

[[source]]
name = "tone"
sound = "tone"
frequency = "1000 Hz"
level = "60 dB"
distance = "1 m"
"""

SLOW_TO_LOAD = ("matplotlib", "PIL", "rich", "soundfile", "soxr", "scipy.signal", "scipy.stats")

PROGRAM = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from noisetamer.cli import main
sys.exit(main())
"""


@pytest.mark.e2e
def test_a_run_that_nobody_looks_at_loads_nothing_that_draws_or_designs(tmp_path):
    file = tmp_path / "tone.toml"
    file.write_text(SQUARE)
    command = [sys.executable, "-c", PROGRAM, "simulate", file, "--levels"]
    subprocess.run(command, capture_output=True, check=True)  # leaves the loop
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert "numpy" in loaded
    assert not set(SLOW_TO_LOAD) & set(loaded)


def test_what_it_holds_at_the_end_does_not_grow_with_its_duration(tmp_path):
    story = scenario.load("evening_square")

    def peak(seconds):
        out = tmp_path / str(seconds)
        runs = [UnitRun(story, 1, unit, seconds, Tier.LEVELS, 0) for unit in range(2)]
        for one in runs:
            with trace.Trace(out / "units" / one.name) as lines:
                lines.extend(second(i, unit=one.name) for i in range(seconds))
        job = run.Job("square", runs, Expectations({}), out, kept=False)
        played = [run._Played(one.name, 0.0, 1.0) for one in runs]
        tracemalloc.start()
        run._finish(job, played)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert abs(peak(3000) - peak(300)) < 100_000
