"""A day as a picture: what is not known is a gap, and the limit has its steps."""

from noisetamer.hub.web.day_drawing import draw


def test_gaps_and_steps():
    found = draw([500, 600, None, 700], [(0, 550), (2, 650)], [1])
    assert found
    assert [line.count(" ") for line in found.lines] == [3, 1]  # two minutes, a gap, one
    assert len(found.limit) == 2
    assert found.limit[1].endswith("720.0," + found.limit[1].rpartition(",")[2])
    assert found.spoken == (0.8,)
    assert [level for _, level in found.grid] == [50, 60, 70]


def test_without_a_limit_and_without_levels():
    found = draw([500], [])
    assert found and found.limit == ()
    assert draw([None, None], [(0, 650)]) is None
    assert draw([], []) is None
