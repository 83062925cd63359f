"""What rules and ladder cost a second, in counts: they do not depend on the machine.

On the box they may take 3 ms. A bytecode of the box's 240 MHz takes about a microsecond with all
that hangs on it; CPython's bytecodes, which can be counted, are about as many.
"""

import json
import os
import subprocess

import judged_seconds
import pytest
from bytecodes import bytecodes
from judged_seconds import cases

from noisetamer.base.paths import FIRMWARE, micropython
from tamer.judge import ladder, rules
from tamer.judge.sound_budget import SoundBudget

pytestmark = pytest.mark.bench

BUDGET = 3000  # bytecodes

# Bytes, in the unix port, whose words are twice as long as the box's.
MOST_HEAP = {
    "quiet": 160,
    "own voice": 1000,
    "near the limit": 400,
    "red without a voice": 800,
    "listening": 1000,
    "told, counted and handed over": 8000,
}


def test_the_dearest_second_and_a_new_ruling_stay_within_the_budget():
    judged = {name: bytecodes(ladder.step, *case) for name, case in cases().items()}
    case = cases()["quiet"]
    asked = bytecodes(rules.ruling, case.policy, case.second.t)
    assert max(judged.values()) + asked < BUDGET, judged


def test_a_quiet_second_costs_next_to_nothing():
    assert bytecodes(ladder.step, *cases()["quiet"]) < 130


def test_what_is_left_of_a_limit_over_minutes_costs_little_in_most_seconds():
    second = cases()["quiet"].second._replace(LAeq=655)
    budget = SoundBudget(650, 10)
    costs: list[int] = []
    for _ in range(400):
        costs.append(bytecodes(budget.add, second) + bytecodes(budget.told))
    assert len(budget.told()) == 4
    assert max(costs) < BUDGET / 2
    assert sorted(costs)[len(costs) * 3 // 4] < 200


@pytest.fixture(scope="module")
def heap() -> dict[str, float]:
    ran = subprocess.run(
        [*micropython(), "-X", "heapsize=2m", judged_seconds.__file__],
        env={**os.environ, "MICROPYPATH": str(FIRMWARE)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: used for name, (_, used) in json.loads(ran.stdout).items()}


@pytest.mark.parametrize("name", MOST_HEAP)
def test_no_second_litters_the_heap(heap: dict[str, float], name: str):
    assert heap[name] <= MOST_HEAP[name]
