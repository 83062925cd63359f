"""What a worker tells of a batch is what a hub's subscribers would have had of their own store."""

from dataclasses import replace
from pathlib import Path

import pytest
from scripted_unit import START, seconds, stage

from noisetamer.hub.city import told
from noisetamer.hub.city.told import LARGEST, messages, stored_of
from noisetamer.hub.store.refusals import Refusal
from noisetamer.hub.store.writer import Store, Stored
from noisetamer.hub.wire import Event, Record, Status, read_report


def report(unit: str, body: bytes) -> Record:
    found = read_report(f"dev.{unit}.record", body)
    assert not isinstance(found, Status)
    return found  # pyright: ignore[reportReturnType]


def joined(pieces: list[Stored]) -> Stored:
    whole = Stored(received=pieces[0].received)
    for piece in pieces:
        assert piece.received == whole.received
        for name in ("fresh", "acks", "statuses", "refused", "told", "turned_away", "dated"):
            getattr(whole, name).extend(getattr(piece, name))
        whole.chain.extend(piece.chain)
    return whole


def test_a_batch_is_told_whole_in_pieces_that_a_broker_takes(tmp_path: Path):
    store = Store(tmp_path / "hub.sqlite")
    status = read_report("dev.SIM-0001.status", b'{"v":1,"online":true,"b":1,"t":0}')
    assert isinstance(status, Status)
    reports = [
        status,
        *(report("SIM-0001", seconds(n, START + 10 * n, [600 + n] * 10)) for n in range(1, 200)),
        report("SIM-0002", stage(1, START, "green", "amber")),
        Refusal("dev.SIM-0002.record", "not to be read", b"\0" * 50),
    ]
    stored = store.append(float(START), reports)
    store.close()
    assert len(stored.fresh) == 200
    pieces = list(messages(stored))
    assert len(pieces) > 1
    assert all(len(piece) < LARGEST + 4096 for piece in pieces)
    heard = joined([stored_of(piece) for piece in pieces])
    assert heard.fresh == stored.fresh
    assert heard.acks == stored.acks
    assert [replace(one, body=b"") for one in stored.statuses] == heard.statuses
    assert [replace(one, body=b"") for one in stored.refused] == heard.refused


def test_a_date_that_was_found_later_comes_along():
    record = report("SIM-0002", stage(1, 17, "green", "amber"))
    assert isinstance(record, Event)
    dated = replace(record, t=START, fields={**record.fields, "late": True})
    (heard,) = [stored_of(piece) for piece in messages(Stored(dated=[dated], received=1.5))]
    assert heard.dated == [dated]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"v":2,"received":1,"items":[]}', b"[1]"])
def test_what_is_none_of_ours_is_said(body: bytes):
    with pytest.raises(ValueError):
        stored_of(body)


def test_nothing_stored_is_not_told():
    assert list(messages(Stored(received=1.0))) == []
    assert told.SUBJECT == "stored"
