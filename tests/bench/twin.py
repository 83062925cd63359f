"""What whole runs of `noisetamer simulate` cost, beside an earlier build, in turns:

    python tests/bench/twin.py [--beside d47b756] [--turns 3]

CPU seconds of the process tree, as the median of several, and the largest process; the machine is
shared, so look at the ratio. Each build runs once before, so that what it keeps is there.

Of a further second, a long run less a short one, the wall time too: box and host work at once, so
look at that on a machine with two cores that do nothing else.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from watchers import earlier_tree

EARLIER = "d47b756"
RUNS = {
    "sound, 2 min": ("evening_square", "--until", "2m"),
    "sound, 2 min, with pictures": ("evening_square", "--until", "2m", "--out", "OUT"),
    "levels, 2 h": ("evening_square", "--levels"),
    "levels, a night": ("quiet_night", "--levels"),
    "levels, a day": ("DAYS 1", "--levels", "--out", "OUT"),
    "levels, three days": ("DAYS 3", "--levels", "--out", "OUT"),
}
# Two runs whose difference is what more of the same costs: words, seconds of each.
FURTHER = {
    "a further second of sound": (("evening_square",), (120, 720)),
    "a further second of levels": (("evening_square", "--levels"), (600, 7200)),
}
SQUARE = """
title = "Days of a street"
start = 2026-11-24T19:00:00
duration = "{hours}h"

[[source]]
name = "street"
sound = "traffic"
level = "70 dB"
distance = "10 m"
"""


class Cost(NamedTuple):
    """Of one run: s of CPU, MiB of the largest process, s of wall time."""

    cpu: float
    peak: float
    wall: float


def cost(tree: Path, words: tuple[str, ...]) -> Cost:
    """Of one run by the build in `tree`."""
    with tempfile.TemporaryDirectory() as folder:
        given = []
        for word in words:
            if word.startswith("DAYS "):
                file = Path(folder) / "days.toml"
                file.write_text(SQUARE.format(hours=24 * int(word[5:])))
                word = str(file)
            given.append(word.replace("OUT", str(Path(folder) / "out")))
        path = f"{tree / 'host'}{os.pathsep}{tree / 'firmware'}"
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "noisetamer", "simulate", *given],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # What the box itself took is in it: its host has waited for it.
        _, code, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(code)
    # 1: an earlier build expected of a story that was cut what comes later.
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode} in {tree}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, wall)


def further(tree: Path, words: tuple[str, ...], seconds: tuple[int, int]) -> Cost:
    """Of a simulated second more; the memory, of the longer run."""
    short, long = (cost(tree, (*words, "--until", f"{some}s")) for some in seconds)
    more = seconds[1] - seconds[0]
    return Cost((long.cpu - short.cpu) / more, long.peak, (long.wall - short.wall) / more)


def medians(
    trees: dict[str, Path], turns: int, measured: Callable[[Path], Cost]
) -> dict[str, Cost]:
    """Of each build, in turns; what they keep was made in one before."""
    found: dict[str, list[Cost]] = {name: [] for name in trees}
    for turn in range(turns + 1):
        for name, tree in trees.items():
            one = measured(tree)
            if turn:
                found[name].append(one)
    return {
        name: Cost(*map(statistics.median, zip(*costs, strict=True)))
        for name, costs in found.items()
    }


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--beside", default=EARLIER, help="a commit; empty: none")
    words.add_argument("--turns", type=int, default=3)
    words.add_argument("--only", default="", help="runs with these words in their name")
    asked = words.parse_args()
    with earlier_tree(asked.beside) as trees:
        for what, line in RUNS.items():
            if asked.only not in what:
                continue
            found = medians(trees, asked.turns, lambda tree, line=line: cost(tree, line))
            said = "; ".join(
                f"{name} {one.cpu:.2f} s, {one.peak:.0f} MiB" for name, one in found.items()
            )
            cpu, memory, _ = ratios(found)
            print(f"{what}: {said}; CPU {cpu:.2f}, memory {memory:.2f}", flush=True)
        for what, (line, seconds) in FURTHER.items():
            if asked.only not in what:
                continue
            found = medians(
                trees,
                asked.turns,
                lambda tree, line=line, seconds=seconds: further(tree, line, seconds),
            )
            said = "; ".join(
                f"{name} {1000 * one.cpu:.3f} ms of CPU, {1000 * one.wall:.3f} ms of wall"
                for name, one in found.items()
            )
            cpu, _, wall = ratios(found)
            print(f"{what}: {said}; CPU {cpu:.2f}, wall {wall:.2f}", flush=True)


def ratios(found: dict[str, Cost]) -> Cost:
    """This build's cost re the earlier one's."""
    earlier, *_, this = found.values()
    return Cost(*(new / old for new, old in zip(this, earlier, strict=True)))


if __name__ == "__main__":
    main()
