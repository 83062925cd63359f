"""The tables against the standard's own formulas."""

import numpy as np
import pytest

from noisetamer.sound.design.weighting import FAST_SECONDS, SLOW_SECONDS, analytic, poles
from noisetamer.sound.standards import iec61672

ROWS = iec61672.weightings()


def test_the_table_covers_10_hz_to_20_khz_in_third_octaves():
    assert len(ROWS) == 34
    assert (ROWS[0].nominal, ROWS[-1].nominal) == (10, 20_000)
    assert all(abs(row.exact / row.nominal - 1) < 0.015 for row in ROWS)


def test_poles_are_those_printed_in_annex_e():
    assert poles().low == pytest.approx(20.60, abs=0.005)
    assert poles().a_low == pytest.approx(107.7, abs=0.05)
    assert poles().a_high == pytest.approx(737.9, abs=0.05)
    assert poles().high == pytest.approx(12194, abs=0.5)


@pytest.mark.parametrize("weighting", ["A", "C"])
def test_every_value_is_the_formula_rounded_to_a_tenth(weighting):
    frequencies = [row.exact for row in ROWS]
    table = [getattr(row, weighting) for row in ROWS]
    assert np.max(np.abs(analytic(weighting, frequencies) - table)) <= 0.0501


def test_every_toneburst_reference_is_the_formula_rounded_to_a_tenth():
    for row in iec61672.tonebursts():
        seconds = row.milliseconds / 1000
        share = {
            "LAFmax-LA": 1 - np.exp(-seconds / FAST_SECONDS),
            "LASmax-LA": 1 - np.exp(-seconds / SLOW_SECONDS),
            "LAE-LA": seconds,
        }[row.quantity]
        assert 10 * np.log10(share) == pytest.approx(row.reference, abs=0.0501), row
