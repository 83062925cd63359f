"""A replay of what a box recorded, under the policy it had, decides what the box did."""

import pytest
from shared_runs import Runs

from noisetamer.hub.backtest import stored
from noisetamer.hub.backtest.command import message_s
from noisetamer.hub.backtest.replay import Replay
from noisetamer.simulate import trace
from noisetamer.square import scenario
from tamer.judge import policy

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("name", ["evening_square in sound", "evening_square", "quiet_night"])
def test_a_replay_decides_what_the_box_did(runs: Runs, name: str):
    folder = runs[name].folder
    table = scenario.load(name.removesuffix(" in sound")).box.policy
    replay = Replay(policy.read(table), message_s)
    for _, second in stored.seconds(folder):
        replay.hear(second)
    lines = trace.read(folder / "trace.jsonl")
    warned = [line["t"] for line in lines if line.get("event") == "warning"]
    reddened = [line["t"] for line in lines if line.get("to") == "red"]
    assert replay.did.spoken == warned
    assert replay.did.incidents == reddened
