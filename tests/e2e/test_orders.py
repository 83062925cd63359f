"""From the hub through its broker to the box, and back: each order's effect is known at once."""

from collections.abc import Callable, Iterator

import pytest
from hub_process import HubProcess, until
from live_box import STORY, Ledger, LiveBox, caught_up, must_agree
from orderly_hub import OrderlyHub

from noisetamer.base.paths import FIRMWARE
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier
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


def test_what_is_ordered_is_done_and_known_within_two_seconds_and_nothing_is_lost(
    hub: HubProcess,
    box: Callable[..., LiveBox],
    orders: OrderlyHub,
):
    # Nothing is loud there but the box itself.
    night = scenario.load("quiet_night")
    unit = box(tier=Tier.AUDIO, story=night, pace=PACE)
    unit.wait_for_second(12)
    until(lambda: Ledger(hub).seconds(), "the box connected: what is sent before is lost")
    message = orders.give(1, "spotlight", unit.now() + 60, state="on", for_=20)
    assert orders.wait_for(1, "done") < 2
    orders.give(2, "play", unit.now() + 60, SENTENCE)
    # From letting go of the button to the first word.
    assert orders.wait_for(2, "begun") < 3
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
