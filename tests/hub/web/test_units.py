"""What is known of a unit, and what it can be asked to do, over HTTP at a running hub."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from hub_process import HubProcess, until
from scripted_unit import START, Box

from tamer.record import orders
from tamer.record.events import KINDS

pytestmark = pytest.mark.service


def examined(hub: HubProcess, unit: str = "SIM-0001", **headers: str) -> httpx.Response:
    return hub.post(f"units/{unit}/examine?lang=en", headers=headers)


def online(hub: HubProcess) -> bool:
    return hub.get("health").json()["online"] == 1


def rows(hub: HubProcess, file: str, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(hub.data / f"{file}.sqlite")) as database:
        return database.execute(query).fetchall()


def test_an_examination_is_an_order_signed_for_the_unit_and_audited(hub: HubProcess):
    box = Box(hub.unit())
    until(lambda: online(hub), "the unit online")
    answer = examined(hub, origin=hub.url.rstrip("/"))
    assert answer.status_code == 200
    assert answer.json()["detail"].startswith("Asked: the box listens")
    topic, body = box.mqtt.receive()
    assert topic == "cmd/SIM-0001/order"
    order = orders.opened(hub.unit()["command"], "SIM-0001", body)
    assert order and order["verb"] == "examine"
    assert orders.opened("another" * 6, "SIM-0001", body) is None
    reason = "By the button on the square's page"
    given = (order["n"], "examine", "admin", reason, "sent")
    assert rows(hub, "orders", "SELECT n, verb, role, reason, state FROM given") == [given]
    audited = "SELECT target, reason FROM audit WHERE what='order'"
    assert rows(hub, "people", audited) == [("SIM-0001", reason)]
    box.mqtt.close()


def test_a_unit_whose_key_is_not_here_is_not_ordered_about(hub: HubProcess):
    box = Box(hub.unit())
    until(lambda: online(hub), "the unit online")
    with closing(sqlite3.connect(hub.data / "units.sqlite")) as units, units:
        units.execute("DELETE FROM unit_keys")
    answer = examined(hub)
    assert answer.status_code == 422
    assert "no command key" in answer.json()["detail"]
    box.seconds(1, START, [500])
    assert box.mqtt.receive()[0] == "cmd/SIM-0001/ack"  # and nothing before
    box.mqtt.close()


def test_a_unit_that_is_away_cannot_be_asked_and_that_is_said(hub: HubProcess):
    answer = examined(hub)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "The box is not connected: it cannot be asked now."
    assert examined(hub, "NT-9").status_code == 404


def test_a_page_from_elsewhere_cannot_order_a_unit_about(hub: HubProcess):
    box = Box(hub.unit())
    until(lambda: online(hub), "the unit online")
    for origin in ("http://example.org", "null", hub.url.rstrip("/") + "0"):
        assert examined(hub, origin=origin).status_code == 403
    box.seconds(1, START, [500])
    assert box.mqtt.receive()[0] == "cmd/SIM-0001/ack"  # and nothing before
    box.mqtt.close()


def test_hours_are_rows_of_text_newest_first(hub: HubProcess):
    url = "units/SIM-0001/hours"
    assert hub.get(url).json() == []
    box = Box(hub.unit())
    told = dict.fromkeys(KINDS["hour"], 0) | {"overload": False, "under_range": False}
    levels = {"LAeq": 655, "LAFmax": 801, "L10": 690, "L50": 640, "L90": 520}
    box.seconds(1, START + 3595, [500] * 10)
    told |= {"start": START, "seconds": 3600, "valid_seconds": 3590, **levels}
    box.event(2, START + 3600, "hour", **told)
    box.wait_ack(2)
    running, over = hub.get(url).json()
    assert over == {
        "since": str(START),
        "at": "19:00",
        "LAeq": "65.5",
        "L10": "69.0",
        "L50": "64.0",
        "L90": "52.0",
        "LAFmax": "80.1",
        "minutes": "59",
    }
    assert (running["at"], running["L50"], running["minutes"]) == ("20:00", "50.0", "0")
    assert hub.get("units/NT-9/hours").status_code == 404

    day = f"{datetime.fromtimestamp(START, timezone(timedelta(hours=8))):%Y-%m-%d}"
    assert hub.get(url, params={"day": day}).json() == [running, over]
    assert hub.get(url, params={"day": "2026-01-01"}).json() == []
    assert hub.get(url, params={"day": "yesterday"}).status_code == 422
    hour = hub.get(f"units/SIM-0001/hour?since={over['since']}").json()
    assert (hour["t0"], hour["LAeq"]) == (START + 3595, [500] * 5)
    assert hour["span"] == "11-23 19:00 起的一小时"
    box.mqtt.close()


def test_reports_set_aside_are_on_the_card_with_the_reason_also_after_a_restart(hub: HubProcess):
    box = Box(hub.unit())
    box.mqtt.publish("dev/SIM-0001/record", b"\x00")
    box.mqtt.publish("dev/SIM-0001/status", b"[]")

    def said() -> str:
        page = hub.get("?lang=en").text
        return page.split('data-field="notices">')[1].split("</ul>")[0]

    until(lambda: "cannot read: 2, the last at" in said(), "the sentence")
    assert "(not a JSON object)" in said()
    hub.kill()
    hub.start()
    assert "cannot read: 2, the last at" in said()
    box.mqtt.break_off()


def test_a_clock_that_was_years_ahead_leaves_no_square_red(hub: HubProcess):
    box = Box(hub.unit())
    ahead = START + 200_000_000

    def shape() -> str:
        return hub.get("").text.split('href="#sign-')[1].split('"')[0]

    box.stage(1, ahead, "green", "red")
    until(lambda: box.now(ahead + 1, 710, "red") or shape() == "red", "red")
    box.stage(2, START, "red", "green", 560)  # set right, and quiet
    until(lambda: box.now(START + 1, 560, "green") or shape() == "green", "green")
    box.wait_ack(2)
    page = hub.get("?lang=en").text
    assert "quiet again, no warning needed" in page and ">19:00:01<" in page
    box.mqtt.break_off()
