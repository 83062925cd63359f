"""What whole runs of `noisetamer simulate` cost, beside an earlier build, in turns:

    python tests/bench/twin.py [--beside d47b756] [--turns 3]

CPU seconds of the process tree, as the median of several, and the largest process; the machine is
shared, so look at the ratio. Each build runs once before, so that what it keeps is there.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

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


def cost(tree: Path, words: tuple[str, ...]) -> tuple[float, float]:
    """(CPU seconds, MiB of the largest process) of one run by the build in `tree`."""
    with tempfile.TemporaryDirectory() as folder:
        given = []
        for word in words:
            if word.startswith("DAYS "):
                file = Path(folder) / "days.toml"
                file.write_text(SQUARE.format(hours=24 * int(word[5:])))
                word = str(file)
            given.append(word.replace("OUT", str(Path(folder) / "out")))
        path = f"{tree / 'host'}{os.pathsep}{tree / 'firmware'}"
        process = subprocess.Popen(
            [sys.executable, "-m", "noisetamer", "simulate", *given],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # What the box itself took is in it: its host has waited for it.
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode} in {tree}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


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
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in trees}
            for turn in range(asked.turns + 1):
                for name, tree in trees.items():
                    one = cost(tree, line)
                    if turn:
                        found[name].append(one)
            medians = [
                [statistics.median(column) for column in zip(*costs, strict=True)]
                for costs in found.values()
            ]
            said = "; ".join(
                f"{name} {cpu:.2f} s, {peak:.0f} MiB"
                for name, (cpu, peak) in zip(found, medians, strict=True)
            )
            ratios = [new / old for old, new in zip(medians[0], medians[-1], strict=True)]
            print(f"{what}: {said}; CPU {ratios[0]:.2f}, memory {ratios[1]:.2f}", flush=True)


if __name__ == "__main__":
    main()
