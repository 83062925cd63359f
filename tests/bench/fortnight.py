"""Days of faults: `python tests/bench/fortnight.py [--seeds 1-20] [--days 14] [--boxes 3]`.

Boxes of the levels tier report to the real hub and its real broker, through proxies that delay,
cut, double and half-open; hub, broker, Wi-Fi, names, time servers, crystal, flash and power fail
at random. Prints what was injected and what became of each second; the exit status is 1 where a
promise was broken.

Nothing is waited for but work. A day of a box and its hub without faults took 111 s beside five
other busy programs on two cores, 270 to 470 s beside twelve; of these 80 to 110 s were processor
time, a third the box's, a third this program's. Each start of a hub adds some 1.5 s, of a box half
a second. So a fortnight of three boxes takes one to two hours of a core that it has for itself.
`--haste 14` puts the faults of a fortnight into a day, but for the long absence of each week that
fills small journals, which needs a day at least; `--days 0.15 --haste 14` is 2 to 5 minutes.

Run so far: seeds 1-4, 6 and 7 so, and seed 101 of one box with `--days 1 --haste 14`: no promise
was broken. No whole fortnight yet.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
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
        days = Days(made, Path(folder), seed, progress(seed, made.seconds))
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


def progress(seed: int, seconds: int) -> Callable[[int], None]:
    """Says each tenth."""
    tenths = 0

    def passed(second: int) -> None:
        nonlocal tenths
        if 10 * second // seconds > tenths:
            tenths = 10 * second // seconds
            print(f"seed {seed}: {second / _DAY:.2f} days lived", file=sys.stderr, flush=True)

    return passed


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
