"""From one firmware to the next over a real broker, and the hub knows it."""

from collections.abc import Callable
from typing import Any

import pytest
import releases
from hub_process import HubProcess, until
from live_box import Ledger, LiveBox
from orderly_hub import OrderlyHub

from noisetamer.hub.wire import Event
from noisetamer.square import scenario
from noisetamer.unit.files import firmware_files
from noisetamer.virtual.firmware_process import Tier
from tamer.record import release

pytestmark = pytest.mark.e2e

# Box seconds in a real one.
PACE = 8.0


def test_a_box_goes_to_a_new_release_by_an_order_and_reports_by_it(
    hub: HubProcess, box: Callable[..., LiveBox]
):
    root = releases.root_key()["root.key"].decode()
    tree = firmware_files.tree("esp32_s3", "esp32s3", releases.MPY).files
    files = {path: content for path, content in tree.items() if release.is_firmware(path)}
    unit = box(tier=Tier.LEVELS, story=scenario.load("quiet_night"), pace=PACE, root=root)
    unit.wait_for_second(8)
    made = releases.made({**files, **releases.version("0.2.0")}, unit.now())
    orders = OrderlyHub(hub)

    def told(n: int) -> list[dict[str, Any]]:
        return [event for event in orders.told() if event.get("n") == n]

    def ended(n: int) -> bool:
        return told(n)[-1:] != [] and told(n)[-1]["result"] in ("done", "refused")

    n = 0
    try:
        for n in range(1, 5):
            orders.give(n, "update", unit.now() + 300, made.whole, **made.told)
            until(lambda n=n: ended(n), f"an end of order {n}")
            if told(n)[-1].get("why") != "no memory":
                break  # else it gets it again, as a hub does it
    finally:
        orders.close()

    def boots() -> list[dict[str, Any]]:
        records = Ledger(hub).records
        return [r.fields for r in records if isinstance(r, Event) and r.kind == "boot"]

    until(lambda: len(boots()) == 2, "both boots")
    running = [(boot["firmware"], boot["release"], boot["board"]) for boot in boots()]
    assert running == [("0.1.0", 0, "esp32_s3"), ("0.2.0", 7, "esp32_s3")]
    assert [event["result"] for event in told(n)] == ["taken", "done"]
