"""Statistics of periods against numpy, and in the single precision of the chip."""

import numpy as np
import pytest

from tamer.record.reading import Second
from tamer.record.statistics import Energy, Period

PERCENT = (5, 10, 50, 90, 95)


def evening(seconds, seed):
    """LAeq,1s in 0.1 dB of music with pauses over a quiet square, as whole numbers."""
    rng = np.random.default_rng(seed)
    music = 720 + 40 * rng.standard_normal(seconds)
    quiet = 480 + 15 * rng.standard_normal(seconds)
    playing = np.arange(seconds) // 240 % 3 > 0
    return np.where(playing, music, quiet).round().astype(int)


def statistics_of(levels):
    period = Period(0, len(levels))
    for t, level in enumerate(levels.tolist()):
        period.add(Second(t, level, level, level, level, 0))
    return period.statistics()


@pytest.mark.parametrize("seconds", [60, 300, 601, 3600, 20_000, 70_000])
def test_levels_of_a_period_are_those_of_numpy(seconds):
    levels = evening(seconds, seed=seconds)
    found = statistics_of(levels)
    energy = 10.0 ** (levels / 100.0)
    assert pytest.approx(100 * np.log10(energy.mean()), abs=0.51) == found.LAeq
    assert pytest.approx(100 * np.log10(energy.sum()), abs=0.51) == found.LAE
    assert (found.LAmin, found.LAFmax) == (levels.min(), levels.max())
    assert pytest.approx(levels.std(), abs=0.51) == found.deviation
    for percent in PERCENT:
        level = getattr(found, f"L{percent}")
        assert np.mean(levels > level) < percent / 100 <= np.mean(levels >= level)


def test_ten_days_in_single_precision_are_right_to_a_thousandth_of_a_decibel():
    levels = evening(863_999, seed=9)
    energy = Energy()
    for level in levels.astype(np.float32):
        energy.add(level)
    assert [type(part).__name__ for part in energy._sums] == 4 * ["float32"] + ["float"]
    expected = 100 * np.log10(np.mean(10.0 ** (levels / 100.0)))
    assert energy.level(len(levels)) == pytest.approx(expected, abs=0.01)


def test_ten_days_in_one_single_precision_sum_would_be_wrong():
    levels = np.full(864_000, 650, np.float32)
    naive = np.add.accumulate(np.float32(10) ** (levels / np.float32(100)))[-1]
    assert abs(100 * np.log10(naive / 864_000) - 650) > 0.02
