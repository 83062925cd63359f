"""Who gets it first: every unit once, spread over the squares."""

import random

import pytest
from updated_units import squares

from noisetamer.hub.updates import cohorts


@pytest.mark.parametrize("boxes", [1, 2, 3, 12, 57, 200, 1000])
def test_each_unit_is_in_one_cohort_and_no_square_is_in_one_with_all_its_boxes(boxes: int):
    for seed in range(1 + 200 // boxes):
        of = squares(boxes, random.Random(seed))
        found = cohorts.chosen(of, cohorts.SIZES, seed)
        assert sorted(unit for group in found for unit in group) == sorted(of)
        if boxes >= 200:
            assert [len(group) for group in found[:3]] == [1, 10, 100]
        for group in found:
            for square in {of[unit] for unit in group}:
                whole = [unit for unit in of if of[unit] == square]
                assert len(whole) == 1 or not set(whole) <= set(group)


def test_the_same_seed_chooses_the_same_and_another_another():
    of = squares(200, random.Random(1))
    assert cohorts.chosen(of, (1, 10), 5) == cohorts.chosen(dict(reversed(of.items())), (1, 10), 5)
    assert cohorts.chosen(of, (1, 10), 5) != cohorts.chosen(of, (1, 10), 6)


def test_the_first_cohorts_are_of_boxes_that_are_there():
    of = squares(200, random.Random(1))
    present = set(random.Random(2).sample(sorted(of), 60))
    found = cohorts.chosen(of, (1, 10, 100), 5, present)
    assert {*found[0], *found[1]} <= present


def test_the_first_ten_boxes_are_of_ten_squares():
    of = squares(200, random.Random(1))
    first = cohorts.chosen(of, (10, 20), 5)[0]
    assert len({of[unit] for unit in first}) == 10
