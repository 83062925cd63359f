"""`noisetamer city prepare`: the folder that each machine gets, or one sentence."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noisetamer import cli
from noisetamer.base.database import place
from noisetamer.hub import address
from noisetamer.hub.bus.authority import issued, names_in
from noisetamer.hub.city import layout
from noisetamer.hub.city.prepare import renew

BROKERS = [f"--broker=nats-{n}=10.0.0.1{n}" for n in (1, 2, 3)]
URL = "postgresql://noisetamer:secret@127.0.0.1:5000/noisetamer"


def prepare(folder: Path, *words: str) -> int:
    return cli.run(["city", "prepare", "--data", str(folder), *words])


def test_each_machine_gets_what_it_needs_and_boxes_are_told_the_name(tmp_path: Path):
    folder = tmp_path / "city"
    assert prepare(folder, *BROKERS, "--name", "boxes.example.cn", "--database", URL) == 0
    assert address.told(folder) == ("boxes.example.cn", 8883)
    assert place.url_of(folder) == URL
    city = layout.read(folder)
    for one in city.brokers:
        assert issued(folder / "certificates" / one.name).server_key.exists()
    assert (folder / layout.FILE).stat().st_mode & 0o77 == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*BROKERS[:2], "--database", URL], "3 brokers"),
        (["--broker", "x", "--database", URL], "NAME=ADDRESS"),
        ([*BROKERS, "--database", "mysql://x"], "no address of a PostgreSQL database"),
        ([*BROKERS, "--database", URL, "--name", "boxes example"], "no host name"),
        ([*BROKERS[:2], "--broker", "../x=10.0.0.13", "--database", URL], "NAME=ADDRESS"),
        ([*BROKERS[:2], BROKERS[0], "--database", URL], "one name"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_made(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert prepare(tmp_path / "city", *words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "city").exists()


def test_certificates_are_renewed_with_their_names_where_the_authoritys_key_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "city"
    prepare(folder, *BROKERS, "--name", "boxes.example.cn", "--database", URL)
    of_first = folder / "certificates" / "nats-1"
    authority = (of_first / "ca.der").read_bytes()
    before = issued(of_first)
    key = before.server_key.read_bytes()
    later = datetime.now(UTC) + timedelta(days=700)
    assert renew(folder, later)["nats-3"] > before.server_ends + timedelta(days=699)
    assert names_in(of_first / "server.pem") == ["10.0.0.11", "boxes.example.cn"]
    assert before.server_key.read_bytes() != key
    assert (of_first / "ca.der").read_bytes() == authority  # boxes notice nothing
    words = ["city", "renew", "--data", str(folder)]
    assert cli.run(words) == 0
    assert "nats-2: until" in capsys.readouterr().out
    (folder / "certificates" / "ca.key").unlink()
    assert cli.run(words) == 2
    assert "the authority's key, is not there" in capsys.readouterr().err
    assert authority == (folder / "certificates" / "ca.der").read_bytes()
