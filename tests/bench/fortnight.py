"""Days of faults: `python tests/bench/fortnight.py [--seeds 1-20] [--days 14] [--boxes 3]`.

Boxes of the levels tier report to the real hub and its real broker, through proxies that delay,
cut, double and half-open; hub, broker, Wi-Fi, names, time servers and power fail at random. Prints
what was injected and what became of each second; the exit status is 1 where a promise was broken.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from days_of_faults import START, Days
from fault_schedule import Schedule, schedule
from second_account import account

_DAY = 86_400
# The hub waits for the disk with each commit.
_SHM = Path("/dev/shm")


def live(made: Schedule, seed: int) -> tuple[Counter[str], list[str]]:
    """Seconds of all boxes by what became of them, and what was broken."""
    seconds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(dir=_SHM if _SHM.is_dir() else None) as folder:
        days = Days(made, Path(folder), seed)
        try:
            days.run()
        finally:
            days.end()
        broken = days.broken
        for one in days.lives:
            store = days.hub.data / "hub.sqlite"
            found = account(store, one.unit, one.box.boots(), START, START + made.seconds)
            seconds += found.seconds
            broken += found.broken
    if seconds.total() != made.seconds * len(made.boxes):
        broken.append(f"{seconds.total()} seconds are accounted for")
    return seconds, broken


def show(title: str, injected: dict[str, tuple[int, int]], seconds: Counter[str]) -> None:
    print(title)
    for kind, (times, lasted) in injected.items():
        print(f"  fault {kind:28}{times:8}{lasted:10} s")
    for what, number in seconds.most_common():
        print(f"  seconds: {what:37}{number:8} s {number / seconds.total():8.3%}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AS_WRITTEN)
    parser.add_argument("--seeds", default="1-20", help="one, or from-to")
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--boxes", type=int, default=3)
    parser.add_argument("--haste", type=float, default=1, help="so many times more faults")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    all_broken = 0
    total: Counter[str] = Counter()
    injected: dict[str, tuple[int, int]] = {}
    for seed in range(int(first), int(last or first) + 1):
        made = schedule(seed, round(options.days * _DAY), options.boxes, options.haste)
        began = time.monotonic()
        seconds, broken = live(made, seed)
        took = time.monotonic() - began
        show(f"seed {seed}, {options.days:g} days, {took:.0f} s", made.injected(), seconds)
        for what in broken:
            print(f"  BROKEN seed {seed}, {what}")
        sys.stdout.flush()
        all_broken += len(broken)
        total += seconds
        for kind, (times, lasted) in made.injected().items():
            before = injected.get(kind, (0, 0))
            injected[kind] = before[0] + times, before[1] + lasted
    show(f"in sum, {all_broken} promises broken", injected, total)
    return 1 if all_broken else 0


_AS_WRITTEN = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    sys.exit(main())
