"""Policies of every kind, for property tests."""

from typing import Any

from hypothesis import strategies as st

from tamer.judge.calendar import DAYS

EVENING = 1795527000  # 2026-11-24 21:30 in China
WEEK = 7 * 86400

_times = st.builds(
    lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}",
    st.integers(0, 1440) | st.sampled_from([0, 360, 720, 1320, 1440]),
)
_ends = st.lists(_times, min_size=2, max_size=2, unique=True)
_spans = st.lists(_ends, max_size=2)
_limits = st.sampled_from(["class", 45, 55, 60, 65.5, 70])
_days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=4)
_dates = st.integers(20, 30).map(lambda day: f"2026-11-{day}")


def _rules(**more: Any) -> st.SearchStrategy[list[dict[str, Any]]]:
    def made(values: dict[str, Any]) -> dict[str, Any]:
        since, until = values.pop("ends")
        return {"from": since, "to": until, **values}

    return st.lists(st.fixed_dictionaries({"ends": _ends, **more}).map(made), max_size=3)


def _in_order(dates: list[str]) -> dict[str, str]:
    first, last = sorted(dates)
    return {"from": first, "to": last}


def _quiet(values: tuple[list[str], Any, bool]) -> dict[str, Any]:
    return {"name": "exam", **_in_order(values[0]), "limit": values[1], "speak": values[2]}


tables: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "utc_offset": st.sampled_from(["+08:00", "-03:30", "+00:00"]),
        # An hour forward on Wednesday, back on Saturday.
        "clock_changes": st.just(
            [["2026-11-25T01:00Z", "+09:00"], ["2026-11-28T15:30Z", "+08:00"]]
        ),
        "area": st.sampled_from([{"class": "1"}, {"standard": "GB 12523-2025"}]),
        "hours": st.sampled_from([{"day_from": "07:30"}, {"night_from": "00:00"}]),
        "limit": st.fixed_dictionaries({"day": _limits, "night": _limits}),
        "venue": _rules(name=st.just("dance"), days=_days, limit=_limits),
        "allowed": _rules(days=_days),
        "holidays": st.lists(_dates, max_size=2),
        "workdays": st.lists(_dates, max_size=2),
        "quiet": st.lists(
            st.tuples(st.lists(_dates, min_size=2, max_size=2), _limits, st.booleans()).map(
                _quiet
            ),
            max_size=1,
        ),
        "sudden": st.sampled_from([{"on": False}, {"above": 10}]),
        "background": st.fixed_dictionaries({"hours": _spans}),
        "speaking": st.fixed_dictionaries({"pause": _spans}),
        "trial": st.just(
            {
                "name": "light before voice",
                "arm": [{"name": "voice"}, {"name": "light", "after": 20, "gap": 9}],
            }
        ),
        "volume": _rules(volume=st.integers(-20, 0)),
        "spotlight": st.fixed_dictionaries({"off": _spans}),
        "panel": st.fixed_dictionaries({"dim_from": _times, "dim_to": _times}),
    },
)
