"""The sampled chain against the curves of IEC 61672-1."""

from dataclasses import replace

import numpy as np
import pytest

from noisetamer.sound.design import weighting
from noisetamer.sound.design.weighting import THIRD_OCTAVES_HZ, design, worst_error

UP_TO_20_KHZ = np.geomspace(10.0, 20_000.0, 2000)
EVERYWHERE = np.concatenate((THIRD_OCTAVES_HZ, UP_TO_20_KHZ))


@pytest.mark.parametrize("name", ["A", "C", "Z"])
def test_response_is_within_0_045_db_from_10_hz_to_20_khz(name):
    assert worst_error(design(), name, EVERYWHERE) < 0.045


@pytest.mark.parametrize("name", ["A", "C", "Z"])
def test_whole_numbers_keep_the_response_within_0_045_db(name):
    chain = weighting.chain_of(weighting.whole_numbers())
    assert worst_error(chain, name, EVERYWHERE) < 0.045


@pytest.mark.parametrize("name", ["A", "C", "Z"])
def test_1_khz_reads_0_db(name):
    assert weighting.response(design(), name, 1000.0) == pytest.approx(0.0, abs=1e-3)


def test_the_pole_pair_with_one_zero_less_is_no_worse_than_a_full_biquad():
    full = weighting.with_gains(
        # A least-squares fit of all four coefficients, made before this design.
        replace(design(), b1=-0.0517107627, b2=-0.1564774924, a1=0.7446263397, a2=-0.1407048046)
    )
    for name in ("A", "C"):
        ours = worst_error(design(), name, EVERYWHERE)
        assert ours <= worst_error(full, name, EVERYWHERE)


def test_the_design_is_stable_and_minimum_phase():
    chain = design()
    assert np.all(np.abs(np.roots([1.0, -chain.a1, -chain.a2])) < 1.0)
    assert np.all(np.abs(np.roots([1.0, chain.b1, chain.b2])) < 1.0)


def test_leaks_have_their_time_constants():
    chain = design()
    assert -1 / np.log(1 - chain.fast_k) / chain.rate == pytest.approx(0.125)
    assert -1 / np.log(1 - chain.slow_k) / chain.rate == pytest.approx(1.0)


def test_whole_numbers_have_the_fast_and_slow_time_constants_within_0_2_percent():
    chain = weighting.chain_of(weighting.whole_numbers())
    assert chain.fast_k == pytest.approx(design().fast_k, rel=0.002)
    assert chain.slow_k == pytest.approx(design().slow_k, rel=0.002)


def test_a_shelf_lifts_the_low_end_by_one_plus_g():
    low, high = weighting.shelf_response(0.00241, 1.7, [0.001, 20_000.0])
    assert low == pytest.approx(20 * np.log10(2.7), abs=1e-3)
    assert high == pytest.approx(0.0, abs=0.02)
