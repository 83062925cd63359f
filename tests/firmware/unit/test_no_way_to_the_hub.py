"""The whole box where there is no way to its hub: it says why, once, and measures on."""

import dataclasses
import datetime
import socket
from pathlib import Path
from typing import Any

import pytest
from stand import Stand

from noisetamer.hub.bus.authority import certificates
from noisetamer.simulate import trace
from noisetamer.simulate.unit_run import Hub, UnitRun, play
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.device

SECONDS = 180
PACE = 60.0


def test_a_hub_that_cannot_be_reached_is_told_of_at_once_and_once(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = certificates(tmp_path / "c", ["127.0.0.1"], datetime.datetime.now(datetime.UTC))
    night = dataclasses.replace(scenario.load("quiet_night"), duration_s=SECONDS)
    hub = Hub("127.0.0.1", port, "127.0.0.1", found.ca_der, "secret")
    lines: list[dict[str, Any]] = []
    run = UnitRun(night, 1, 0, SECONDS, Tier.LEVELS, PACE, hub)
    play(run, tmp_path / "out", lambda second: None, lines.append)
    (told,) = [line for line in lines if line.get("event") == "link"]
    assert (told["up"], told["reason"]) == (False, "refused")
    assert "ECONNREFUSED" in told["detail"]
    assert told["t"] - night.start <= 5
    assert sum(trace.is_second(line) for line in lines) >= SECONDS - 1


def test_half_an_hour_in_which_no_name_server_answers_costs_no_second(tmp_path: Path):
    found = certificates(tmp_path / "c", ["hub.example"], datetime.datetime.now(datetime.UTC))
    night = dataclasses.replace(scenario.load("quiet_night"), duration_s=1800)
    night = scenario.with_faults(night, [("dns-silent", "0s", "30m")])
    hub = Hub("hub.example", 8883, "hub.example", found.ca_der, "secret")
    lines: list[dict[str, Any]] = []
    run = UnitRun(night, 1, 0, 1800, Tier.LEVELS, 0, hub)
    play(run, tmp_path / "out", lambda second: None, lines.append)
    (told,) = [line for line in lines if line.get("event") == "link"]
    assert (told["up"], told["reason"]) == (False, "name not found")
    seconds = [line for line in lines if trace.is_second(line)]
    assert [line["t"] - night.start for line in seconds] == list(range(1800))
    assert not [line for line in seconds if line.get("reason") == "gap"]
    assert sum(line.get("event") == "boot" for line in lines) == 1


@pytest.mark.parametrize(
    ("ssid", "reason"),
    [("locked", "wrong key"), ("absent", "no access point"), ("full", "no address")],
)
def test_a_wifi_that_does_not_let_it_in_is_told_of(ssid: str, reason: str, tmp_path: Path):
    hub = {"host": "127.0.0.1", "port": 1, "name": "127.0.0.1", "ca": "/hub.der", "secret": "s"}
    stand = Stand(tmp_path, hub=hub, wifi={"ssid": ssid, "key": "a long key"})
    ran = stand.run(40)
    ((up, told),) = [(event["up"], event["reason"]) for event in ran.events("link")]
    assert (up, told) == (False, reason)
    assert len(ran.seconds()) >= 38
