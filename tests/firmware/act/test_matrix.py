"""How matrices are chained. Runs in both Pythons."""

import pytest

from tamer.act import matrix, tiles

pytestmark = pytest.mark.pure


def drawn(order, width):
    """The places on the chain, row by row."""
    return [list(order[at : at + width]) for at in range(0, len(order), width)]


def test_columns_and_rows_there_and_back_and_not():
    assert drawn(matrix.columns(3, 2), 3) == [[0, 2, 4], [1, 3, 5]]
    assert drawn(matrix.columns_there_and_back(3, 2), 3) == [[0, 3, 4], [1, 2, 5]]
    assert drawn(matrix.rows(2, 3), 2) == [[0, 1], [2, 3], [4, 5]]
    assert drawn(matrix.rows_there_and_back(2, 3), 2) == [[0, 1], [3, 2], [4, 5]]


def test_a_matrix_turned_or_mirrored():
    order = matrix.rows(3, 2)
    assert drawn(tiles.turned(order), 3) == [[5, 4, 3], [2, 1, 0]]
    assert drawn(tiles.mirrored(order, 3), 3) == [[2, 1, 0], [5, 4, 3]]


def test_four_matrices_of_8_rows_make_one_of_16_the_lower_ones_hung_upside_down():
    upper = matrix.columns_there_and_back(32, 8)
    lower = tiles.turned(upper)
    whole = tiles.tiled(64, 32, 8, ((0, 0, upper), (32, 0, upper), (32, 8, lower), (0, 8, lower)))
    assert sorted(whole) == list(range(1024))
    assert [whole[0], whole[32], whole[63]] == [0, 256, 511]
    # The chain goes on below where it ended above, and comes back to the left.
    assert [whole[15 * 64 + 63], whole[8 * 64 + 63]] == [512, 519]
    assert [whole[15 * 64 + 31], whole[15 * 64]] == [768, 1023]


def test_two_matrices_side_by_side_make_a_longer_one():
    part = matrix.rows(2, 2)
    assert drawn(tiles.tiled(4, 2, 2, ((0, 0, part), (2, 0, part))), 4) == [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
    ]


def test_tiles_that_do_not_fit_together_are_refused():
    part = matrix.rows(2, 2)
    for x, y in ((0, 0), (1, 0), (3, 0), (0, 2)):
        try:
            tiles.tiled(4, 2, 2, ((0, 0, part), (x, y, part)))
        except ValueError as wrong:
            assert str(wrong) == "tile 2 overlaps another or the edge"
        else:
            raise AssertionError(f"placed at {x}, {y}")
