"""The box's own link: what it brings to a real hub, and what it says of each that fails."""

import datetime
import json
import os
import signal
import socket
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hub_process import HubProcess, until
from mqtt_client import MqttClient, RefusedError
from orderly_hub import OrderlyHub
from peers import HERE, Serve, at, over_tls, server
from unix_port import run
from waiting import DEADLINE

from noisetamer.base.paths import FIRMWARE
from noisetamer.hub.bus import authority
from noisetamer.hub.bus.authority import certificates
from tamer.record import encoding, orders

pytestmark = pytest.mark.service

NOW = datetime.datetime.now(datetime.UTC)


class Session:
    """SIM-0001 with a link to `hub`: `changes` as it told them, `records` of its journal."""

    def __init__(self, folder: Path, hub: dict[str, Any], records: int = 3, **odd: Any) -> None:
        folder.mkdir(exist_ok=True)
        settings = {"unit": "SIM-0001", "wifi": {"ssid": "a", "key": "b"}, "hub": hub}
        words = (json.dumps(settings), str(records), json.dumps(odd))
        lines = run("link_session.py", FIRMWARE, folder / "journal", *words).splitlines()
        *self.changes, self.status, self.records = map(json.loads, lines)

    @property
    def reason(self) -> str:
        """Why it did not come about; told once."""
        ((up, reason, _),) = self.changes
        assert up is False
        return reason


class AtHub(Session):
    """At a real hub, whose answers are waited for however slow the machine is."""

    def __init__(self, folder: Path, hub: dict[str, Any], **odd: Any) -> None:
        super().__init__(folder, hub, **odd, waits=True)


def reach(hub: HubProcess, **other: Any) -> dict[str, Any]:
    """What the unit must know of it, but for what is given."""
    unit = hub.unit()
    known = {key: unit[key] for key in ("host", "port", "secret")}
    return {**known, "name": unit["host"], "ca": unit["ca_der_path"], **other}


def is_silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def test_what_is_in_the_journal_is_in_the_hubs_store_to_the_byte(hub: HubProcess, tmp_path: Path):
    session = AtHub(tmp_path, reach(hub), records=40)
    assert session.changes == []
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
        rows = store.execute("SELECT body FROM record WHERE boot=7 ORDER BY seq").fetchall()
    assert [body.hex() for (body,) in rows] == session.records


def test_what_the_hub_cannot_read_stops_nothing_and_is_kept_with_its_reason(
    hub: HubProcess, tmp_path: Path
):
    session = AtHub(tmp_path, reach(hub), records=40, unreadable=[28, 30], boot=8)
    assert session.changes == []
    assert session.status["refused"] == 3
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
        stored = store.execute("SELECT count(*) FROM record WHERE boot=8").fetchone()
        refused = store.execute(
            "SELECT seq, reason FROM refused WHERE boot=8 ORDER BY seq"
        ).fetchall()
    assert stored == (37,)
    kept = [json.loads(line) for line in (tmp_path / "journal.refused").read_text().splitlines()]
    assert [(one["s"], one["why"]) for one in kept] == refused
    assert [one["record"] for one in kept] == [session.records[n - 1] for n in (28, 29, 30)]


def test_it_connects_however_small_the_pieces_are_that_its_memory_is_in(
    hub: HubProcess, tmp_path: Path
):
    session = AtHub(tmp_path, reach(hub), boot=11, in_pieces=True)
    assert session.changes == []


def test_a_box_whose_every_record_is_refused_keeps_a_few_and_its_flash(
    hub: HubProcess, tmp_path: Path
):
    session = AtHub(tmp_path, reach(hub), records=200, unreadable=[1, 200], boot=9)
    assert session.status["refused"] == 200
    assert 3500 < (tmp_path / "journal.refused").stat().st_size <= 4096


def test_another_unit_cannot_throw_it_out_by_taking_its_name(hub: HubProcess, tmp_path: Path):
    other = hub.unit("SIM-0002")
    ended = threading.Event()

    def is_in() -> bool:
        with suppress(ConnectionError, RefusedError), MqttClient(other, session="SIM-0001"):
            return True
        return False

    def intrude() -> None:
        while not ended.wait(0.05):
            is_in()

    until(is_in, "the other unit let in")
    intruder = threading.Thread(target=intrude)
    intruder.start()
    try:
        session = AtHub(tmp_path, reach(hub), records=400, boot=11)
    finally:
        ended.set()
        intruder.join()
    assert session.changes == []
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
        assert store.execute("SELECT seq FROM acked WHERE boot=11").fetchone() == (400,)


def test_a_second_life_under_the_same_numbers_is_kept_whole_and_so_is_the_first(
    hub: HubProcess, tmp_path: Path
):
    first = AtHub(tmp_path / "first", reach(hub), records=40, boot=10)
    second = AtHub(tmp_path / "second", reach(hub), records=60, boot=10, later=86400)
    assert second.changes == []
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
        rows = store.execute("SELECT body FROM record WHERE boot=10 ORDER BY seq").fetchall()
        beside = store.execute(
            "SELECT body FROM refused WHERE boot=10 AND conflict ORDER BY seq"
        ).fetchall()
    stored = [body.hex() for (body,) in rows]
    assert stored == first.records + second.records[40:]
    assert [encoding.opened(body).record.hex() for (body,) in beside] == second.records[:40]
    assert second.status["refused"] == 40
    page = hub.get("squares/SIM-0001?lang=en").text
    assert "whose name another record has: 40" in page


def test_a_hub_that_comes_back_is_told_of_once(hub: HubProcess, tmp_path: Path):
    hub.kill()
    port = reach(hub)["port"]
    told, goes_on = tmp_path / "journal.changes", tmp_path / "journal.goes-on"

    def comes_back() -> None:
        until(told.exists, "a failure")
        hub.start()
        goes_on.touch()

    came = threading.Thread(target=comes_back)
    came.start()
    session = AtHub(tmp_path, reach(hub, port=port), records=50, seconds=300, stops=True)
    came.join()
    assert [change[:2] for change in session.changes] == [[False, "refused"], [True, None]]


def test_a_box_with_a_key_takes_its_hubs_acknowledgements_and_nobody_elses(
    hub: HubProcess, tmp_path: Path
):
    right = hub.unit()["command"]
    session = AtHub(tmp_path / "right", reach(hub), records=40, boot=12, command=right)
    assert session.changes == []
    assert "forged" not in session.status
    wrong = {"records": 10, "boot": 13, "seconds": 200, "command": "k" * 43}
    session = AtHub(tmp_path / "wrong", reach(hub), **wrong)
    # Told once, as what it is, however often it comes and however often the link is given up.
    assert session.changes == [[False, "ack forged", None]]
    assert session.status["forged"] > 1
    # The hub has them all the same, and the box keeps them.
    assert session.status["held"] > 0
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
        query = "SELECT 1 FROM acked WHERE boot=13 AND seq=10"
        until(lambda: store.execute(query).fetchone(), "all acknowledged")


def test_what_somebody_puts_between_is_not_taken_and_what_the_hub_says_is(
    hub: HubProcess, tmp_path: Path
):
    key = hub.unit()["command"]
    forger = OrderlyHub(hub)
    told, ended = tmp_path / "journal.changes", threading.Event()
    # The hub says nothing before the box has heard a forged word, and one more round of them.
    os.kill(hub.process.pid, signal.SIGSTOP)

    def forge() -> None:
        other = orders.signed(key, "SIM-0002", '{"b":14,"s":400}', "ack")
        order = orders.signed(key, "SIM-0001", '{"b":14,"s":400}')
        while not ended.wait(0.1):
            was_heard = told.exists()
            for message in (b'{"b":14,"s":400}', other, order, b"", b"\xff" * 200):
                forger.send(message, "ack")
            if was_heard:
                os.kill(hub.process.pid, signal.SIGCONT)

    intruder = threading.Thread(target=forge)
    intruder.start()
    try:
        # in real time, to an end that is the test's
        how = {"records": 100, "boot": 14, "seconds": DEADLINE, "pace": 1, "command": key}
        session = AtHub(tmp_path, reach(hub), **how)
    finally:
        ended.set()
        intruder.join()
        os.kill(hub.process.pid, signal.SIGCONT)
        forger.close()
    assert session.changes == [[False, "ack forged", None], [True, None, None]]
    assert session.status["forged"] > 1
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
        assert store.execute("SELECT seq FROM acked WHERE boot=14").fetchone() == (100,)


def test_a_wrong_secret(hub: HubProcess, tmp_path: Path):
    assert AtHub(tmp_path, reach(hub, secret="guess")).reason == "secret refused"


def test_a_fault_of_our_own_is_named_with_its_words(hub: HubProcess, tmp_path: Path):
    session = AtHub(tmp_path, reach(hub), fault="name 'nonsense' isn't defined")
    assert session.changes == [[False, "fault", "NameError: name 'nonsense' isn't defined"]]


def test_a_want_of_memory(hub: HubProcess, tmp_path: Path):
    assert AtHub(tmp_path, reach(hub), fault="no memory").reason == "no memory"


@pytest.mark.parametrize(
    ("made", "names", "odd", "reason"),
    [
        (NOW - datetime.timedelta(4000), [HERE], {}, "certificate expired"),
        (NOW + datetime.timedelta(400), [HERE], {}, "certificate not yet valid"),
        (NOW + datetime.timedelta(400), [HERE], {"time": False}, "no time"),
        (NOW, ["elsewhere.example"], {}, "wrong name"),
        (NOW, [HERE], {}, "broker silent"),
    ],
)
def test_a_broker_with_this_certificate(
    made: datetime.datetime,
    names: list[str],
    odd: Any,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(authority, "BEGIN", made - datetime.timedelta(1))
    found = certificates(tmp_path / "certificates", names, made)
    with server(over_tls(found, is_silent)) as port:
        assert Session(tmp_path, at(port, found), **odd).reason == reason


def test_a_broker_of_another_authority(tmp_path: Path):
    ours, others = (certificates(tmp_path / name, [HERE], NOW) for name in ("ours", "others"))
    with server(over_tls(others, is_silent)) as port:
        assert Session(tmp_path, at(port, ours)).reason == "not trusted"


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (lambda connection: connection.sendall(b"INFO {}\r\n"), "no TLS"),
        (lambda connection: connection.close(), "connection lost"),
        (is_silent, "broker silent"),
    ],
)
def test_a_server_that_is_no_hub(serve: Serve, reason: str, tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], NOW)
    with server(serve) as port:
        assert Session(tmp_path, at(port, found)).reason == reason


def test_a_port_at_which_nobody_listens(tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], NOW)
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    assert Session(tmp_path, at(port, found)).reason == "refused"


def test_a_name_that_nobody_has(tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], NOW)
    assert Session(tmp_path, at(1, found, host="hub.invalid")).reason == "name not found"


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_an_authority_that_is_missing_or_broken(content: bytes | None, tmp_path: Path):
    ca = tmp_path / "ca.der"
    if content:
        ca.write_bytes(content)
    found = certificates(tmp_path / "certificates", [HERE], NOW)
    assert Session(tmp_path, at(1, found, ca=str(ca))).reason == "no authority"


@pytest.mark.parametrize(
    ("status", "is_in", "reason"),
    [
        (202, False, "wrong key"),
        (201, False, "no access point"),
        (1001, True, "no address"),
        (1001, False, "not joined"),
    ],
)
def test_a_wifi_that_does_not_let_it_in(status: int, is_in: bool, reason: str, tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], NOW)
    assert Session(tmp_path, at(1, found), wifi=[status, is_in]).reason == reason


def test_the_same_failure_again_and_again_is_told_once(tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], NOW)
    session = Session(tmp_path, at(1, found), seconds=300)
    assert session.reason == "refused"
