"""`/metrics`: Prometheus can read it, strangers cannot, and it holds no name and no secret."""

import json
from typing import Any

import httpx
import pytest
from hub_process import HubProcess
from prometheus_client.parser import text_string_to_metric_families
from scripted_unit import START, Box
from waiting import DEADLINE

pytestmark = pytest.mark.service


def asked(hub: HubProcess, path: str, **how: Any) -> httpx.Response:
    """By nobody, but for what is given."""
    return httpx.get(hub.url + path, timeout=DEADLINE, **how)


def test_prometheus_reads_what_the_hub_counts(hub: HubProcess, box: Box):
    box.seconds(1, START, [500])
    box.event(2, START, "spotlight", on=True)
    box.wait_ack(2)
    assert asked(hub, "metrics").status_code == 401
    bad = {"Authorization": "Bearer wrong"}
    assert asked(hub, "metrics", headers=bad).status_code == 401
    token = (hub.data / "metrics.token").read_text()
    assert (hub.data / "metrics.token").stat().st_mode & 0o777 == 0o600
    good = {"Authorization": f"Bearer {token}"}
    answer = asked(hub, "metrics", headers=good)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert values["noisetamer_records_stored_total", "seconds"] == 1
    assert values["noisetamer_records_stored_total", "event"] == 1
    assert values["noisetamer_acknowledgements_total",] >= 1
    assert values["noisetamer_units",] == 1
    assert values["noisetamer_units_online",] == 1
    assert values["noisetamer_healthy",] == 1
    assert values["noisetamer_commit_duration_seconds_count",] >= 1
    assert values["noisetamer_store_bytes",] > 4096
    assert values["process_open_fds",] > 0
    assert all(family.startswith(("noisetamer_", "process_", "python_")) for family, *_ in values)
    for secret in (token, hub.unit()["secret"], "东门"):
        assert secret not in answer.text
    assert asked(hub, "metrics/levels").status_code == 401
    levels = asked(hub, "metrics/levels", headers=good)
    assert levels.status_code == 200
    # what the box told is years old: no level of now
    assert "noisetamer_laeq_dba{" not in levels.text


def test_an_account_that_may_see_the_fleet_may_see_them(hub: HubProcess):
    for role, status in (("officer", 200), ("viewer", 403)):
        (cookie,) = hub.cookies(role)
        cookies = {cookie["name"]: cookie["value"]}
        assert asked(hub, "metrics", cookies=cookies).status_code == status, role
        assert asked(hub, "metrics/levels", cookies=cookies).status_code == 401, role


def test_logs_as_json_hold_no_secret(tmp_path):
    hub = HubProcess(tmp_path / "hub", "--enrol", "SIM-0001=东门广场", "--log", "json")
    secret = hub.unit()["secret"]
    box = Box(hub.unit())
    with box.mqtt:
        box.record(b"no record at all")
        box.seconds(1, START, [500])
        box.wait_ack(1)
    hub.stop()
    said = [json.loads(line) for line in hub.lines if line.startswith("{")]
    assert [set(line) for line in said] == [{"time", "level", "logger", "message"}] * len(said)
    assert any("was set aside" in line["message"] for line in said)
    assert not any(secret in line or "东门" in line for line in hub.lines)
