"""Levels come out as the standard's examples have them, each marked by what was not heard."""

import json
from pathlib import Path

import pytest

from noisetamer.hub.forward.hj212 import areas, marks

FRAMES = json.loads(Path(__file__).with_name("vectors.json").read_text())["frames"]
LEVELS = {
    "L5": 530,
    "L10": 530,
    "L50": 490,
    "L90": 450,
    "L95": 430,
    "LAeq": 500,
    "LAFmax": 540,
    "LAmin": 420,
    "LCeq": 600,
    "SD": 30,
}


def _printed(annex: str) -> str:
    segment = next(one["segment"] for one in FRAMES if annex in one["source"])
    return segment.partition("CP=&&")[2].removesuffix("&&")


def test_they_are_those_of_the_standard():
    """HJ 212-2017 annex C.25 to C.28."""
    assert areas.real_time("20160801085857", 501, "N", "needed") == _printed("C.25, without")
    assert areas.period("20160801084000", LEVELS, "N", "needed") == _printed("C.26")
    assert areas.period("20160801080000", LEVELS, "N", "needed") == _printed("C.27")
    by_day = LEVELS | {"L50": 520, "L90": 510, "L95": 500, "LAeq": 525, "LAmin": 450}
    by_night = LEVELS | {"L50": 520, "L90": 510, "L95": 490, "LAeq": 525}
    whole = LEVELS | {"Ldn": 500}
    told = areas.day("20160801000000", whole, by_day, by_night, "N", "needed")
    assert told == _printed("C.28")


def test_a_mark_stands_beside_each_level_where_one_is_needed():
    level = {"LAeq": 501}
    time = "20160801084000"
    assert areas.period(time, level, "T", "needed") == f"DataTime={time};Leq-Data=50.1,Leq-Flag=T"
    assert areas.period(time, level, "N", "always") == f"DataTime={time};Leq-Data=50.1,Leq-Flag=N"
    assert areas.period(time, level, "N", "never") == f"DataTime={time};Leq-Data=50.1"
    assert areas.period(time, level, "T", "never") == ""
    assert areas.period(time, {}, "F", "always") == ""
    assert areas.real_time(time, None, "F", "always") == ""


@pytest.mark.parametrize(
    ("coverage", "reasons", "mark"),
    [
        (1.0, {}, "N"),
        (0.75, {"wind": 15}, "N"),
        (0.5, {"wind": 30}, "F"),
        (0.5, {"overload": 20, "wind": 10}, "T"),
        (0.1, {"microphone": 54}, "D"),
        (0.0, {"not received": 60}, "B"),
        (0.3, {"own voice": 20, "rain": 2, "gap": 20}, "F"),
        (0.0, {}, "B"),
    ],
)
def test_too_little_is_marked_by_what_took_most_of_it(
    coverage: float, reasons: dict[str, int], mark: str
):
    assert marks.of(coverage, reasons, 0.75) == mark


def test_times_are_of_the_sites_clock():
    assert areas.stamp(1_470_013_137, 8.0) == "20160801085857"
    assert areas.moment("20160801085857", 8.0) == 1_470_013_137
    assert areas.stamp(1_470_013_137, -3.5) == "20160731212857"
    for wrong in ("2016", "20161301085857", "2016080108585x"):
        with pytest.raises(ValueError, match=r"is no YYYY|unconverted|does not match"):
            areas.moment(wrong, 8.0)
