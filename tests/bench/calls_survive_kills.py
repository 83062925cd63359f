"""Calls while hub and broker are killed: `python tests/bench/calls_survive_kills.py [SEEDS]`.

Each seed is an evening of three squares, each too loud three times, real hub, broker and ntfy
stream, in which four kills -9 fall at random. Prints what was lost (nothing may be), and how often
a phone had a message a second time.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from killed_evening import play

SEEDS = 30


def main(seeds: int) -> int:
    lost, doubles, calls, all_clears, withdrawn, late = 0, 0, 0, 0, 0, 0
    kills: Counter[str] = Counter()
    begin = time.monotonic()
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as place:
            found = play(Path(place) / "hub", seed, squares=3, reds=3, kills=4)
        for what in found.lost:
            print(f"seed {seed}: LOST: {what}", flush=True)
        print(
            f"seed {seed}: red {found.reds} times, {found.incidents} incidents, "
            f"{found.calls} calls, {found.all_clears} all-clears, {found.withdrawn} withdrawn, "
            f"{found.late} late, "
            f"kills {dict(found.kills)}, doubles {found.doubles}",
            flush=True,
        )
        lost += len(found.lost)
        doubles += found.doubles
        calls += found.calls
        all_clears += found.all_clears
        withdrawn += found.withdrawn
        late += found.late
        kills += found.kills
    print(
        f"{seeds} seeds in {time.monotonic() - begin:.0f} s, {dict(kills)} kills: {calls} calls "
        f"and {all_clears} all-clears had by phones, {withdrawn} withdrawn before they went out, "
        f"{late} incidents over before the hub heard of them; "
        f"lost {lost}, doubles {doubles}"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
