"""What a platform asks is answered as HJ 212 says, and changes nothing that is not allowed."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hj212_device import LEVELS, MN, NOW, UNIT, Heard, device

from noisetamer.hub.forward.hj212 import crc, frame
from noisetamer.hub.forward.hj212.desk import Desk
from noisetamer.hub.forward.hj212.device import Device
from noisetamer.hub.forward.hj212.frame import Frame, Malformed
from noisetamer.hub.forward.hj212.readings import Day, Reading

ASKED = "20160801085857223"


def _request(command: str, area: str = "", **other: object) -> Frame:
    plain = Frame(*(ASKED, "23", command, "123456", MN), 5, area)
    return replace(plain, **other)  # pyright: ignore[reportArgumentType]


def _said(of: Device, request: Frame) -> list[str]:
    """CN and area of each answer."""

    async def all_of_it() -> list[Frame]:
        return [one async for one in Desk(of).obey(request)]

    found = asyncio.run(all_of_it())
    for one in found:
        assert one.MN == MN and not one.wants_answer
        if one.CN in ("9011", "9012", "9013"):
            assert (one.QN, one.ST) == (request.QN, "91")
    return [f"{one.CN} {one.area}" for one in found]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (_request("1011", PW="000000"), 3),
        (_request("1011", MN="0" * 24), 4),
        (_request("1011", ST="31"), 5),
        (_request("1011", flag=5 + 16 * 4), 6),
        (_request("1011", QN="2016"), 7),
        (_request("1011", QN="20161301085857223"), 7),
        (_request("1099"), 8),
        (_request("3011", "PolId=LA"), 2),
        (_request("3021", "PolId=LA;InfoId=i13004;i13004-Info=1"), 2),
        (_request("1072", "NewPW=654321"), 2),
        (_request("1062", "RtdInterval=60"), 2),
        (_request("2011"), 2),
    ],
    ids=lambda one: getattr(one, "CN", one),
)
def test_what_is_wrong_or_not_allowed_is_refused_by_its_number(
    tmp_path: Path, request_: Frame, code: int
):
    """HJ 212-2017 table 7."""
    assert _said(device(tmp_path), request_) == [f"9011 QnRtn={code}"]
    assert not (tmp_path / "kept.json").exists()
    assert _said(device(tmp_path), replace(request_, flag=request_.flag & ~1)) == []


@pytest.mark.parametrize("flag", ["256", "x", "7;PNUM=2", "7;PNUM=1;PNO=2", "5;PNUM=2;PNO=1"])
def test_a_flag_that_cannot_be_is_answered_where_it_still_asks_for_one(tmp_path: Path, flag: str):
    segment = f"QN={ASKED};ST=23;CN=1011;PW=123456;MN={MN};Flag={flag};CP=&&&&"
    with pytest.raises(Malformed) as why:
        frame.read(b"##%04d%s%s\r\n" % (len(segment), segment.encode(), _check(segment)))
    answer = Desk(device(tmp_path)).refuse(why.value)
    if flag[0] in "57":
        assert answer and (answer.QN, answer.area) == (ASKED, "QnRtn=6")
    else:
        assert answer is None


def _check(segment: str) -> bytes:
    return crc.of(segment.encode()).encode()


def test_the_clock_is_told_and_is_set_by_nobody(tmp_path: Path):
    plain = device(tmp_path)
    assert _said(plain, _request("1011", "PolId=LA")) == [
        "9011 QnRtn=1",
        "1011 PolId=LA;SystemTime=20261127000100",
        "9012 ExeRtn=1",
    ]
    assert _said(plain, _request("1012", "SystemTime=20261127000100")) == ["9011 QnRtn=2"]
    allowed = device(tmp_path, allow=frozenset({"clock"}))
    for time, code in (("20261127000101", 1), ("20261127000110", 3), ("soon", 3)):
        said = _said(allowed, _request("1012", f"SystemTime={time}"))
        assert said == ["9011 QnRtn=1", f"9012 ExeRtn={code}"]


def test_intervals_timeouts_password_and_key_are_changed_where_it_is_allowed(tmp_path: Path):
    allow = frozenset({"intervals", "timeouts", "password", "key", "real-time"})
    audited: list[Mapping[str, object]] = []
    of = replace(device(tmp_path, allow=allow, real_time=30), audit=audited.append)
    done = ["9011 QnRtn=1", "9012 ExeRtn=1"]
    for command, area in (
        ("1000", "OverTime=5;ReCount=2"),
        ("1062", "RtdInterval=60"),
        ("1064", "MinInterval=10"),
        ("1014", "SKCreateTime=20240601085857223,NewSK=abcdefghijklmnop"),
    ):
        assert _said(of, _request(command, area)) == done
    now = of.now
    assert (now.overtime, now.recount, now.real_time, now.minutes) == (5, 2, 60, 10)
    assert now.key == b"abcdefghijklmnop"
    assert _said(of, _request("2012")) == ["9013 "]
    assert of.now.wanted is False
    assert _said(of, _request("2011")) == done
    assert of.now.wanted is True
    assert _said(of, _request("1072", "NewPW=654321")) == done
    assert audited[0] == {"overtime": 5, "recount": 2}
    assert audited[-1] == {"password": "..."} and len(audited) == 7
    assert _said(of, _request("1011")) == ["9011 QnRtn=3"]
    # and all of it is there after a start
    again = device(tmp_path, allow=allow)
    assert again.now == of.now and again.now.password == "654321"
    assert (tmp_path / "kept.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("command", "area"),
    [
        ("1000", "OverTime=0;ReCount=3"),
        ("1000", "OverTime=5"),
        ("1062", "RtdInterval=29"),
        ("1062", "RtdInterval=3601"),
        ("1064", "MinInterval=7"),
        ("1072", "NewPW=x;y"),
        ("1014", "NewSK=short"),
        ("1062", "RtdInterval"),
        ("2051", "BeginTime=20261126235900"),
        ("2051", "BeginTime=20261126000000;EndTime=20251126000000"),
        ("2051", "BeginTime=20201126000000;EndTime=20261126000000"),
    ],
)
def test_what_cannot_be_is_told_as_such_and_changes_nothing(
    tmp_path: Path, command: str, area: str
):
    allow = frozenset({"intervals", "timeouts", "password", "key"})
    of = device(tmp_path, allow=allow)
    before = of.now
    assert _said(of, _request(command, area)) == ["9011 QnRtn=1", "9012 ExeRtn=3"]
    assert of.now == before


def test_minutes_of_2025_are_one_minute(tmp_path: Path):
    of = device(tmp_path, allow=frozenset({"intervals"}), version="2025")
    said = _said(of, _request("1064", "MinInterval=10", flag=9))
    assert said == ["9011 QnRtn=1", "9012 ExeRtn=3"]


def test_intervals_and_what_the_device_is_are_told(tmp_path: Path):
    of = device(tmp_path, real_time=45, serials={UNIT: "010000A8900016F000169DC1"})
    for request, told in (
        (_request("1061"), "1061 RtdInterval=45"),
        (_request("1063"), "1063 MinInterval=1"),
        (_request("3019", "PolId=LA"), "3019 PolId=LA;LA-SN=010000A8900016F000169DC1"),
        (
            _request("3020", "PolId=LA;InfoId=i12001"),
            "3020 DataTime=20261127000100;PolId=LA;i12001-Info=0",
        ),
    ):
        assert _said(of, request) == ["9011 QnRtn=1", told, "9012 ExeRtn=1"]
    bare = device(tmp_path)
    for request in (
        _request("1061"),
        _request("3019", "PolId=LA"),
        _request("3020", "InfoId=i11001"),
        _request("2052", "BeginTime=20261126000000;EndTime=20261126000000"),
        _request("2051", "BeginTime=20261126235900;EndTime=20261127000000"),
    ):
        assert _said(bare, request) == ["9011 QnRtn=1", "9012 ExeRtn=100"]


def test_the_past_is_told_period_by_period_with_names_of_their_own(tmp_path: Path):
    """HJ 212-2017 annex C.47."""
    of = device(tmp_path)
    heard = of.readings
    assert isinstance(heard, Heard)
    first = int(NOW) - 120
    for begin in (first, first + 60):
        heard.periods[begin, 60] = Reading(begin, 60, LEVELS, 60, {})
    said = _said(of, _request("2051", "BeginTime=20261126235900;EndTime=20261127000500"))
    data = (
        "L5-Data=53.0;L10-Data=53.0;L50-Data=49.0;L90-Data=45.0;L95-Data=43.0;Leq-Data=50.0;"
        "LMx-Data=54.0;LMn-Data=42.0"
    )
    assert said == [
        "9011 QnRtn=1",
        f"2051 DataTime=20261126235900;{data}",
        f"2051 DataTime=20261127000000;{data}",
        "9012 ExeRtn=1",
    ]
    midnight = int(NOW) - 60 - 86400
    heard.days[midnight] = Day(
        Reading(midnight, 86400, {**LEVELS, "Ldn": 500}, 86400, {}), LEVELS, LEVELS
    )
    said = _said(of, _request("2031", "BeginTime=20261126000000;EndTime=20261126000000"))
    assert said[1].startswith("2031 DataTime=20261126000000;L5-Data=53.0;") and len(said) == 3
    assert ";Ldn-Data=50.0;" in said[1] and ";Ln-NightData=50.0;" in said[1]
