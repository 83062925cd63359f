"""A broker of others and a Home Assistant that listens there, as far as messages go."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from forwarded import units
from mqtt_broker import Listener, MqttBroker, mqtt_broker
from neighbour import EAST, SQUARE, Home, minute, ordered
from scripted_unit import START
from waiting import DEADLINE

from noisetamer.hub.forward import mqtt, mqtt_out
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Asked, Unit, Unreachable
from noisetamer.hub.forward.mqtt import matches, topic_level
from noisetamer.hub.people.audit import COMMAND_LINE

pytestmark = pytest.mark.service


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("CONNECT_SECONDS", "BACK_SECONDS"):
        monkeypatch.setattr(mqtt, limit, DEADLINE)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as found:
        yield found


def event(kind: str, **fields: Any) -> Fact:
    return Fact(
        "event", f"{EAST}/1/7", EAST, "box 1", SQUARE, START, START, what=kind, fields=fields
    )


def out(broker: MqttBroker, folder: Path, **own: Any) -> mqtt_out.MqttOut:
    keys = broker.keys(mqtt_out.KEYS, **own)
    return mqtt_out.make(Asked("office", "mqtt", mqtt_out.WANTS, keys=keys), Around(folder))


def test_facts_are_told_in_a_tree_and_the_newest_is_kept_there(broker: MqttBroker, tmp_path: Path):
    async def run() -> None:
        format = out(broker, tmp_path, prefix="office")
        sent = await format.send(
            [minute(0), minute(1, 655), minute(0, 600, late=True), event("stage", to="red")]
        )
        assert sent.taken == 4
        await format.close()

    with Listener(broker) as listener:
        asyncio.run(run())
        unit = f"office/units/{EAST}"
        assert json.loads(listener.until(f"{unit}/events/stage"))["fields"] == {"to": "red"}
        listener.until("office/hub", "offline")
    with Listener(broker, "later") as later:
        kept = json.loads(later.until(f"{unit}/minute"))
        assert kept["levels"] == {"LAeq": 65.5}
        assert (kept["from"], kept["coverage"]) == ("2026-11-23T11:01:00Z", 1)
        assert later.until(f"{unit}/stage")


def test_a_wrong_password_is_no_fault_of_the_facts_and_is_told(broker: MqttBroker, tmp_path: Path):
    async def run(**own: Any) -> str:
        format = out(broker, tmp_path, **own)
        with pytest.raises(Unreachable) as told:
            await format.send([minute(0)])
        await format.close()
        return str(told.value)

    assert "refuses the connection" in asyncio.run(run(password_file="wrong"))
    assert "127.0.0.1:1" in asyncio.run(run(port=1))


def test_a_broker_that_restarts_has_it_all_the_same(tmp_path: Path):
    with mqtt_broker(tmp_path) as broker:

        async def run() -> None:
            format = out(broker, tmp_path)
            await format.send([minute(0)])
            broker.stop()
            with pytest.raises(Unreachable):
                await format.send([minute(1)])
            broker.start()
            await format.send([minute(1, 700)])
            await format.close()

        asyncio.run(run())
        with Listener(broker) as listener:
            kept = listener.until(f"noisetamer/units/{EAST}/minute")
            assert json.loads(kept)["levels"]["LAeq"] == 70


def test_check_asks_for_what_was_published(broker: MqttBroker, tmp_path: Path):
    async def run() -> str:
        format = out(broker, tmp_path, prefix="checked")
        said = await format.check()
        await format.close()
        return said

    assert "answers to noisetamer, and has checked/hub" in asyncio.run(run())


def test_a_hub_that_is_connected_is_not_said_to_be_away(broker: MqttBroker, tmp_path: Path):
    """By a check beside it, or by the will of its own connection before."""

    async def run() -> None:
        format, checking = (out(broker, tmp_path, prefix="here") for _ in range(2))
        await format.send([minute(0)])
        listener.until("here/hub", "online")
        assert "and has here/hub" in await checking.check()
        await checking.close()
        listener.until("here/hub", "offline")
        await asyncio.to_thread(listener.until, "here/hub", "online")
        assert format._link.connected
        await format.close()
        await asyncio.to_thread(listener.until, "here/hub", "offline")

    with Listener(broker) as listener:
        asyncio.run(run())
        assert listener.retained["here/hub"] == "offline"


@pytest.mark.parametrize(
    ("text", "level"), [("东门 广场", "东门_广场"), ("a/b+c#", "a_b_c_"), ("", "_"), ("\0", "_")]
)
def test_any_name_is_one_level_of_a_topic(text: str, level: str):
    assert topic_level(text) == level
    assert matches("a/+/c", f"a/{level}/c")


def test_a_unit_is_one_device_with_its_entities_and_is_gone_when_it_is(
    broker: MqttBroker, tmp_path: Path
):
    home = Home(broker, tmp_path, prefix="one", live=True)
    config = f"homeassistant/device/one_home_{EAST}/config"
    with Listener(broker) as listener:

        async def meanwhile() -> None:
            told = json.loads(await asyncio.to_thread(listener.until, config))
            assert set(told) >= {"dev", "o", "cmps", "availability"}
            level = told["cmps"]["LAeq"]
            assert (level["device_class"], level["unit_of_measurement"]) == (
                "sound_pressure",
                "dBA",
            )
            assert told["cmps"]["mute"]["platform"] == "binary_sensor"
            assert not any("command_topic" in one for one in told["cmps"].values())
            facts = [
                minute(0),
                minute(1, 600),
                minute(0, 700, late=True),
                event("stage", to="red"),
            ]
            await home.format.send(facts)
            state = await asyncio.to_thread(listener.until, f"one/units/{EAST}/minute")
            assert json.loads(state)["LAeq"] == 60
            home.units = {"SIM-0002": Unit("SIM-0002", "", SQUARE)}
            await asyncio.to_thread(listener.until, config, "")

        home.runs(meanwhile)
        listener.until("one/hub", "offline")


def test_a_unit_that_went_while_the_hub_was_away_is_taken_out_too(
    broker: MqttBroker, tmp_path: Path
):
    config = "homeassistant/device/two_home_SIM-0009/config"
    others = "homeassistant/device/other_home_SIM-0009/config"
    home = Home(broker, tmp_path, prefix="two")
    with Listener(broker) as listener:
        for topic in (config, others):
            listener.say(topic, "{}", retain=True)

        async def meanwhile() -> None:
            await asyncio.to_thread(listener.until, config, "")

        home.runs(meanwhile)
        assert listener.retained[others] == "{}"


def said(
    caplog: pytest.LogCaptureFixture,
    broker: MqttBroker,
    home: Home,
    prefix: str,
    *commands: tuple[str, str, bool],
) -> list[tuple[str, dict[str, Any], str]]:
    """What becomes of commands, one after the other."""
    with Listener(broker) as listener:

        async def meanwhile() -> None:
            await asyncio.to_thread(listener.until, f"{prefix}/units/{EAST}/state")
            for what, payload, retain in commands:
                topic = f"{prefix}/units/{EAST}/set/{what}"
                await asyncio.to_thread(listener.say, topic, payload, retain)
                await asyncio.to_thread(listener.until, topic)
            # a command that nobody has waits behind them all, and is done after them
            await asyncio.to_thread(listener.say, f"{prefix}/units/{EAST}/set/none", "ON")
            async with asyncio.timeout(DEADLINE):
                while "set/none is not done" not in caplog.text:
                    await asyncio.sleep(0.01)

        with caplog.at_level(logging.WARNING, "noisetamer.hub"):
            home.runs(meanwhile)
    return ordered(home)


def test_nothing_can_be_ordered_unless_it_is_named(
    broker: MqttBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    home = Home(broker, tmp_path, prefix="three")
    assert said(caplog, broker, home, "three", ("mute", "ON", False)) == []


def test_what_is_named_is_ordered_within_the_accounts_role_and_the_settings(
    broker: MqttBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    home = Home(
        *(broker, tmp_path),
        prefix="four",
        commands=["mute", "spotlight", "say"],
        messages=["polite_zh"],
        account="neighbour",
    )
    people = home.console.people
    people.accounts.add("neighbour", "property", COMMAND_LINE, squares=[SQUARE])
    with Listener(broker, "long-ago") as listener:
        # which a broker would repeat after each connection
        listener.say(f"four/units/{EAST}/set/spotlight", "OFF", retain=True)
    told = said(
        *(caplog, broker, home, "four"),
        ("mute", "ON", False),
        ("mute", "ON", False),
        ("spotlight", "ON", False),
        ("say", "polite_zh", False),
        ("say", "firm_zh", False),
        ("mute", "1; DROP", False),
        ("mute", "OFF", False),
    )
    reason = "Home Assistant (home)"
    assert told == [
        ("mute", {"for": 900, "reason": reason}, "neighbour"),
        ("spotlight", {"state": "on", "for": 300}, "neighbour"),
        ("say", {"message": "polite_zh"}, "neighbour"),
        ("mute", {"for": 0, "reason": reason}, "neighbour"),
    ]
    audited = people.log.entries(what="order")
    assert len(audited) == 4
    assert {one.by for one in audited} == {"neighbour"}


def test_an_account_that_may_not_orders_nothing(
    broker: MqttBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    own = {"commands": ["mute"], "account": "looker", "prefix": "five"}
    home = Home(broker, tmp_path, **own)
    home.console.people.accounts.add("looker", "viewer", COMMAND_LINE)
    assert said(caplog, broker, home, "five", ("mute", "ON", False)) == []


def test_older_ones_are_told_of_each_entity_by_itself(tmp_path: Path, broker: MqttBroker):
    home = Home(broker, tmp_path, by_device=False)
    told = home.format._discovery(replace(units()[EAST]))
    topic = f"homeassistant/sensor/noisetamer_home_{EAST}/LAeq/config"
    assert json.loads(told[topic])["device"]["serial_number"] == EAST
    assert len(told) > 8
