"""Independent random streams out of one seed."""

import zlib

import numpy as np


def stream(seed: int, unit: int, purpose: str) -> np.random.Generator:
    """The random stream of one purpose in one unit's world; the same three give the same numbers.

    `unit` is -1 for what all units share, such as the tune a source plays.
    """
    return np.random.default_rng([seed, unit + 1, zlib.crc32(purpose.encode())])
