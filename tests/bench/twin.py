"""What whole runs of `noisetamer simulate` cost, beside an earlier build, in turns:

    python tests/bench/twin.py [--beside f65971a] [--turns 3] [--only levels]
    python tests/bench/twin.py --month 30 --units 20

CPU seconds of the process tree, as the median of several, and the peak of its memory (PSS, five
times a second); the machine is shared, so look at the ratio. Each build runs once before, so that
what it keeps is there. --month: this build alone plays so many days with so many units, and says
its peak so far each minute.

Of a further second, a long run less a short one, the wall time too: box and host work at once, so
look at that on a machine with two cores that do nothing else.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from earlier_tree import earlier_tree
from folders import ROOT
from processor_time import children

EARLIER = "f65971a"
RUNS = {
    "sound, 2 min": ("evening_square", "--until", "2m"),
    "sound, 2 min, with pictures": ("evening_square", "--until", "2m", "--out", "OUT"),
    "levels, 2 h": ("evening_square", "--levels"),
    "levels, a night": ("quiet_night", "--levels"),
    "levels, a night, 4 units": ("quiet_night", "--levels", "--units", "4"),
    "levels, a day": ("DAYS 1", "--levels", "--out", "OUT"),
    "levels, three days": ("DAYS 3", "--levels", "--out", "OUT"),
}
# Two runs whose difference is what more of the same costs: words, seconds of each.
FURTHER = {
    "a further second of sound": (("evening_square",), (120, 720)),
    "a further second of levels": (("evening_square", "--levels"), (600, 7200)),
}
SQUARE = """
title = "Days of a square"
start = 2026-11-01T00:00:00
duration = "{hours}h"

[[source]]
name = "street"
sound = "traffic"
level = "70 dB"
distance = "10 m"

[[source]]
name = "dance"
sound = "music"
level = "88 dB"
distance = "10 m"
every = "24h"
first = "19h"
lasts = "90m"
spread = "20m"

[[group]]
name = "dancers"
sources = ["dance"]
listens = 0.7
turns_down = "14 dB"
relapses = 0.8
relapse_after = ["8m", "20m"]
relapses_by = "14 dB"
"""


class Cost(NamedTuple):
    """Of one run: s of CPU, MiB of the process tree at its peak, s of wall time."""

    cpu: float
    peak: float
    wall: float


def tree_of(process: int) -> Iterator[int]:
    """A process and all below it."""
    yield process
    for child in children(process):
        yield from tree_of(child)


def memory(process: int) -> float:
    """PSS of a process and all below it, MiB; what ends meanwhile counts as none."""
    found = 0
    try:
        for one in tree_of(process):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            found += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        pass
    return found / 1024


def watch(process: int, tell: bool, over: threading.Event, peak: list[float]) -> None:
    """Note the peak of its memory until it is over."""
    for fifth in itertools.count(1):
        peak.append(max(peak.pop(), memory(process)))
        if tell and fifth % 300 == 0:
            print(f"after {fifth // 300} min: {peak[0]:.0f} MiB", flush=True)
        if over.wait(0.2):
            return


def cost(tree: Path, words: tuple[str, ...], tell: bool = False) -> Cost:
    """Of one run by the build in `tree`. tell: print its peak so far each minute."""
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
        over, peak = threading.Event(), [0.0]
        watcher = threading.Thread(target=watch, args=(process.pid, tell, over, peak))
        watcher.start()
        # What the box itself took is in it: its host has waited for it.
        _, code, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        over.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(code)
    # 1: an earlier build expected of a story that was cut what comes later.
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode} in {tree}")
    return Cost(used.ru_utime + used.ru_stime, peak[0], wall)


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
    words.add_argument("--month", type=int, metavar="DAYS")
    words.add_argument("--units", default="20")
    asked = words.parse_args()
    if asked.month:
        line = (f"DAYS {asked.month}", "--levels", "--no-trace", "--out", "OUT")
        one = cost(ROOT, (*line, "--units", asked.units), tell=True)
        print(f"{asked.units} units, {asked.month} days: {one.cpu:.0f} s, {one.peak:.0f} MiB")
        return
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
