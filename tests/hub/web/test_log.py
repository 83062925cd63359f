"""The log for everybody as files, for the administrator in words."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from console import Console
from growing_log import signer
from in_process import InProcess, browser, logged_in
from scripted_unit import START, seconds

from noisetamer.hub.log.doings import AUDITED
from noisetamer.hub.log.feeder import flush
from noisetamer.hub.orders.ledger import CLOSED
from noisetamer.hub.store.chain_findings import KINDS as CHAIN
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import read_report
from noisetamer.hub.words.i18n import read_texts
from noisetamer.proof import notes, tlog_proof
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.leaf import KINDS, leaf_in, leaf_of
from noisetamer.proof.merkle import inclusion_proof
from noisetamer.proof.notes import verifier_key
from noisetamer.proof.tiles import Tile, entries_in, nodes
from noisetamer.proof.tlog_proof import TlogProof


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """Whose hub has stored a minute of one unit, and 300 looks."""
    console = Console(tmp_path)
    store = Store(tmp_path / "hub.sqlite")
    report = read_report("dev.SIM-0001.record", seconds(1, START, [500] * 10))
    store.append(START, [report])  # pyright: ignore[reportArgumentType]
    store.close()
    console.feeder.begin()
    console.feeder.log.append([{"kind": "look", "by": f"officer {n}"} for n in range(300)])
    flush(console.feeder.log, tmp_path, ["SIM-0001"])
    asyncio.run(console.feeder.checkpoint())
    return console


def test_a_stranger_proves_what_is_in_the_log_from_its_files_alone(console: Console):
    stranger = browser(console)
    note = stranger.get("/log/checkpoint").text
    key = verifier_key(stranger.get("/log/key").text.rstrip("\n"))
    assert notes.verify(notes.parse(note), [key]) == [(key, None)]
    told = checkpoint_in(note)

    def read(tile: Tile) -> bytes:
        found = stranger.get(f"/log/{tile.path}")
        assert found.status_code == 200, tile.path
        assert found.headers["content-type"] == "application/octet-stream"
        return found.content

    index = told.size - 1
    width = told.size % 256
    entry = entries_in(read(Tile(None, index // 256, width)))[-1]
    hashes = inclusion_proof(index, told.size, nodes(told.size, read))
    proof = TlogProof(index, tuple(hashes), note)
    assert tlog_proof.verify(proof, entry, [key])[0] == told
    content = console.feeder.log.content(index)
    assert content
    assert leaf_in(entry) == leaf_of(content)


def test_nothing_else_is_given_out(console: Console):
    stranger = browser(console)
    for path in (
        "tile/0/999",
        "tile/0/1",
        "tile/entries/000.p/256",
        "tile/0/..%2f..%2f..%2flog.key",
        "tile/../../log.key",
        "tile/0/000.p/1/../../../../../log.key",
        "log.sqlite",
        "tile-1/0/000",
    ):
        assert stranger.get(f"/log/{path}").status_code == 404, path


def test_entries_below_the_minimum_are_denied_and_stay(console: Console):
    stranger = browser(console)
    assert stranger.get("/log/tile/entries/000").status_code == 200
    console.feeder.log.deny_below(256)
    for path in ("tile/entries/000", "tile/0/000"):
        assert stranger.get(f"/log/{path}").status_code == 404
        assert (console.feeder.log.folder / path).is_file()
    newer = f"/log/tile/entries/001.p/{console.feeder.log.size % 256}"
    assert stranger.get(newer).status_code == 200


@pytest.fixture
def admin(console: Console) -> InProcess:
    return logged_in(console)


def test_the_page_says_what_was_committed_to_in_words(console: Console, admin: InProcess):
    page = admin.get("/log?lang=en").text
    told = checkpoint_in(console.feeder.log.newest() or "")
    assert f"{told.size} entries" in page
    assert told.origin in page
    assert " min ago)" in page
    assert "No other hub has witnessed this checkpoint yet." in page
    assert "SIM-0001, start 1: records 1 to 1, 1 of them; chain: none" in page
    assert page.count("<strong>Login or look</strong>") > 40
    older = admin.get("/log?lang=en&kind=start").text
    assert "The hub was started" in older
    assert "<strong>Login or look</strong>" not in older
    chinese = admin.get("/log?lang=zh").text
    assert "还没有别的中心见证过这个检查点" in chinese
    assert "本系统 · " in chinese and "hub · " not in chinese


def test_the_page_says_who_witnessed_and_stamped_it(
    console: Console, admin: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert "No authority is asked for time stamps." in admin.get("/log?lang=en").text
    assert not (tmp_path / "stamps.sqlite").exists()
    log, stamps = console.feeder.log, console.outside.stamps
    text = notes.parse(log.newest() or "").text
    witness = signer("station.example/witness")
    log.cosign(text, [notes.cosign(text, witness, 1_800_000_000)])
    monkeypatch.setattr(stamps, "authority", lambda: "asked")
    page = admin.get("/log?lang=en").text
    assert "<code>station.example/witness</code> <time>2027-01-15 16:00:00</time>" in page
    assert "Not stamped yet" in page
    stamps.want(log.newest() or "", "hour")
    with closing(sqlite3.connect(tmp_path / "stamps.sqlite")) as connection, connection:
        connection.execute("UPDATE stamp SET tsr=x'00', stamped=1800000060, root=''")
    size = checkpoint_in(log.newest() or "").size
    assert f"2027-01-15 16:01:00, of {size} entries" in admin.get("/log?lang=en").text


def test_a_content_that_was_deleted_is_told(console: Console, admin: InProcess):
    console.feeder.log.forget([5], "time")
    page = admin.get("/log?lang=en&before=6").text
    assert "The content was deleted when its time was over; the mark stays" in page
    assert "1 contents, their time being over" in admin.get("/log?lang=en").text


def test_a_log_that_cannot_be_used_is_said_and_is_no_fault_of_the_page(
    console: Console, admin: InProcess
):
    console.feeder.log.close()
    (console.feeder.log.folder.parent / "log.key").write_text("nothing")
    answer = admin.get("/log?lang=en")
    assert answer.status_code >= 400
    assert "no private key" in answer.text


def test_everything_the_log_can_say_has_words():
    for texts in read_texts().values():
        assert {f"log_kind_{kind}" for kind in KINDS} < set(texts)
        assert {f"log_became_{state}" for state in CLOSED} < set(texts)
        assert {f"log_chain_{word}" for word in (*CHAIN, "whole", "none")} < set(texts)
        mended = ("restored", "key", "lost", "damaged", "files", "rows")
        assert {f"trouble_log_{why}" for why in mended} < set(texts)
        assert {f"audit_{word}" for word in AUDITED} < set(texts)
