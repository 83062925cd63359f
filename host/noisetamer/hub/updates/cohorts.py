"""Which boxes get it first: cohorts by chance, spread over the squares. Pure."""

import random
from collections.abc import Collection, Mapping, Sequence

SIZES = (1, 10, 100)
"""As shipped; then the rest."""


def chosen(
    squares: Mapping[str, str], sizes: Sequence[int], seed: int, present: Collection[str] = ()
) -> list[tuple[str, ...]]:
    """Every unit in one cohort, each cohort in the order in which its units come.

    squares: {unit: its square}; sizes: of the first cohorts, the last is of what is left;
    present: units that are connected, which are taken first while there are any.

    No cohort holds all boxes of a square that has several, so what is left may be more than one.
    """
    chance = random.Random(seed)
    left: dict[str, list[str]] = {}
    for unit in sorted(squares):
        left.setdefault(squares[unit], []).append(unit)
    most = {square: max(1, len(units) - 1) for square, units in left.items()}
    for units in left.values():
        chance.shuffle(units)
        units.sort(key=lambda unit: unit not in present)
    order = sorted(left)
    chance.shuffle(order)
    found: list[tuple[str, ...]] = []
    while any(left.values()):
        size = sizes[len(found)] if len(found) < len(sizes) else len(squares)
        # a square whose next box is away comes after those whose box is there
        order.sort(key=lambda square: not left[square] or left[square][0] not in present)
        found.append(_one(left, order, most, size))
        # whose turn it was is last the next time
        order = order[size % len(order) :] + order[: size % len(order)]
    return found


def _one(
    left: dict[str, list[str]], order: Sequence[str], most: Mapping[str, int], size: int
) -> tuple[str, ...]:
    """The next cohort: of each square one, then another of each, as far as that may be."""
    taken: list[str] = []
    of_square = dict.fromkeys(order, 0)
    while len(taken) < size:
        before = len(taken)
        for square in order:
            if left[square] and of_square[square] < most[square] and len(taken) < size:
                taken.append(left[square].pop(0))
                of_square[square] += 1
        if len(taken) == before:
            break
    return tuple(taken)
