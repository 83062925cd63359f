"""Where things are on a panel. Runs in both Pythons."""

import pytest

from tamer.act import layout

pytestmark = pytest.mark.pure


def refused(width, height):
    try:
        layout.of(width, height)
    except ValueError as wrong:
        return str(wrong)
    return None


def test_the_shipped_sizes():
    small, large = layout.of(32, 8), layout.of(64, 16)
    assert (small.number, small.shape_at, small.text) == ("small", 24, "small")
    assert (large.number, large.shape_at, large.text) == ("large", 48, "unifont")


def test_what_is_too_small_for_a_number_and_a_shape_is_refused():
    assert refused(29, 8) is None
    needed = "panel: %d x %d LEDs are too few for number and shape, 29 x 8 are needed"
    for width, height in ((28, 8), (32, 7), (8, 32), (16, 16)):
        assert refused(width, height) == needed % (width, height)


def test_16_rows_show_chinese_even_where_the_large_number_has_no_room():
    square = layout.of(32, 16)
    assert (square.number, square.number_down) == ("small", 4)
    assert (square.text, square.text_down) == ("unifont", 0)


def test_everything_keeps_its_column_for_all_that_fits():
    for width in range(29, 130):
        for height in range(8, 40):
            found = layout.of(width, height)
            number, shape = (38, 14) if found.number == "large" else (19, 7)
            assert number <= found.room < found.shape_at
            assert found.shape_at + shape < width
            assert 0 <= found.number_down <= min(height, layout.ROWS) - 8
