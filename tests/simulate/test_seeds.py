import pytest

from noisetamer.simulate.seeds import seeds


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1..4", [1, 2, 3, 4]), ("7", [7]), ("3, 9,3", [3, 9]), ("5..6,1..2", [5, 6, 1, 2])],
)
def test_its_forms(text, numbers):
    assert seeds(text) == numbers
