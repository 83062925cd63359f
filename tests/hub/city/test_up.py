"""What is wrong with a city's folder is said before anything is started."""

import socket
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.city import services, up
from noisetamer.hub.city.up import HERE, City, Size


def test_a_port_that_is_taken_and_a_spoilt_file_are_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for look in ("must_be_there", "must_be_reached"):
        monkeypatch.setattr(services, look, lambda *_: None)
    made = City(tmp_path, Size(), print)
    assert City(tmp_path, Size(), print).places == made.places
    monkeypatch.setattr(up, "ENDING_SECONDS", 0.0)
    port = made.places[1].api
    with (
        socket.create_server((HERE, port)),
        pytest.raises(UserError, match=f"Port {port}, .* is taken"),
    ):
        City(tmp_path, Size(), print)
    (tmp_path / services.LOCAL).write_text("{")
    with pytest.raises(UserError, match=r"cannot be read .* name another folder"):
        City(tmp_path, Size(), print)
