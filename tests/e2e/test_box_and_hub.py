"""Whatever breaks between box and hub: every Second arrives, unchanged, exactly once."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from hub_process import HubProcess, until
from live_box import Ledger, LiveBox, caught_up, must_agree

from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.e2e

PowerOn = Callable[..., LiveBox]


def stages(box: LiveBox) -> list[str]:
    return [line["to"] for line in list(box.lines) if line.get("event") == "stage"]


def test_all_that_the_box_heard_and_did_is_in_the_store(hub: HubProcess, box: PowerOn):
    unit = box(tier=Tier.AUDIO)
    unit.wait_for_second(80)
    ledger = caught_up(hub, 70)
    unit.stop()
    assert stages(unit)[:4] == ["amber", "red", "polite", "firm"]
    must_agree(unit, ledger)


def test_without_a_hub_the_box_goes_on_alone_and_later_catches_up(hub: HubProcess, box: PowerOn):
    hub.unit()
    hub.kill()
    unit = box()
    unit.wait_for_second(75)
    heard = unit.seconds()
    assert [second.t for second in heard] == list(range(heard[0].t, heard[0].t + len(heard)))
    assert len(heard) >= 70
    assert stages(unit)[:5] == ["amber", "red", "polite", "firm", "green"]
    assert "spoken" in {kind for _, kind in unit.events()}

    hub.start()
    ledger = caught_up(hub, 75)
    unit.stop()
    must_agree(unit, ledger)


def test_a_broker_killed_in_mid_run_costs_nothing(hub: HubProcess, box: PowerOn):
    unit = box()
    caught_up(hub, 20)
    os.kill(hub.broker_pid(), signal.SIGKILL)
    unit.run_on(40)
    ledger = caught_up(hub, 70)
    unit.stop()
    assert hub.says("The broker is back.")
    must_agree(unit, ledger)


def test_a_hub_killed_in_mid_run_lost_nothing_it_had_acknowledged(hub: HubProcess, box: PowerOn):
    unit = box()
    caught_up(hub, 30)
    acknowledged: dict[int, Any] = Ledger(hub).acknowledged
    hub.kill()
    after = Ledger(hub)
    assert acknowledged[1] > 1
    assert set(range(1, acknowledged[1] + 1)) <= set(after.numbers())

    unit.run_on(20)
    hub.start()
    unit.run_on(20)
    ledger = caught_up(hub, 80)
    unit.stop()
    must_agree(unit, ledger)


def test_an_examination_a_person_asks_for_is_carried_out_and_told_on_the_page(
    hub: HubProcess, box: PowerOn
):
    def examinations() -> int:
        return sum(kind == "doctor" for _, kind in Ledger(hub).events())

    # Few box seconds in a real one: an order expires by the box's own clock.
    unit = box(tier=Tier.AUDIO, pace=4.0)
    unit.wait_for_second(20)
    caught_up(hub, 10)
    before = examinations()  # every start has one
    assert hub.post("units/SIM-0001/examine").status_code == 200
    until(lambda: examinations() > before, "another examination")
    until(lambda: "order" in {kind for _, kind in Ledger(hub).events()}, "what became of it")
    unit.stop()
    assert "the signal doctor finds the microphone in order" in hub.get("?lang=en").text
