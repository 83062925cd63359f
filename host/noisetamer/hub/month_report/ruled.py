"""The limits of a month by the policies that a box decided by. Pure.

A box tells its limit where its stage changes: a square that is quiet from the night on has told
nothing but the night's by noon.
"""

from collections.abc import Mapping, Sequence

from noisetamer.unit.policy.show import rulings
from tamer.judge.policy import Policy


def limits(
    since: int,
    until: int,
    told: Sequence[tuple[int, str]],
    known: Mapping[str, Policy],
) -> tuple[tuple[int, int], ...]:
    """(t, 0.1 dB) of each change in since <= t < until, Unix s; () where a policy is not known.

    told: (since when, first digits of its hash) of each in turn; the first held before too.
    """
    if not told or any(hash not in known for _, hash in told):
        return ()
    found: list[tuple[int, int]] = []
    begins = [since, *(t for t, _ in told[1:])]
    for begin, end, (_, hash) in zip(begins, [*begins[1:], until], told, strict=True):
        for one in rulings(known[hash], begin, end):
            if not found or found[-1][1] != one.limit:
                found.append((one.since, one.limit))
    return tuple(found)
