"""From the hub through its broker to the box, and back: each order's effect is known at once."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from days_of_faults import START, Life
from folders import SUPPORT
from hub_and_proxies import HubAndProxies
from hub_process import HubProcess, until
from live_box import STORY, Ledger, LiveBox, caught_up, must_agree
from orderly_hub import OrderlyHub

from noisetamer.base.paths import FIRMWARE
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import HEAP, Tier
from tamer.record.reading import OWN_VOICE, reason

pytestmark = pytest.mark.e2e

# Box seconds in a real one: what takes long enough shows, and yet nobody waits.
PACE = 4.0
SENTENCE = (FIRMWARE / "voices" / "polite_en.wav").read_bytes()


@pytest.fixture
def orders(hub: HubProcess) -> Iterator[OrderlyHub]:
    one = OrderlyHub(hub)
    yield one
    one.close()


class Asking:
    """A box and its hub in virtual time; somebody asks the hub for something while both live."""

    def __init__(self, folder: Path) -> None:
        self.far = HubAndProxies(["SIM-0001"], folder, START)
        story = scenario.load(str(SUPPORT / "days_of_faults.toml"))
        story = replace(story, start=START, duration_s=600, faults=())
        way = self.far.ways[0]
        self._second = 0
        self._asks: Callable[[], None] | None = None
        self._now = 0.0
        self.life = Life(0, story, way, folder, 1 << 16, HEAP, lambda: self._second, self._peers)

    def live_until(self, true: Callable[[], bool]) -> None:
        while not true():
            self._second += 1
            self.life.live_on(lambda: False)

    def took(self, verb: str, fields: dict[str, Any], result: str) -> float:
        """From asking until the hub knows that, s."""
        asked = {"verb": verb, "reason": "a trial", "fields": fields}
        at: list[float] = []
        number: list[int] = []

        def ask() -> None:
            answer = self.far.hub.post("step-in/SIM-0001/orders", json=asked)
            assert answer.status_code == 202, answer.text
            number.append(int(answer.json()[0]["id"].rpartition("-")[2]))
            at.append(self._now)

        self._asks = ask
        self.live_until(lambda: bool(at))
        self.live_until(lambda: (number[0], result) in self.known())
        return self._now - at[0]

    def connected(self) -> bool:
        with closing(sqlite3.connect(self.far.hub.data / "hub.sqlite")) as store:
            return bool(store.execute("SELECT 1 FROM record").fetchall())

    def known(self) -> set[tuple[int, str]]:
        with closing(sqlite3.connect(self.far.hub.data / "hub.sqlite")) as store:
            rows = store.execute("SELECT fields FROM event WHERE kind='order'").fetchall()
        told = [json.loads(fields) for (fields,) in rows]
        return {(one["n"], one["result"]) for one in told}

    def _peers(self, now: float) -> float:
        due, self._now = self.far.serve(0, now), now
        if self._asks:
            self._asks, ask = None, self._asks
            ask()
            due = self.far.serve(0, now)
        return due


def test_what_is_asked_of_the_hub_is_done_and_known_within_two_seconds(tmp_path: Path):
    """By the box's clock, while hub and broker take no time: nothing waits for its turn."""
    both = Asking(tmp_path)
    try:
        both.live_until(both.connected)
        lamp = {"state": "on", "for": 60}
        message = {"message": "polite_zh"}
        took = {
            "light": both.took("spotlight", lamp, "done"),
            "speech": both.took("say", message, "begun"),
            "mute": both.took("mute", {"for": 600}, "done"),
            "refusal": both.took("say", message, "refused"),
        }
    finally:
        both.life.end()
        both.far.close()
    # from letting go of the button to the first word
    assert took.pop("speech") < 3
    assert max(took.values()) < 2, took


def test_what_is_ordered_is_done_and_known_and_nothing_is_lost(
    hub: HubProcess,
    box: Callable[..., LiveBox],
    orders: OrderlyHub,
):
    # Nothing is loud there but the box itself.
    night = scenario.load("quiet_night")
    unit = box(tier=Tier.AUDIO, story=night, pace=PACE)
    unit.wait_for_second(12)
    until(lambda: Ledger(hub).seconds(), "the box connected: what is sent before is lost")
    message = orders.give(1, "spotlight", unit.now() + 600, state="on", for_=20)
    orders.wait_for(1, "done", message)
    sentence = orders.give(2, "play", unit.now() + 600, SENTENCE)
    orders.wait_for(2, "begun", sentence)
    orders.send(message)
    orders.wait_for(2, "done")
    orders.wait_for(1, "refused")
    ledger = caught_up(hub, night.start - STORY.start + 30)
    unit.stop()
    must_agree(unit, ledger)
    said = [(event["n"], event["result"], event.get("why")) for event in orders.told()]
    assert sorted(said) == [
        (1, "done", None),
        (1, "refused", "number"),
        (2, "begun", None),
        (2, "done", None),
        (2, "taken", None),
    ]
    spoken = [line["t"] for line in unit.lines if line.get("event") == "order"]
    marked = [second.t for second in unit.seconds() if reason(second) == OWN_VOICE]
    assert any(spoken[0] < t <= spoken[-1] for t in marked)
    assert not [line for line in unit.lines if line.get("reason") == "gap"]
    assert max(line["LAeq"] for line in unit.lines if line.get("reason") == "own voice") > 65
    assert not [line for line in unit.lines if line.get("event") == "stage"]
