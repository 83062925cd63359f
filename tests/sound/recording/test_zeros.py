"""Runs of exact zeros are found to the sample."""

import numpy as np
import pytest

from noisetamer.sound.recording import zeros

RATE = 100


def runs(samples, block):
    found = zeros.Runs(RATE)
    for at in range(0, len(samples), block):
        found.add(samples[at : at + block])
    return found.found()


@pytest.mark.parametrize("seed", range(20))
def test_a_run_is_found_wherever_it_begins(seed):
    chance = np.random.default_rng(seed)
    samples = np.where(chance.random(2_000) < 0.5, 0.0, 0.1).astype(np.float32)
    expected = []
    for at in (0, 600, 1_300, 1_900):
        begin = at + int(chance.integers(1, 60)) if at else 0
        end = min(begin + int(chance.integers(80, 300)), 2_000)
        samples[begin:end] = 0
        samples[max(0, begin - 1) : begin] = 0.1
        samples[end : end + 1] = 0.1
        if end - begin >= RATE:
            expected.append((begin, end))
    for block in (7, 99, 250, 2_000):
        assert runs(samples, block) == expected


@pytest.mark.parametrize("length", [0, 1, 99, 100, 101, 149])
def test_a_short_recording_of_zeros(length):
    expected = [(0, length)] if length >= RATE else []
    assert runs(np.zeros(length, np.float32), 60) == expected
