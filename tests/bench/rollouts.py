"""How many boxes a bad release hits: `python tests/bench/rollouts.py [RUNS] [GOOD_RUNS] [BOXES]`.

A roll-out to modelled boxes in virtual time, on the hub's real state machine, orders and files.
Of some boxes the release is bad: half of those go back by themselves, half never come back. Each
run has its own chance: cohorts, bad boxes, how long each takes, who is away.
"""

import asyncio
import random
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from updated_units import BACK, SILENT, fleet, squares


@dataclass(frozen=True)
class Outcome:
    """hit: boxes that got it; bad: of those, on which it is bad; hours: until its end."""

    state: str
    cohort: int
    hit: int
    bad: int
    hours: float


def run(folder: Path, boxes: int, share: float, seed: int) -> Outcome:
    """share: of the boxes on which the release is bad."""
    chance = random.Random(seed)
    with fleet(folder, squares(boxes, chance), seed) as made:
        bad = set(chance.sample(sorted(made.units), round(share * boxes)))
        for id in bad:
            made.units[id].fate = chance.choice((BACK, SILENT))
        away = chance.sample(sorted(made.units), boxes // 20)
        for id in away:
            made.units[id].online = False

        async def story() -> None:
            begin = made.now
            await made.push(seed=seed, plan={"patience": 6 * 3600})
            while made.state().state == "running":
                await made.pass_on(300)
                if away and chance.random() < 0.05:
                    made.units[away.pop()].online = True
                assert made.now - begin < 100 * 3600
            # what was under way tells its end
            await made.pass_on(7200)
            hours.append((made.now - begin) / 3600 - 2)

        hours: list[float] = []
        asyncio.run(story())
        hit = {id for id, _ in made.given}
        twice = [id for id, unit in made.units.items() if unit.got > 1]
        assert not twice, f"ordered twice: {twice}"
        state = made.state()
        if state.state == "done":
            # nobody is left out but those who are away
            told = Counter(unit.state for unit in state.units.values())
            assert told["proven"] + told["later"] + told["failed"] == boxes, told
        return Outcome(state.state, state.cohort, len(hit), len(hit & bad), hours[0])


def main(runs: int = 300, good_runs: int = 50, boxes: int = 200) -> None:
    """good_runs: in which no box is bad."""
    for share, many in ((0.03, runs), (0.0, good_runs)):
        found = []
        for seed in range(many):
            with tempfile.TemporaryDirectory(dir=_memory()) as folder:
                found.append(run(Path(folder), boxes, share, seed))
        hits = sorted(one.hit for one in found)
        print(f"{boxes} boxes, {100 * share:g} % bad, {many} runs:")
        for state, count in Counter(one.state for one in found).items():
            print(f"  {state}: {count}")
        print(
            f"  boxes that got it: median {statistics.median(hits):g}, "
            f"90 % {hits[int(0.9 * len(hits))]}, most {hits[-1]}"
        )
        print(f"  bad ones among them: {Counter(one.bad for one in found)}")
        print(f"  cohort it ended in: {Counter(one.cohort + 1 for one in found)}")
        print(f"  hours: median {statistics.median(one.hours for one in found):.1f}", flush=True)


def _memory() -> str | None:
    """Where files cost no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
