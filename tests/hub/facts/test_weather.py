"""A station's table becomes the hours of weather.sqlite."""

from contextlib import closing
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.facts import weather_table
from noisetamer.hub.facts.weather import Hour, Weather

TABLE = """时间,风速 m/s,降水量 mm,气温
2026-11-28 19:00,2.5,0,11
2026-11-28 20:00,3,"1.5",
2026-11-28 21:00,强风,0,10
"""
SEVEN = 1_795_863_600  # 2026-11-28 19:00 at +08:00


def test_rows_are_hours_and_what_cannot_be_read_is_named(tmp_path: Path):
    found = weather_table.read("站.csv", TABLE.encode("gb18030"), 8.0, frozenset({"东门广场"}))
    assert found.hours == [
        Hour("", SEVEN, 2.5, 0.0, 11.0),
        Hour("", SEVEN + 3600, 3.0, 1.5, None),
    ]
    assert len(found.faults) == 1 and "强风" in found.faults[0] and "4" in found.faults[0]
    with closing(Weather(tmp_path / "weather.sqlite")) as weather:
        assert weather.add(found.hours) == 2
        weather.add([Hour("", SEVEN, 4.0)])
        assert weather.between(SEVEN, SEVEN + 1) == [Hour("", SEVEN, 4.0)]


@pytest.mark.parametrize("text", ["时间,电压\n2026-11-28 19:00,3\n", "时间,风速\n昨天,3\n", ""])
def test_a_table_that_is_none_is_refused_in_one_sentence(text: str):
    with pytest.raises(UserError):
        weather_table.read("x.csv", text.encode(), 8.0, frozenset())
