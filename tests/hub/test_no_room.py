"""A unit whose records find no room any more is told so, once a batch."""

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest
from scripted_unit import START

from noisetamer.hub.bus.client import Batch, Bus, Message
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.ingest import Ingest
from noisetamer.hub.store import refusals
from noisetamer.hub.store.writer import Store
from tamer.record import encoding


def of_a_later_firmware(seq: int) -> Message:
    record = encoding.record(7, 1, seq, START, b"whatever it will hold")
    return Message("dev.SIM-0001.record", encoding.enveloped(seq - 1, record))


def test_it_is_told_to_hold_its_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(refusals, "MOST_BYTES", 120)
    sent: list[tuple[str, Any]] = []

    async def publish(subject: str, body: bytes) -> None:
        sent.append((subject, json.loads(body)))

    store = Store(tmp_path / "hub.sqlite")
    ingest = Ingest(cast(Bus, None), Commands(publish), store, [], lambda now: None)
    batch = Batch([])
    batch.messages = [of_a_later_firmware(seq) for seq in range(1, 9)]
    asyncio.run(ingest._take(batch))
    verbs = [(subject.split(".")[2], fields["s"]) for subject, fields in sent]
    kept = len([verb for verb, _ in verbs if verb == "refused"])
    assert 0 < kept < 8
    assert verbs[kept:] == [("full", 8), ("ack", kept)]
    ingest.close()
    store.close()
