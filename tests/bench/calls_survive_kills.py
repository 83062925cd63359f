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

from killed_evening import Outcome, play

SEEDS = 30


def main(seeds: int) -> int:
    played: list[Outcome] = []
    begin = time.monotonic()
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as place:
            found = play(Path(place) / "hub", seed, squares=3, reds=3, kills=4)
        played.append(found)
        for what in found.lost:
            print(f"seed {seed}: LOST: {what}", flush=True)
        print(
            f"seed {seed}: red {found.reds} times, {found.incidents} incidents, "
            f"{found.calls} calls, {found.all_clears} all-clears, {found.withdrawn} withdrawn, "
            f"{found.late} late, "
            f"kills {dict(found.kills)}, doubles {found.doubles}",
            flush=True,
        )
    lost = sum(len(one.lost) for one in played)
    kills = sum((one.kills for one in played), Counter[str]())
    print(
        f"{seeds} seeds in {time.monotonic() - begin:.0f} s, {dict(kills)} kills: "
        f"{sum(one.calls for one in played)} calls "
        f"and {sum(one.all_clears for one in played)} all-clears had by phones, "
        f"{sum(one.withdrawn for one in played)} withdrawn before they went out, "
        f"{sum(one.late for one in played)} incidents over before the hub heard of them; "
        f"lost {lost}, doubles {sum(one.doubles for one in played)}"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
