"""city.toml: what is written is read, and what is wrong in it is said in one sentence."""

from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.city import layout
from noisetamer.hub.city.layout import Layout, Server

CITY = Layout(
    16,
    'se"cret',
    "among",
    tuple(Server(f"nats-{n}", f"10.0.0.1{n}", 4222, 8883, 6222) for n in (1, 2, 3)),
)


def test_what_is_written_is_read_by_its_owner_alone(tmp_path: Path):
    layout.write(tmp_path, CITY)
    assert layout.read(tmp_path) == CITY
    assert (tmp_path / layout.FILE).stat().st_mode & 0o77 == 0
    assert "secret" not in repr(CITY.cluster("nats-1", "0.0.0.0"))
    assert CITY.shared.replicas == 3


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("parts = 16", "parts = 0", "parts is to be a number"),
        ("parts = 16", "parts = '16'", "parts is to be a number"),
        ("hubs = 4222", "hubs = 70000", "a port is"),
        ('name = "nats-2"', 'name = "nats-1"', "two brokers have one name"),
        ("[[broker]]", "[[brokers]]", "0 brokers"),
        ("parts = 16", "parts = ", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, said: str):
    layout.write(tmp_path, CITY)
    file = tmp_path / layout.FILE
    file.write_text(file.read_text().replace(before, after))
    with pytest.raises(UserError, match=said):
        layout.read(tmp_path)


def test_a_folder_that_is_none_says_how_one_is_made(tmp_path: Path):
    with pytest.raises(UserError, match="city prepare"):
        layout.read(tmp_path)
    with pytest.raises(UserError, match="no broker 'nats-9'"):
        CITY.broker("nats-9")
