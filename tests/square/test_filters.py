"""The world's filters are scipy's, to the bit, though most of scipy is not loaded for them."""

import numpy as np
import pytest
import scipy.signal

from noisetamer.square import filters
from noisetamer.square.levels import RATE


@pytest.mark.parametrize("design", filters.DESIGNS)
def test_a_kept_design_is_what_scipy_designs(design):
    order, corner, band = design
    made = scipy.signal.butter(order, corner, band, output="sos", fs=RATE)
    # Another machine's mathematics may differ in the last digit.
    assert filters.DESIGNS[design] == pytest.approx(made, rel=1e-12, abs=1e-15)


def test_another_corner_is_designed_when_it_is_asked_for():
    made = scipy.signal.butter(1, 60, "highpass", output="sos", fs=RATE)
    assert (filters.butterworth(1, 60, "highpass") == made).all()


@pytest.mark.parametrize("design", filters.DESIGNS)
def test_samples_come_out_as_from_scipy_in_blocks_of_any_size(design):
    sections = filters.butterworth(*design)
    samples = np.random.default_rng(1).standard_normal(5000)
    there, state = scipy.signal.sosfilt(sections, samples, zi=np.zeros((len(sections), 2)))
    here, after = [], np.zeros((len(sections), 2))
    for block in np.split(samples, [1, 700, 4999]):
        sound, after = filters.filtered(sections, block, after)
        here.append(sound)
    assert (np.concatenate(here) == there).all()
    assert (after == state).all()


@pytest.mark.parametrize("number", [np.float32, np.float64])
@pytest.mark.parametrize("coefficients", [([0.1], [1.0, -0.9]), ([0.2], [1.0, -1.8, 0.9])])
def test_a_recursion_comes_out_as_from_scipy(coefficients, number):
    b, a = coefficients
    samples = np.random.default_rng(1).standard_normal(500).astype(number)
    there, after = scipy.signal.lfilter(b, a, samples, zi=np.ones(len(a) - 1))
    here, state = filters.recursive(b, a, samples, np.ones(len(a) - 1))
    assert here.dtype == there.dtype
    assert (here == there).all()
    assert (state == after).all()


def test_its_samples_and_its_state_are_not_written_over():
    sections = filters.butterworth(1, 20.0, "highpass")
    samples, state = np.ones(100), np.zeros((1, 2))
    filters.filtered(sections, samples, state)
    assert (samples == 1).all()
    assert (state == 0).all()


def test_the_response_is_scipys():
    sections = filters.butterworth(6, 7200.0, "lowpass")
    frequency = np.arange(50, 20_000, 10.0)
    _, there = scipy.signal.sosfreqz(sections, frequency, fs=RATE)
    assert (filters.response(sections, frequency) == there).all()
