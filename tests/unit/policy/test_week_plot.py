"""A policy's week as a picture: what it has room for."""

import pytest

from noisetamer.unit.policy import week_plot


@pytest.mark.parametrize(
    ("name", "hours", "shown"),
    [
        ("evening dance", 1.5, "evening dance"),
        ("evening dance on days off", 2, "evening dance on d…"),
        ("休息日广场舞", 1.5, "休息日广场舞"),
        ("休息日广场舞（晚间）", 1.5, "休息日广场舞…"),
        ("day, general limit", 0.7, "day…"),
    ],
)
def test_a_chinese_name_takes_twice_the_room(name: str, hours: float, shown: str):
    assert week_plot._cut(name, hours) == shown
