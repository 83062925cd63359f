"""ntfy's words, as its app writes them."""

import json

import pytest

from noisetamer.hub.phones import ntfy
from noisetamer.hub.phones.ntfy import Since, since
from noisetamer.hub.phones.postbox import Kept

NOW = 1_775_048_580.0


@pytest.mark.parametrize(
    ("text", "poll", "wanted"),
    [
        ("", False, Since("none")),
        ("", True, Since("all")),
        ("all", False, Since("all")),
        ("none", True, Since("none")),
        ("latest", False, Since("latest")),
        ("10m", False, Since("time", time=NOW - 600)),
        ("1h30m", False, Since("time", time=NOW - 5400)),
        ("2d", False, Since("time", time=NOW - 172_800)),
        ("1.5h", False, Since("time", time=NOW - 5400)),
        ("1635528757", False, Since("time", time=1_635_528_757)),
        ("hwQ2YpKdmg-_", False, Since("id", id="hwQ2YpKdmg-_")),
    ],
)
def test_since(text: str, poll: bool, wanted: Since):
    assert since(text, poll, NOW) == wanted


@pytest.mark.parametrize("text", ["10", "10m3", "m", "-5m", "yesterday", "x" * 13, "9" * 400])
def test_since_that_is_none(text: str):
    if text == "10":
        assert since(text, False, NOW) == Since("time", time=10)
    else:
        with pytest.raises(ValueError, match=text[:20]):
            since(text, False, NOW)


KEPT = Kept(7, "hwQ2YpKdmg12", "a" * 26, NOW + 0.7, {"message": "声\n音", "priority": 5}, False)


def test_forms_of_a_message():
    told = ntfy.message(KEPT)
    line = ntfy.as_json(told)
    assert line.count("\n") == 1 and "声" in line
    assert json.loads(line) == {
        "id": "hwQ2YpKdmg12",
        "time": 1_775_048_580,
        "event": "message",
        "topic": "a" * 26,
        "message": "声\n音",
        "priority": 5,
    }
    assert ntfy.as_sse(told) == f"data: {line}\n"
    assert ntfy.as_raw(told) == "声 音\n"


def test_forms_of_a_keepalive():
    told = ntfy.control("keepalive", "t", NOW)
    assert ntfy.as_sse(told).startswith("event: keepalive\ndata: {")
    assert ntfy.as_raw(told) == "\n"
    assert len(told["id"]) == 12
