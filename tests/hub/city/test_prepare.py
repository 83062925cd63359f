"""`noisetamer city prepare`: the folder that each machine gets, or one sentence."""

from pathlib import Path

import pytest

from noisetamer import cli
from noisetamer.base.database import place
from noisetamer.hub import address
from noisetamer.hub.bus.authority import issued
from noisetamer.hub.city import layout

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
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_made(
    tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
):
    assert prepare(tmp_path / "city", *words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "city").exists()
