"""What the boxes of a load hear: one seeded walk of levels, coded once. Pure.

Coding ten seconds costs more than all else that a box of a load does for them, so they are coded
before the load begins, and each box goes along the same walk from a place of its own.
"""

import random
from functools import lru_cache

from tamer.record import level_code
from tamer.record.reading import Second

BATCH = 10  # s
WALK = 1024  # batches


@lru_cache(4)
def walk(seed: int) -> list[bytes]:
    """The payloads, of code CODED_SECONDS, of WALK consecutive batches."""
    chance = random.Random(seed)
    found: list[bytes] = []
    wander = bass = 0.0
    for _ in range(WALK):
        batch: list[Second] = []
        for at in range(BATCH):
            wander = 0.9 * wander + chance.gauss(0, 12)
            bass = 0.9 * bass + chance.gauss(0, 8)
            A = round(560 + wander)
            C = round(0.6 * A + 300 + bass)
            F = A + 15 + round(abs(chance.gauss(0, 10)))
            batch.append(Second(at, A, F, C, C + 120 + round(abs(chance.gauss(0, 15))), 0))
        found.append(level_code.encode(batch))
    return found
