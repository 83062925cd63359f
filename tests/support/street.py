"""Levels as in a street, by seeded chance: a day's course, cars, people, gusts of bass."""

from collections.abc import Iterator

import numpy as np

from tamer.record import encoding
from tamer.record.reading import Second


def seconds(t: int, length: int, seed: int = 1) -> list[Second]:
    chance = np.random.default_rng(seed)
    course = 550 + 60 * np.sin((t + np.arange(length)) / 86400 * 2 * np.pi)
    A = course + _wander(chance, length, 0.85, 12)
    for _ in range(length // 108):
        begin = chance.integers(0, length - 15)
        A[begin : begin + 15] += np.hanning(15) * chance.uniform(30, 180)
    F = A + 15 + np.abs(chance.normal(0, 10, length))
    C = 0.6 * A + 300 + _wander(chance, length, 0.9, 8)
    P = C + 120 + chance.gumbel(0, 15, length)
    levels = np.stack([A, F, C, P]).round().astype(int).T.tolist()
    return [Second._make((t + i, *row, 0)) for i, row in enumerate(levels)]


def messages(t: int, length: int, seed: int = 1, first: int = 1) -> Iterator[bytes]:
    """Of a unit's first boot, with its numbers from `first` on, as a box sends them."""
    heard = seconds(t, length, seed)
    for number, at in enumerate(range(0, length, 10), first):
        batch = heard[at : at + 10]
        code, payload = encoding.shortest(batch)
        record = encoding.record(code, 1, number, batch[0].t, payload)
        yield encoding.enveloped(number - 1, record)


def _wander(chance: np.random.Generator, length: int, stays: float, step: float):
    found = chance.normal(0, step, length)
    for i in range(1, length):
        found[i] += stays * found[i - 1]
    return found
