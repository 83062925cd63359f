"""Clerks write times in many ways; each is the one moment it means, or told as none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.complaints import moments

ZONE = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 28, 22, tzinfo=ZONE).timestamp()

MEANT = {
    "2026-11-28 19:30": "2026-11-28 19:30:00",
    "2026年11月28日19时30分": "2026-11-28 19:30:00",
    "2026年11月28日 晚上8点半": "2026-11-28 20:30:00",
    "2026年11月28日晚8时许": "2026-11-28 20:00:00",
    "2026-11-28 下午7:30": "2026-11-28 19:30:00",
    "2026-11-28 凌晨1点": "2026-11-28 01:00:00",
    "2026-11-28 凌晨12:20": "2026-11-28 00:20:00",
    "2026年11月27日晚上12点": "2026-11-28 00:00:00",
    "2026/11/27 24:00": "2026-11-28 00:00:00",
    "２０２６－１１－２８　１９：３０": "2026-11-28 19:30:00",
    "20261128193000": "2026-11-28 19:30:00",
    "46354.8125": "2026-11-28 19:30:00",
    "11月27日 19:30": "2026-11-27 19:30:00",
    "12-24 20:15": "2025-12-24 20:15:00",
    "2026-11-28T19:30:05+09:00": "2026-11-28 18:30:05",
}


def test_what_clerks_write():
    found = moments.read("f", list(MEANT), ZONE, NOW)
    told = [datetime.fromtimestamp(t or 0, ZONE).strftime("%F %T") for t in found.t]
    assert dict(zip(MEANT, told, strict=True)) == MEANT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("昨晚", "is no time"),
        ("2026-11-28 25:00", "is no time"),
        ("2026-02-30 19:00", "is no time"),
        ("2026-11-28", "has a date and no time of day"),
        ("2026-12-28 19:00", "is in the future"),
    ],
)
def test_what_is_no_time_is_told(text: str, why: str):
    found = moments.read("f", ["2026-11-28 19:30", text], ZONE, NOW)
    assert (found.t[1], found.why) == (None, ["", why])


def test_day_and_month_are_told_once_a_file():
    assert moments.read("f", ["11/12/2025 08:00", "28/11/2025 08:00"], UTC, NOW).t[0] == round(
        datetime(2025, 12, 11, 8, tzinfo=UTC).timestamp()
    )
    with pytest.raises(UserError, match="may be 2025-12-11 or 2025-11-12"):
        moments.read("f", ["11/12/2025 08:00"], UTC, NOW)
