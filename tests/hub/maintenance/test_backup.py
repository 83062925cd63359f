"""A hub comes back from one file: its units go on, and what came after the backup is told."""

import io
import json
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hub_process import HubProcess
from logged_in import log_in
from scripted_unit import START, Box

from noisetamer.base.errors import UserError
from noisetamer.cli.parser import Parser
from noisetamer.hub.command import add_options, run_command
from noisetamer.hub.maintenance import backup
from noisetamer.hub.maintenance.check import check
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People
from noisetamer.hub.people.tickets import PASSWORD
from noisetamer.hub.phones import keys
from noisetamer.hub.registry import Units
from noisetamer.hub.store.writer import Store


def hub_run(*words: str | Path) -> int:
    parser = Parser()
    add_options(parser)
    return run_command(parser.parse_args([str(word) for word in words]))


def ill(data: Path) -> list[str]:
    return [one.what for one in check(data) if one.ill and one.what != "disk"]


@pytest.mark.service
def test_a_restored_hub_has_all_that_was_acknowledged_and_its_units_go_on(
    hub: HubProcess, box: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for seq in range(1, 41):
        box.seconds(seq, START + 10 * seq, [500 + seq] * 10)
    box.wait_ack(40)
    (hub.data / "pictures").mkdir(exist_ok=True)
    (hub.data / "pictures" / "1.jpg").write_bytes(b"a picture")
    assert hub_run("backup", tmp_path / "kept", "--data", hub.data) == 0
    (made,) = (tmp_path / "kept").iterdir()
    assert made.stat().st_mode & 0o777 == 0o600
    assert str(made) in capsys.readouterr().out
    for seq in range(41, 61):
        box.seconds(seq, START + 10 * seq, [700] * 10)
    box.wait_ack(60)
    assert hub_run("check", "--data", hub.data) == 0  # while it runs
    assert f"backup: {made} of " in capsys.readouterr().out

    hub.kill()
    shutil.rmtree(hub.data)  # the disk is gone
    assert hub_run("restore", made, "--data", hub.data) == 0
    assert (hub.data / "pictures" / "1.jpg").read_bytes() == b"a picture"
    assert hub.data.stat().st_mode & 0o777 == 0o700
    hub.start()
    # the same secret, the same authority, the same address
    again = Box(hub.unit())
    with again.mqtt, closing(sqlite3.connect(hub.data / "hub.sqlite")) as connection:
        kept = connection.execute("SELECT seq FROM record ORDER BY seq").fetchall()
        assert kept == [(seq,) for seq in range(1, 41)]
        # the box has let go of what was acknowledged
        again.seconds(61, START + 610, [500] * 10, oldest=61)
        again.wait_ack(61)
    capsys.readouterr()
    assert hub_run("check", "--data", hub.data) == 0
    said = capsys.readouterr().out
    assert "restored from the backup of 20" in said
    assert (
        "SIM-0001: 20 records are gone, of boot 1 from 41 to 60, "
        "between 2026-11-23 11:06:49 UTC and 2026-11-23 11:10:19 UTC" in said
    )


def test_a_store_knows_that_it_was_restored_until_its_hub_has_run(data: Path, tmp_path: Path):
    with closing(Store(data / "hub.sqlite")) as store:
        store.prove(1000.0)
        assert not store.restored
    made = backup.make(data, tmp_path / "kept")
    backup.restore(made, tmp_path / "again")
    for restored in (True, False):
        with closing(Store(tmp_path / "again" / "hub.sqlite")) as store:
            assert store.restored is restored
            store.prove(4e9)


def test_nothing_that_opened_a_door_before_opens_one_after_a_restore(data: Path, tmp_path: Path):
    """Used since the backup was made, or ended; and numbers of incidents begin again."""
    with closing(People(data / "people.sqlite")) as people:
        session = log_in(people, name="wang")
        person = people.accounts.named("wang")
        assert person
        invitation = people.tickets.make(PASSWORD, person.account, HUB)
    keys.kept(data / "links.key")
    made = backup.make(data, tmp_path / "kept")
    backup.restore(made, tmp_path / "new")
    with closing(People(tmp_path / "new" / "people.sqlite")) as people:
        assert people.sessions.find(session) is None
        assert people.tickets.look(invitation) is None
        assert people.verify() == ""
        newest = people.log.entries()[0]
        assert (newest.by, newest.what) == ("command line", "restored")
        assert newest.detail["made"] == backup.verify(made).isoformat()
    assert not (tmp_path / "new" / "links.key").exists()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub's folder, as far as it needs no hub."""
    folder = tmp_path / "hub"
    Units(folder / "units.sqlite").enrol("SIM-0001")
    Store(folder / "hub.sqlite").close()
    return folder


def changed(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with tarfile.open(archive) as tar:
        files = {one.name: tar.extractfile(one).read() for one in tar}  # pyright: ignore
    change(files)
    with tarfile.open(archive, "w") as tar:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return archive


def outside(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["../elsewhere"] = manifest["files"]["units.sqlite"]
    files["../elsewhere"] = files["units.sqlite"]
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda files: files.pop("units.sqlite"), r"damaged \(units.sqlite is missing\)"),
        (lambda files: files.update({"units.sqlite": b"x" * 99}), r"damaged \(units.sqlite is n"),
        (lambda files: files.pop("manifest.json"), "is no backup of a hub"),
        (outside, "is no backup of a hub"),
    ],
)
def test_a_damaged_backup_restores_nothing(
    data: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], why: str
):
    made = changed(backup.make(data, tmp_path / "kept"), change)
    with pytest.raises(UserError, match=why):
        backup.restore(made, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_restored_over_a_hub(data: Path, tmp_path: Path):
    made = backup.make(data, tmp_path / "kept")
    with pytest.raises(UserError, match="is not empty"):
        backup.restore(made, data)
    cut = tmp_path / "cut.tar"
    cut.write_bytes(made.read_bytes()[:9000])
    for file in (cut, tmp_path / "none.tar", data / "units.sqlite"):
        with pytest.raises(UserError, match=str(file)):
            backup.restore(file, tmp_path / "new")


def spoil(file: Path, page: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096 * page)
        opened.write(b"\x55" * 4096)


def test_a_damaged_database_makes_no_backup_and_is_named(data: Path, tmp_path: Path):
    before = backup.make(data, tmp_path / "kept")
    spoil(data / "hub.sqlite", 3)
    with pytest.raises(UserError, match=r"hub\.sqlite: is damaged .*keep the last one"):
        backup.make(data, tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == [before]
    assert set(ill(data)) == {"hub.sqlite", "certificates"}  # no hub has made any yet


def test_bundles_of_evidence_are_in_no_backup(data: Path, tmp_path: Path):
    """They are made anew, and whoever was given one has it; so are the facts."""
    (data / "facts.duckdb").write_bytes(b"made anew at any time")
    for name in ("evidence", "facts.duckdb.tmp"):
        (data / name).mkdir()
        (data / name / "x.zip").write_bytes(b"a bundle")
    with tarfile.open(backup.make(data, tmp_path / "kept")) as archive:
        names = archive.getnames()
    assert not [name for name in names if "x.zip" in name or "facts" in name]


def test_check_needs_a_hub(tmp_path: Path):
    for words in (("check",), ("backup", tmp_path / "kept")):
        with pytest.raises(UserError, match="no hub has run there"):
            hub_run(*words, "--data", tmp_path / "none")
    with pytest.raises(UserError, match="there is no bakup: did you mean backup"):
        hub_run("bakup", tmp_path, "--data", tmp_path)
    with pytest.raises(UserError, match="required: --data"):
        hub_run("check")
