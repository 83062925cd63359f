"""`noisetamer forward check`: what is wrong is said with its line before anything is sent."""

import argparse
import re
from contextlib import closing
from pathlib import Path

import pytest
import some_facts
from in_chinese import english_in, run_in_chinese
from service_beside import Reply, service

from noisetamer.base.errors import UserError
from noisetamer.hub.forward import destinations
from noisetamer.hub.forward.command import run_command
from noisetamer.hub.forward.queue import Queue
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


WRONG = """nmae = 1
[[destination]]
name = "A b"
kind = "hj212"
host = ""
port = 99999
password_file = "open"
mn = 3
token = "x"
at_once = 0
facts = ["minutes"]
[[destination]]
name = "a"
kind = "hj212"
host = "a"
port = 1
password_file = "long"
key_file = "long"
version = "2017"
mn = { A = "1", B = "1", C = "%" }
system = "2"
single = 5
real_time = 1
allow = ["all"]
[[destination]]
name = "a"
kind = "home-assistant"
host = "a"
commands = ["x"]
messages = ["%"]
[[destination]]
name = "b"
kind = "webhook"
url = "https://u:p@a/"
secret_file = "long"
[[destination]]
name = "c"
kind = "sensor-community"
url = "http://a"
sensors = { A = "x", B = "x", C = 1 }
[[destination]]
name = "d"
kind = "sensorthings"
levels = ["L1"]
[[destination]]
name = "e"
kind = "ngsi"
url = "https://:99999/"
service_path = "x"
enabled = "x"
timeout = "x"
[[destination]]
name = "f"
kind = "influxdb"
url = "a"
token_file = "gone"
version = 3
[[destination]]
kind = "none"
[[destination]]
name = "g"
kind = "mqtt"
tls = 2
[place.x]
latitude = 100
"""


def test_in_chinese_no_fault_stays_english(data: Path):
    for name, mode in (("open", 0o644), ("long", 0o600)):
        (data / name).write_text("1234567890")
        (data / name).chmod(mode)
    (data / "forward.toml").write_text(WRONG)
    ran = run_in_chinese("forward", "check", "--data", data)
    assert ran.code == 2
    said = []
    for line in ran.out.splitlines():
        place, reason = line.replace(str(data), "").split(": ", 1)
        key, reason = reason.split(": ", 1)
        said.append(f"{place} {key}")
        # names of keys and kinds, and what is to be written
        told = re.sub(r"可以是.*|`.*`|chmod 600", "", reason)
        assert english_in(told, "name", "single", "http", "true", "false") == [], line
    assert len(said) == 40


def test_in_chinese_no_sentence_of_what_comes_of_it_stays_english(data: Path):
    (data / "token").write_text("t0ken")
    (data / "token").chmod(0o600)
    names = ("influxdb", "ngsi", "grafana", "minute", "hook", "webhook", "mqtt")
    with service(lambda _: Reply(401, {"message": "UNAUTHORIZED"})) as there:
        (data / "forward.toml").write_text(f"""[[destination]]
name = "grafana"
kind = "influxdb"
url = "{there.url}"
private = true
bucket = "noise"
token_file = "token"
units = ["NT-0009"]
squares = ["北门"]

[[destination]]
name = "hook"
kind = "ngsi"
url = "https://127.0.0.1"

[[destination]]
name = "off"
kind = "ngsi"
url = "https://127.0.0.1"
enabled = false
""")
        for words in (
            ("check", "--try"),
            ("show",),
            ("check", "--only", "Nobody"),
        ):
            ran = run_in_chinese("forward", words[0], "--data", data, *words[1:])
            assert (ran.out or ran.wrong) and english_in(ran, *names, "off", "place") == []
    asked = next(one for one in destinations.read(data).all if one.name == "hook")
    with closing(Queue(data / "forward.sqlite")) as queue:
        queue.begin(["grafana", "hook"])
        facts = [some_facts.period(some_facts.NOON + 180 * n) for n in range(3)]
        queue.add(facts, 0.0)
        first = queue.next(asked, 2)
        reason = "where it stands is not known: write a [place] for its unit or square"
        queue.done("hook", first.place, 1, [(first.facts[0], reason)], 1.0)
    ran = run_in_chinese("forward", "show", "--data", data)
    assert english_in(ran, *names, "off", "place") == []
    assert "被拒收 1\n" in ran.out and "不知道它的位置" in ran.out
    for words in (("check", "--data", data / "none"), ("show", "--data", data / "none")):
        assert english_in(run_in_chinese("forward", *words)) == []
