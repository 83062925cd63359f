"""The FPU kernel's machine code: frequency weighting, level linearity, what must not disturb.

The digital part only; 0 dB is a full-scale sine. 1 kHz at 120 dB SPL is taken as full scale
where a sound pressure level is named.
"""

import numpy as np
import pytest
from scipy.signal import lfilter

from noisetamer.sound.design.weighting import analytic, design, shelf_response
from noisetamer.sound.kernels.emulated_fpu import hear
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.iec61672 import weightings
from noisetamer.sound.standards.signals import RATE, level, quantised, sine

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]

FULL_SCALE_SPL = 120.0


def steady(samples, settle=1.0):
    """A signal whose second take is the sound once filters have settled."""
    return Signal(samples, [round(settle * RATE), len(samples)])


def heard(samples, settle=1.0):
    """LA, LC and LZ of each settled sound, in dB re a full-scale sine."""
    founds = hear([steady(s, settle) for s in samples])
    return np.array([[level(x / f.n) for x in (f.A, f.C, f.Z)] for _, f in founds])


def whole_periods(hertz, seconds):
    """The nearest duration that holds whole periods, so that no part of one is measured."""
    return round(seconds * hertz) / hertz


def tone(hertz, dB, settle=1.0, seconds=1.0):
    return sine(hertz, dB, settle + whole_periods(hertz, seconds), fade=settle / 2)


@pytest.fixture(scope="module")
def response(qemu):
    return heard([tone(row.exact, -20.0) for row in weightings()]) + 20.0


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (1, "C"), (2, "Z")])
def test_response_at_the_34_frequencies_is_within_0_06_db(response, column, name):
    expected = analytic(name, [row.exact for row in weightings()])
    assert np.max(np.abs(response[:, column] - expected)) < 0.06


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (1, "C"), (2, "Z")])
def test_response_is_far_within_the_class_1_limits(response, column, name):
    for row, value in zip(weightings(), response[:, column], strict=True):
        deviation = value - getattr(row, name)
        assert row.class1[0] / 2 < deviation < row.class1[1] / 2, row.nominal


@pytest.mark.parametrize(
    ("hertz", "span"), [(1000.0, 115), (8000.0, 110), (31.5, 65)], ids=lambda v: str(v)
)
def test_level_is_linear_within_0_1_db(hertz, span):
    levels = np.arange(0, -span - 1, -5.0)
    measured = heard([tone(hertz, dB) for dB in levels])[:, 0]
    reference = measured[4] - levels[4]
    assert np.max(np.abs(measured - levels - reference)) < 0.1


def test_a_direct_current_of_1_percent_moves_33_dba_by_less_than_0_1_db():
    quiet = tone(1000.0, 33.0 - FULL_SCALE_SPL)
    offset = quiet + round(0.01 * 2**23)
    (without, with_offset) = heard([quiet, offset])
    assert with_offset[0] == pytest.approx(without[0], abs=0.1)
    assert with_offset[1] == pytest.approx(without[1], abs=0.1)


def test_114_db_at_31_5_hz_reads_its_own_a_weighted_level():
    ((la, lc, lz),) = heard([tone(31.623, 114.0 - FULL_SCALE_SPL)])
    assert la + FULL_SCALE_SPL == pytest.approx(114.0 - 39.44, abs=0.1)
    assert lc + FULL_SCALE_SPL == pytest.approx(114.0 - 3.01, abs=0.1)
    assert lz + FULL_SCALE_SPL == pytest.approx(114.0, abs=0.1)


def test_strong_wind_rumble_does_not_hide_a_quiet_tone():
    rumble = tone(2.0, -10.0, settle=3.0)
    both = rumble + tone(1000.0, -80.0, settle=3.0)
    ((la, _, _),) = heard([both], settle=3.0)
    assert la == pytest.approx(-80.0, abs=0.1)


def test_the_equaliser_lifts_what_the_microphone_loses():
    shelves = [(0.00241, 1.7), (0.00241, 1.7), (0.5, -0.3)]
    for hertz in (20.0, 100.0, 1000.0, 10_000.0):
        signal = steady(tone(hertz, -30.0))
        ((_, plain),) = hear([signal])
        ((_, equalised),) = hear([signal], equaliser=(0.8, shelves))
        expected = 20 * np.log10(0.8) + sum(shelf_response(k, g, hertz) for k, g in shelves)
        for quantity in ("Z", "C", "A", "fast_max", "slow_max"):
            gain = level(getattr(equalised, quantity)) - level(getattr(plain, quantity))
            assert gain == pytest.approx(expected, abs=0.02), (hertz, quantity)


def test_float32_differs_from_float64_by_less_than_0_001_db_on_noise():
    noise = quantised(0.05 * np.random.default_rng(61672).standard_normal(2 * RATE))
    ((found,),) = hear([Signal(noise, [len(noise)])])
    for quantity, expected in in_float64(noise).items():
        assert level(getattr(found, quantity)) == pytest.approx(level(expected), abs=1e-3), (
            quantity
        )


def in_float64(samples):
    """The same chain in double precision by scipy, sample by sample."""
    chain = design()

    def high_pass(x, k):
        return np.asarray(lfilter([1.0, -1.0], [1.0, k - 1.0], x))

    def detect(x, k):
        return np.asarray(lfilter([k], [1.0, k - 1.0], x))

    z = high_pass(samples.astype(float), chain.direct_current_k)
    c = high_pass(high_pass(z, chain.low_k), chain.low_k)
    pole_pair = [1.0, chain.b1, chain.b2], [1.0, -chain.a1, -chain.a2]
    c = np.asarray(lfilter(*pole_pair, c))
    a = high_pass(high_pass(c, chain.a_low_k), chain.a_high_k)
    a_squared = chain.A_gain * a * a
    fast, slow = detect(a_squared, chain.fast_k), detect(a_squared, chain.slow_k)
    return {
        "Z": np.sum(z * z),
        "C": chain.C_gain * np.sum(c * c),
        "A": np.sum(a_squared),
        "C_peak": chain.C_gain * np.max(c * c),
        "fast_max": fast.max(),
        "fast_min": fast.min(),
        "slow_max": slow.max(),
        "slow_min": slow.min(),
    }
