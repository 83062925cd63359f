"""A policy that deals by lot, played by the real box: what is told of it, and who can check it."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from program import run
from shared_runs import Runs

from noisetamer.simulate import trace
from noisetamer.square import scenario
from noisetamer.unit.policy import file

pytestmark = pytest.mark.e2e


def test_the_arm_whose_words_are_heeded_needs_fewer(runs: Runs):
    dealt, words, arm = Counter[str](), Counter[str](), ""
    for line in trace.stream(runs["trial"].folder / "trace.jsonl"):
        if line.get("event") == "dealt":
            arm = line["arm"]
            dealt[arm] += 1
            assert (line["trial"], line["probability"]) == ("which words", 500)
        elif line.get("event") == "warning":
            words[arm] += 1
            assert line["message"].endswith({"Chinese": "_zh", "English": "_en"}[arm])
    assert min(dealt["Chinese"], dealt["English"]) > 5
    assert 2 * words["Chinese"] / dealt["Chinese"] < words["English"] / dealt["English"]


def test_whoever_has_record_and_policy_draws_the_same_lots(runs: Runs, tmp_path: Path):
    path = tmp_path / "trial.json"
    path.write_bytes(file.on_box(scenario.load("trial").box.policy))
    data = runs["trial"].folder
    ran = run("policy", "backtest", path, "--data", data, "--out", tmp_path / "out")
    assert ran.code == 0, ran.wrong
    with (tmp_path / "out" / "done.csv").open(encoding="utf-8-sig") as rows:
        dealt = [row for row in csv.DictReader(rows) if row["what"] == "dealt"]
    drawn, told = (
        [(row["time"], row["word"]) for row in dealt if (row["policy"] == "trial.json") == is_ours]
        for is_ours in (True, False)
    )
    assert len(drawn) > 15
    assert drawn == told
