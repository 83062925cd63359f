"""What becomes of a unit whose flash is spoilt in one place: `python tests/bench/spoilt_files.py`.

Prints, by kind, the share that boots and measures, how many starts that took at most, and what
kept the others from it. Takes some minutes; --seed, --of (a number of each kind) and --kind change
it, --every-block spoils each block of the file system that is in use.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from spoilt_flash import (
    BLOCKS,
    FILES,
    MEMORY,
    RECORDS,
    Spoiling,
    every_block,
    judged,
    make_chip,
    spoilings,
)

# A thousand in all.
EACH = dict.fromkeys(FILES, 45) | {
    "code": 155,
    "settings": 100,
    MEMORY: 40,
    RECORDS: 40,
    BLOCKS: 80,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--of", type=int, help="so many of each kind")
    parser.add_argument("--kind", choices=EACH, action="append")
    parser.add_argument("--every-block", action="store_true", help="in use, one after the other")
    arguments = parser.parse_args()
    each = {kind: arguments.of or n for kind, n in EACH.items()}
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "made"
        make_chip(made)
        print(f"{'spoilt':14} {'of':>5} {'measure':>8} {'starts':>7} {'hung':>5}")
        if arguments.every_block:
            _judge(made, Path(place), "every block", list(every_block(made)))
            return
        for kind in arguments.kind or each:
            chosen = list(spoilings(made, {kind: each[kind]}, arguments.seed))
            _judge(made, Path(place), kind, chosen)


def _judge(made: Path, place: Path, kind: str, chosen: list[Spoiling]) -> None:
    measured = starts = hung = 0
    why: Counter[str] = Counter()
    for spoiling in chosen:
        outcome = judged(made, place, spoiling)
        measured += outcome.measures
        hung += outcome.hung > 0
        if outcome.measures:
            starts = max(starts, outcome.starts)
        else:
            last = (outcome.words.splitlines() or ["hangs"])[-1]
            why[f"{spoiling.path} {spoiling.how}: {last}"] += 1
    n = len(chosen)
    print(f"{kind:14} {n:5} {measured / n:8.1%} {starts:7} {hung:5}", flush=True)
    for words, times in why.most_common():
        print(f"    {times:3} {words[:110]}", flush=True)


if __name__ == "__main__":
    main()
