"""The ledger only grows, gives no serial twice, and says in one sentence what keeps it."""

import datetime
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.workshop.ledger.ledger import NO_SERIAL, Ledger
from noisetamer.workshop.ledger.serials import Batch

pytestmark = pytest.mark.zones

BATCH = Batch("NT1", "2611")
NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)


def opened(folder: Path) -> Ledger:
    return Ledger.open(folder / "ledger.sqlite", lambda: NOON)


def enrolled(ledger: Ledger, mac: str, replaces: str | None = None) -> str:
    return ledger.enrol(mac, BATCH, "CLAIM", lambda serial: serial.encode(), replaces).serial


def test_lines_come_back_in_their_order(tmp_path: Path):
    with opened(tmp_path) as ledger:
        ledger.record("NT1-2611-0001", "image", "begun", {"what": "写入"})
        ledger.record("NT1-2611-0002", "image", "begun", {})
        ledger.record("NT1-2611-0001", "image", "passed", {"bytes": 7})
        lines = ledger.history("NT1-2611-0001")
        assert [(line.outcome, line.facts) for line in lines] == [
            ("begun", {"what": "写入"}),
            ("passed", {"bytes": 7}),
        ]
        assert lines[0].at == "2026-11-23T12:00:00Z"
        assert ledger.history("NT1-2611-0001", "start") == []


def test_a_board_keeps_its_serial_for_ever(tmp_path: Path):
    with opened(tmp_path) as ledger:
        first = enrolled(ledger, "24:0a:c4:00:00:01")
        assert enrolled(ledger, "24:0a:c4:00:00:02") == "NT1-2611-0002"
    with opened(tmp_path) as ledger:
        assert enrolled(ledger, "24:0a:c4:00:00:01") == first == "NT1-2611-0001"
        assert ledger.serials() == ["NT1-2611-0001", "NT1-2611-0002"]
        assert ledger.serials(Batch("NT1", "2612")) == []


def test_threads_never_get_one_serial(tmp_path: Path):
    given: list[str] = []
    with opened(tmp_path) as ledger:
        threads = [
            threading.Thread(target=lambda i=i: given.append(enrolled(ledger, f"mac-{i}")))
            for i in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(given) == [f"NT1-2611-{i + 1:04}" for i in range(20)]


def test_boots_are_counted_from_the_time_of_the_day_and_never_from_below_what_was_given(
    tmp_path: Path,
):
    noon = int(NOON.timestamp())
    with opened(tmp_path) as ledger:
        serial = enrolled(ledger, "mac")
        assert ledger.first_boot(serial) == noon
        ledger.record(serial, "identity", "passed", {"mac": "mac", "boot": noon - 60})
        assert ledger.first_boot(serial) == noon
        # Given by a computer whose clock was a day ahead; it may have been counted on since.
        ledger.record(serial, "identity", "passed", {"mac": "mac", "boot": noon + 86400})
        assert ledger.first_boot(serial) > noon + 100 * 86400


@pytest.mark.parametrize("table", ["entry", "unit", "setup", "image", "key", "wanted"])
@pytest.mark.parametrize("change", ["UPDATE {} SET rowid = 9", "DELETE FROM {}"])
def test_nothing_can_be_changed_or_removed(tmp_path: Path, table: str, change: str):
    with opened(tmp_path) as ledger:
        serial = enrolled(ledger, "mac")
        ledger.record(serial, "image", "begun", {})
        ledger.keep_setup(serial, b"sealed")
        ledger.hold_image("image", "ab")
        ledger.hold_key("cd", Path("key"))
        ledger.want(BATCH, 12)
    with (
        sqlite3.connect(tmp_path / "ledger.sqlite") as connection,
        pytest.raises(sqlite3.IntegrityError, match="only grows"),
    ):
        connection.execute(change.format(table))


def test_a_unit_is_replaced_once(tmp_path: Path):
    with opened(tmp_path) as ledger:
        old = enrolled(ledger, "old")
        new = enrolled(ledger, "new", replaces=old)
        assert enrolled(ledger, "new", replaces=old) == new
        successor = ledger.successor(old)
        assert successor and successor.serial == new
        with pytest.raises(UserError, match=f"replaced already: replace {new}"):
            enrolled(ledger, "third", replaces=old)
        with pytest.raises(UserError, match="take a new one to replace"):
            enrolled(ledger, "old", replaces=new)


def test_two_hosts_on_one_ledger_get_a_sentence(tmp_path: Path):
    with opened(tmp_path) as ledger:
        with pytest.raises(UserError, match="Another run is writing to the ledger"):
            opened(tmp_path)
        ledger.record(NO_SERIAL, "identify", "failed", {})
        # Who only looks is let in.
        with Ledger.read(tmp_path / "ledger.sqlite") as reader:
            assert len(reader.history(NO_SERIAL)) == 1
    opened(tmp_path).close()


def test_a_newer_ledger_is_left_alone(tmp_path: Path):
    opened(tmp_path).close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.execute("PRAGMA user_version=4")
    for open_it in (opened, lambda folder: Ledger.read(folder / "ledger.sqlite")):
        with pytest.raises(UserError, match=r"newer Noise Tamer \(format 4, this one knows 3\)"):
            open_it(tmp_path)


def test_a_full_disk_is_said(tmp_path: Path):
    with opened(tmp_path) as ledger:
        (pages,) = ledger._connection.execute("PRAGMA page_count").fetchone()
        ledger._connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(UserError, match=r"The disk of the ledger .* is full: free some space"):
            for _ in range(100):
                ledger.record("X", "image", "begun", {"text": "x" * 1000})


def test_a_ledger_that_the_disk_has_spoilt_names_the_copy(tmp_path: Path):
    with opened(tmp_path) as ledger:
        serial = enrolled(ledger, "24:0a:c4:00:00:01")
        ledger.record(serial, "image", "begun", {"a word": 1})
    path = tmp_path / "ledger.sqlite"
    pages = path.read_bytes()
    spoils = (
        (b'"a word": 1', b'"a word"; 1'),
        (b'"a word": 1', b'"a w\xff\xfed": 1'),
        (b"CREATE TABLE", b"CREATE TABEL"),
    )
    for good, bad in spoils:
        assert good in pages
        path.write_bytes(pages.replace(good, bad))
        said = pytest.raises(UserError, match=r"is damaged \(.*\): go back to the copy you keep")
        with said, Ledger.read(path) as ledger:
            ledger.history(serial)


def test_what_is_no_ledger_is_said(tmp_path: Path):
    file = tmp_path / "ledger.sqlite"
    with pytest.raises(UserError, match="There is no ledger"):
        Ledger.read(file)
    file.write_text("A shopping list, longer than the header of a database file is. " * 20)
    with pytest.raises(UserError, match="is no ledger"):
        Ledger.open(file)
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE recipes(name)")
    with pytest.raises(UserError, match="is no ledger"):
        Ledger.open(file)


def test_an_unknown_serial_is_said(tmp_path: Path):
    with opened(tmp_path) as ledger:
        with pytest.raises(UserError, match="No unit NT1-2611-0009 is in the ledger"):
            ledger.unit("NT1-2611-0009")
        with pytest.raises(UserError, match="is no serial number"):
            ledger.unit("nt1")


def test_a_ledger_of_the_first_version_is_read_and_goes_on(tmp_path: Path):
    dump = Path(__file__).with_name("old") / "ledger-1.sql"
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    with opened(tmp_path) as ledger:
        first, second = ledger.units()
        assert (first.serial, second.replaces) == ("NT1-2611-0001", "NT1-2611-0001")
        assert ledger.setup("NT1-2611-0001") == b"sealed setup"
        assert [line.step for line in ledger.history("NT1-2611-0001")] == ["flash"]
        assert enrolled(ledger, "third") == "NT1-2611-0003"
        assert ledger.wanted(BATCH) is None
        ledger.want(BATCH, 12)
        assert ledger.wanted(BATCH) == 12
        with pytest.raises(sqlite3.IntegrityError, match="the ledger only grows"):
            ledger._connection.execute("DELETE FROM entry")
