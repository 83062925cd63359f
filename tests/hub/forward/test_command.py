"""`noisetamer forward check`: what is wrong is said with its line before anything is sent."""

import argparse
from pathlib import Path

import pytest
from service_beside import Reply, service

from noisetamer.base.errors import UserError
from noisetamer.hub.forward.command import run_command
from noisetamer.hub.registry import Units


def check(data: Path, text: str, tried: bool = False) -> int:
    (data / "forward.toml").write_text(text)
    return run_command(argparse.Namespace(task="check", data=data, only="", tried=tried))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    units = Units(tmp_path / "units.sqlite")
    units.enrol("NT-0001", "", "东门广场")
    units.enrol("NT-0002", "", "西门广场")
    return tmp_path


def test_every_fault_has_its_line_and_says_what_to_do(
    data: Path, capsys: pytest.CaptureFixture[str]
):
    text = """[[destination]]
name = "grafana"
kind = "influxdb"
url = "http://influx.example:8086"
token = "abc"

[[destination]]
name = "fiware"
kind = "ngsi"
url = "https://broker.example"
entity = "box"
"""
    with pytest.raises(UserError, match="5 faults"):
        check(data, text)
    told = capsys.readouterr().out.replace(f"{data}/", "").splitlines()
    assert [line.split(": ")[0:2] for line in told] == [
        ["forward.toml:1", "destination[1].bucket"],
        ["forward.toml:1", "destination[1].token_file"],
        ["forward.toml:4", "destination[1].url"],
        ["forward.toml:5", "destination[1].token"],
        ["forward.toml:11", "destination[2].entity"],
    ]


def test_a_unit_whose_place_is_wanted_and_not_known_is_named(
    data: Path, capsys: pytest.CaptureFixture[str]
):
    text = """[[destination]]
name = "fiware"
kind = "ngsi"
url = "https://broker.example"

[[destination]]
name = "hook"
kind = "sensorthings"
url = "https://sta.example/v1.1"
units = ["NT-0001"]

[place."东门广场"]
latitude = 31.2
longitude = 121.5
"""
    assert check(data, text) == 1
    told = capsys.readouterr().out
    assert told.count("has no [place]") == 1
    assert "NT-0002 has no [place]: what it tells is put aside" in told


def test_tried_each_is_asked_once_and_nothing_is_told(
    data: Path, capsys: pytest.CaptureFixture[str]
):
    token = data / "token"
    token.write_text("t0ken")
    token.chmod(0o600)
    with service(lambda _: Reply(401, {"message": "unauthorized access"})) as there:
        text = f"""[[destination]]
name = "grafana"
kind = "influxdb"
url = "{there.url}"
private = true
bucket = "noise"
token_file = "token"
"""
        assert check(data, text, tried=True) == 1
        there.answer = lambda _: Reply(204)
        assert check(data, text, tried=True) == 0
    assert [got.body for got in there.got] == [b"", b""]
    told = capsys.readouterr().out
    assert "! 127.0.0.1 does not let us in: HTTP 401 unauthorized access" in told
    assert "  127.0.0.1 takes what is written." in told
