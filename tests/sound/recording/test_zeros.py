"""Runs of exact zeros are found to the sample."""

import numpy as np
import pytest
from recorders import pcm

from noisetamer.sound.recording import zeros
from noisetamer.sound.recording.plain import Stretch

RATE = 100


def runs(samples, block):
    found = zeros.Runs(RATE)
    for at in range(0, len(samples), block):
        found.add(samples[at : at + block])
    return found.found()


@pytest.mark.parametrize("seed", range(20))
def test_a_run_is_found_wherever_it_begins(seed, tmp_path):
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
    file = tmp_path / "samples"
    file.write_bytes(b"RIFF" + pcm(samples.astype(float), 24))
    with file.open("rb") as lying:
        stretch = Stretch(lying.fileno(), 4, len(samples), 3)
        for block in (7, 99, 250, 2_000):
            assert runs(samples, block) == expected
            assert runs(stretch, block) == expected


@pytest.mark.parametrize("length", [0, 1, 99, 100, 101, 149])
def test_a_short_recording_of_zeros(length):
    expected = [(0, length)] if length >= RATE else []
    assert runs(np.zeros(length, np.float32), 60) == expected
