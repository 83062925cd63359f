"""The box's own MQTT client against the real broker, over TLS."""

import json

import pytest
from hub_process import HubProcess
from unix_port import run

from noisetamer.base.paths import FIRMWARE
from tamer.record.seal import Seal

pytestmark = pytest.mark.service


def session(hub: HubProcess, **other: str) -> str:
    """What SIM-0001 prints, with everything right but what is given."""
    unit = {**hub.unit(), "name": "127.0.0.1", **other}
    keys = ("host", "port", "name", "ca_der_path", "unit", "secret")
    return run("mqtt_session.py", FIRMWARE, *(str(unit[key]) for key in keys)).strip()


def test_a_report_is_acknowledged_by_the_hub_to_its_subscriber(hub: HubProcess):
    topic, acknowledged = session(hub).split(" ", 1)
    assert topic == "cmd/SIM-0001/ack"
    proved = Seal(hub.unit()["command"]).proved("ack", "SIM-0001", acknowledged.encode())
    assert proved
    assert json.loads(proved) == {"b": 1, "s": 1}


def test_a_wrong_secret_is_refused_with_the_brokers_code(hub: HubProcess):
    refused = "no session: the broker refused the connection, code 5"
    assert session(hub, secret="guess") == refused


def test_a_broker_of_another_name_is_not_trusted(hub: HubProcess):
    assert "Common Name (CN) does not match" in session(hub, name="elsewhere.example")
