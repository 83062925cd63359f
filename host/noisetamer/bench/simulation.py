"""A simulated box: how many of its seconds this machine plays in one."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from noisetamer.bench.found import Found, Ratio
from noisetamer.bench.turns import cpu_of

# {name: (options, seconds, seconds where it must be quick)}
TIERS: dict[str, tuple[list[str], int, int]] = {
    "in sound": ([], 600, 60),
    "in levels": (["--levels"], 7200, 1200),
}


def measured(folder: Path, quick: bool, progress: Callable[[str], None]) -> Found:
    """Whole commands, their start included, the second of two: loops of sound are kept."""
    how = " and ".join(
        f"{short if quick else long} s {name}" for name, (_, long, short) in TIERS.items()
    )
    found = Found(f"one box of evening_square, {how}; the second of two runs")
    for name, (options, long, short) in TIERS.items():
        seconds = short if quick else long
        play = [sys.executable, "-m", "noisetamer", "simulate", "evening_square"]
        for turn in (1, 2):
            progress(f"simulation: {seconds} s {name}, run {turn} of 2")
            until = ["--until", f"{seconds}s", "--out", str(folder / f"{name} {turn}")]
            begun = time.monotonic()
            cpu = cpu_of([*play, *options, *until])
            wall = time.monotonic() - begun
        found.figures[f"simulated box {name}: its s in one s"] = seconds / wall
        found.figures[f"simulated box {name}: its s in one CPU s"] = seconds / cpu
        found.ratios.append(Ratio(f"simulated box {name} / real time: CPU", cpu / seconds))
    return found
