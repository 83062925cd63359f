"""Line protocol, read by somebody else's parser, and a server that answers as InfluxDB's do."""

import asyncio
import base64

import pytest
from line_protocol_parser import parse_line
from service_beside import Reply, Service, service
from some_facts import NOON, SQUARE, around, asked, event, period

from noisetamer.hub.forward import influx
from noisetamer.hub.forward.facts import DAY, Fact
from noisetamer.hub.forward.format import Refused, Sent, Unreachable

V2 = {"bucket": "noise", "org": "city", "token_file": "t0ken"}


def sent(there: Service, *facts: Fact, **keys: object) -> Sent:
    async def send() -> Sent:
        made = influx.make(asked(influx, url=there.url, private=True, **{**V2, **keys}), around())
        try:
            return await made.send(facts)
        finally:
            await made.close()

    return asyncio.run(send())


def test_a_minute_reads_as_it_was_written():
    read = parse_line(influx.line(period(), "noise"))
    assert read["measurement"] == "noise"
    assert read["time"] == NOON * 1000
    assert read["tags"] == {
        "unit": "SIM-0001",
        "square": SQUARE.replace("\\", "/"),
        "name": "北柱",
        "period": "1min",
    }
    assert read["fields"] == {
        "LAeq": 65.4,
        "LAFmax": 74.5,
        "LAmin": 55.0,
        "L10": 68.4,
        "L50": 63.4,
        "L90": 57.4,
        "coverage": 0.95,
        "valid_seconds": 57,
        "late": False,
        "overload": False,
        "under_range": False,
    }


def test_a_level_is_a_float_always():
    """The first value of a field decides its type for ever: 67.0 after 66.5, never 67."""
    read = parse_line(influx.line(period(LAeq=670), "noise"))
    assert type(read["fields"]["LAeq"]) is float
    assert type(read["fields"]["valid_seconds"]) is int


def test_a_period_of_which_nothing_is_known_has_coverage_and_no_level():
    read = parse_line(influx.line(period(levels={}, valid=0), "noise"))
    assert read["fields"]["coverage"] == 0.0
    assert "LAeq" not in read["fields"]


def test_an_event_has_its_levels_in_decibels_and_two_in_one_second_are_two_points():
    read = parse_line(influx.line(event(), "noise"))
    assert read["measurement"] == "noise_event"
    assert read["tags"]["what"] == "stage"
    fields = {"from": "green", "to": "red", "limit": 60.0, "level": 66.7, "late": False}
    assert read["fields"] == fields
    one, other = (
        Fact("event", key, "U", "", "S", NOON, NOON, what="order") for key in ("U 1 8", "U 1 9")
    )
    times = {parse_line(influx.line(fact, "noise"))["time"] for fact in (one, other)}
    assert len(times) == 2
    assert {t // 1000 for t in times} == {NOON}


@pytest.mark.parametrize(
    "text",
    ['say "so"', "a\\", "\\", 'a\\"b', "line\nbreak", "x=1,y 2", "# not", "", "的=", "🙂", "\x01"],
)
def test_whatever_a_text_holds_it_reads_back(text: str):
    read = parse_line(influx.line(event("boot", self_test=text), "noise"))
    one_line = text.translate({1: " ", 10: " "})
    assert read["fields"]["self_test"] == one_line
    tagged = Fact("minute", "k", "U", text, "S", NOON, NOON + 60, valid=1)
    read = parse_line(influx.line(tagged, "noise"))
    assert read["tags"].get("name", "") == one_line.replace("\\", "/").strip()
    assert read["fields"]["valid_seconds"] == 1


def test_version_2_is_asked_as_it_wants():
    with service() as there:
        assert sent(there, period(), event()) == Sent(2)
    (got,) = there.got
    assert (got.method, got.path) == ("POST", "/api/v2/write")
    assert got.query == {"bucket": "noise", "org": "city", "precision": "ms"}
    assert got.headers["authorization"] == "Token t0ken"
    assert [parse_line(line)["measurement"] for line in got.body.decode().splitlines()] == [
        "noise",
        "noise_event",
    ]


def test_version_1_is_asked_as_it_wants():
    keys = {"version": 1, "database": "city", "retention_policy": "a year", "token_file": ""}
    with service() as there:
        sent(there, period(), **keys, user="hub", password_file="pass:word", bucket="", org="")
    (got,) = there.got
    assert got.path == "/write"
    assert got.query == {"db": "city", "rp": "a year", "precision": "ms"}
    login = base64.b64encode(b"hub:pass:word").decode()
    assert got.headers["authorization"] == f"Basic {login}"


def test_a_partial_write_that_says_not_which_is_tried_in_parts():
    """As versions 1 and 2: what is written is written, how many are not is said."""
    why = "partial write: points beyond retention policy dropped=2"
    answer = Reply(422, {"code": "unprocessable entity", "message": why})
    with service(lambda _: answer) as there, pytest.raises(Refused, match="dropped=2"):
        sent(there, *(period(NOON + 60 * i) for i in range(4)))


def test_version_3_says_which_lines_and_none_is_asked_twice():
    answer = {
        "error": "partial write of line protocol occurred",
        "data": [{"error_message": "invalid field type", "line_number": 2, "original_line": "x"}],
    }
    with service(lambda _: Reply(400, answer)) as there:
        found = sent(there, period(), period(NOON + 60), period(NOON + 120))
    assert found == Sent(2, {1: "invalid field type"})
    assert len(there.got) == 1


def test_a_wrong_token_keeps_what_waits_and_says_so():
    answer = {"code": "unauthorized", "message": "unauthorized access"}
    with service(lambda _: Reply(401, answer)) as there, pytest.raises(Unreachable) as caught:
        sent(there, period())
    assert str(caught.value) == "127.0.0.1 does not let us in: HTTP 401 unauthorized access"


def test_too_many_requests_are_waited_for():
    busy = Reply(429, b"slow down", {"Retry-After": "30"})
    with service(lambda _: busy) as there, pytest.raises(Unreachable) as caught:
        sent(there, period())
    assert (caught.value.after, caught.value.taken) == (30.0, 0)


def test_a_bad_setting_is_said():
    usual = {name: key.default for name, key in influx.KEYS.items()}
    usual |= {"url": "https://influx.example"}
    assert influx.judge(usual) == [
        ("bucket", "version 2 needs it"),
        ("token_file", "version 2 needs it"),
    ]
    assert influx.judge({**usual, "version": 1}) == [("database", "version 1 needs it")]


def test_a_day_has_its_own_levels():
    day = period(kind=DAY, valid=86000, levels={"LAeq": 600, "Ld": 612, "Ln": 551, "Ldn": 630})
    read = parse_line(influx.line(day, "noise"))
    assert read["tags"]["period"] == "1d"
    assert (read["fields"]["Ld"], read["fields"]["Ln"], read["fields"]["Ldn"]) == (
        61.2,
        55.1,
        63.0,
    )
