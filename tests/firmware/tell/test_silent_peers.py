"""Whatever a peer does or leaves undone, it is given up within 90 s, and tried again."""

import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hub_process import HubProcess
from peers import HERE, at, over_tls, proxy, server
from unix_port import run

from noisetamer.base.paths import FIRMWARE
from noisetamer.hub.bus.authority import certificates
from tamer.record import encoding

pytestmark = pytest.mark.service

LONGEST = 90_000  # ms

# A conversation is: client's and server's hello, certificate, keys, CONNECT, CONNACK, SUBSCRIBE,
# SUBACK, the status, records, acknowledgements. So many bytes, and a cut in each of so many.
CONVERSATION, STEP = 5000, 120
RECORDS = 200

CONNACK, SUBACK, PUBACK, PINGRESP = b"\x20\2\0\0", 0x90, 0x40, b"\xd0\0"


class Tried(NamedTuple):
    lasted: list[int]  # each attempt that ended, ms
    reasons: set[tuple[str, str]]  # why the link did not stand, and the details
    times: list[int]  # that it took from the hub, Unix ms


def tries(folder: Path, hub: dict[str, Any], seconds: int, **odd: Any) -> Tried:
    """The box's own link in virtual time, for so long or until all is acknowledged."""
    settings = {"unit": "SIM-0001", "wifi": {"ssid": "a", "key": "b"}, "hub": hub}
    odd |= {"seconds": seconds, "timed": True}
    words = (json.dumps(settings), str(RECORDS), json.dumps(odd))
    lines = run("link_session.py", FIRMWARE, folder / "journal", *words).splitlines()
    *told, _, _ = map(json.loads, lines)
    lasted = [one[2] - one[1] for one in told if one[0] == "attempt"]
    times = [one[1] for one in told if one[0] == "time"]
    return Tried(lasted, {(one[1], one[2]) for one in told if one[0] is False}, times)


def test_a_peer_that_falls_silent_at_any_byte(hub: HubProcess, tmp_path: Path):
    chance = random.Random(11)
    cuts = [0, 1, *(at + chance.randrange(STEP) for at in range(2, CONVERSATION, STEP))]
    unit = hub.unit()
    with proxy(unit["port"], cuts) as between:
        reach = {"host": HERE, "port": between.port, "name": unit["host"]}
        reach |= {"ca": unit["ca_der_path"], "secret": unit["secret"]}
        # A peer too slow for that only has more attempts end.
        tried = tries(tmp_path, reach, 200 * len(cuts), answers_within=50)
    assert len(tried.lasted) >= len(cuts)
    assert max(tried.lasted) <= LONGEST
    reasons = {reason for reason, _ in tried.reasons}
    assert "broker silent" in reasons
    # the last: of a broker that stood still itself, and closes what came too late
    assert reasons <= {"broker silent", "hub silent", "connection lost"}


def broker(takes: int) -> Any:
    """Grants everything and answers every ping, but knows no hub; reads so many packets only."""

    def serve(connection: socket.socket) -> None:
        for kind, body in islice(granted(connection), takes):
            if kind & 0xF6 == 0x32:
                end = 2 + int.from_bytes(body[:2], "big")
                connection.sendall(bytes((PUBACK, 2, *body[end : end + 2])))
            elif kind == 0xC0:
                connection.sendall(PINGRESP)
        with suppress(OSError):
            while True:
                # It lives, and takes nothing.
                time.sleep(0.02)
                connection.sendall(PINGRESP)

    return serve


def granted(connection: socket.socket) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each packet; connection and subscription are granted before it is told."""
    while True:
        kind, body = packet(connection)
        if kind == 0x10:
            connection.sendall(CONNACK)
        elif kind == 0x82:
            connection.sendall(bytes((SUBACK, 3, *body[:2], 0)))
        yield kind, body


def sequence_of(kind: int, body: bytes) -> int | None:
    """Of the record in a packet; None where there is none in it."""
    if kind != 0x32 or not body[2:].startswith(b"dev/SIM-0001/record"):
        return None
    message = body[2 + int.from_bytes(body[:2], "big") + 2 :]
    return encoding.head(message[encoding.ENVELOPE_BYTES :]).sequence


def packet(connection: socket.socket) -> tuple[int, bytes]:
    def exactly(n: int) -> bytes:
        found = b""
        while len(found) < n:
            more = connection.recv(n - len(found))
            if not more:
                raise ConnectionError
            found += more
        return found

    kind, length, shift = exactly(1)[0], 0, 0
    while True:
        part = exactly(1)[0]
        length |= (part & 0x7F) << shift
        shift += 7
        if part < 0x80:
            return kind, exactly(length)


@pytest.mark.parametrize(
    ("takes", "in_flight", "reason"),
    [
        (1 << 30, 16, ("hub silent", "75 s")),
        (3, RECORDS, ("broker silent", "nothing taken for 30 s")),
    ],
)
def test_a_broker_behind_which_there_is_no_hub(
    takes: int, in_flight: int, reason: tuple[str, str], tmp_path: Path
):
    found = certificates(tmp_path / "certificates", [HERE], datetime.now(UTC))
    with server(over_tls(found, broker(takes))) as port:
        tried = tries(tmp_path, at(port, found), 500, in_flight=in_flight)
    assert len(tried.lasted) >= 3
    assert max(tried.lasted) <= LONGEST
    assert tried.reasons == {reason}


def test_more_than_was_sent_nobody_can_acknowledge(tmp_path: Path):
    """Such a word once had a box throw away what it had not told yet."""
    found = certificates(tmp_path / "certificates", [HERE], datetime.now(UTC))
    heard: set[int] = set()

    def serve(connection: socket.socket) -> None:
        for kind, body in granted(connection):
            sequence = sequence_of(kind, body)
            if kind == 0x82:
                acknowledge(connection, 1_000_000)
            elif sequence is not None:
                heard.add(sequence)
                acknowledge(connection, 1_000_000)
                if len(heard) % 10 == 0:
                    acknowledge(connection, sequence)

    with server(over_tls(found, serve)) as port:
        tries(tmp_path, at(port, found), 60)
    assert heard == set(range(1, RECORDS + 1))


def test_a_command_that_makes_no_sense_costs_no_connection(tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], datetime.now(UTC))
    nonsense = (b'{"for":1e999}', b'{"t":1e999}', b'{"t":"x"}', b"[]", b"[" * 90, b"\xff", b"7")

    def serve(connection: socket.socket) -> None:
        for kind, body in granted(connection):
            sequence = sequence_of(kind, body)
            if kind == 0x82:
                for verb in ("live", "time", "ack", "refused", "unheard-of"):
                    for words in nonsense:
                        said(connection, verb, words)
            elif sequence is not None:
                acknowledge(connection, sequence)

    with server(over_tls(found, serve)) as port:
        assert not tries(tmp_path, at(port, found), 60).reasons


def test_the_time_that_a_connection_has_held_back_is_not_taken_but_asked_for_anew(tmp_path: Path):
    """Else one that stood still sets the clock back, and no time server may set it right."""
    found = certificates(tmp_path / "certificates", [HERE], datetime.now(UTC))
    late, fresh = 1_795_431_600, 1_795_431_645
    pings, asked = [], []

    def serve(connection: socket.socket) -> None:
        for kind, body in granted(connection):
            if kind == 0x33 and body[2:].startswith(b"dev/SIM-0001/status"):
                asked.append(len(pings))
                if pings:
                    command(connection, "time", t=fresh)
            elif kind == 0xC0:
                pings.append(kind)
                connection.sendall(PINGRESP)
                if len(pings) == 3:
                    # 45 s after it was asked for.
                    command(connection, "time", t=late)

    with server(over_tls(found, serve)) as port:
        tried = tries(tmp_path, at(port, found), 70)
    assert asked == [0, 3]
    assert tried.times == [1000 * fresh]


def test_a_hub_without_room_is_told_of_once_and_asked_again_without_a_storm(tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], datetime.now(UTC))
    sent: list[int] = []
    connections = []

    def serve(connection: socket.socket) -> None:
        connections.append(connection)
        for kind, body in granted(connection):
            sequence = sequence_of(kind, body)
            if kind == 0xC0:
                connection.sendall(PINGRESP)
            elif sequence is not None:
                sent.append(sequence)
                if len(sent) > 48:
                    acknowledge(connection, sequence)
                else:
                    command(connection, "full", b=7, s=sequence)

    with server(over_tls(found, serve)) as port:
        tried = tries(tmp_path, at(port, found), 2400)
    assert len(connections) == 1
    assert tried.reasons == {("hub full", None)}
    # Ten minutes apart, in one connection; and all of it once there is room.
    assert sent[:48] == [*range(1, 17)] * 3
    assert max(sent) == RECORDS


def test_what_was_refused_is_counted_at_the_hub_within_seconds(tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], datetime.now(UTC))
    told: list[int] = []

    def serve(connection: socket.socket) -> None:
        for kind, body in granted(connection):
            sequence = sequence_of(kind, body)
            if kind == 0x33 and body[2:].startswith(b"dev/SIM-0001/status"):
                told.append(json.loads(body[body.index(b"{") :])["refused"])
            elif kind == 0xC0:
                connection.sendall(PINGRESP)
            elif sequence is not None and sequence <= 3:
                said(connection, "refused", b'{"b":7,"s":%d,"why":"new"}' % sequence)
                acknowledge(connection, sequence)

    with server(over_tls(found, serve)) as port:
        tries(tmp_path, at(port, found), 20)
    assert told == [0, 3]


def test_how_the_box_is_is_told_again_hourly_and_when_it_is_another(tmp_path: Path):
    found = certificates(tmp_path / "certificates", [HERE], datetime.now(UTC))
    told: list[tuple[int | None, int]] = []

    def serve(connection: socket.socket) -> None:
        for kind, body in granted(connection):
            sequence = sequence_of(kind, body)
            if kind == 0x33 and body[2:].startswith(b"dev/SIM-0001/status"):
                status = json.loads(body[body.index(b"{") :])
                assert status["room"] == 8192
                told.append((status.get("rssi"), status["held"] // 4096))
            elif kind == 0xC0:
                connection.sendall(PINGRESP)
            elif sequence is not None and sequence < RECORDS:
                acknowledge(connection, sequence)
            elif sequence is not None:
                # Else the session ends with the last one, or the hub is taken for gone.
                command(connection, "full", b=7, s=sequence)

    # By 8 dB is not much; one that there is no such strength of is none.
    by_minute = [-60, -60, -60, -68, -68, -71, -71, 1010, 1010, None, None]
    with server(over_tls(found, serve)) as port:
        tries(tmp_path, at(port, found), 4600, rssi=by_minute, room=8192)
    # First as it connects; once its journal is empty; the Wi-Fi twice; and after an hour.
    assert told == [(-60, 2), (-60, 0), (-71, 0), (None, 0), (None, 0)]


def acknowledge(connection: socket.socket, sequence: int) -> None:
    command(connection, "ack", b=7, s=sequence)


def command(connection: socket.socket, verb: str, **fields: int) -> None:
    said(connection, verb, json.dumps(fields).encode())


def said(connection: socket.socket, verb: str, body: bytes) -> None:
    topic = f"cmd/SIM-0001/{verb}".encode()
    message = len(topic).to_bytes(2, "big") + topic + body
    connection.sendall(bytes((0x30, len(message))) + message)
