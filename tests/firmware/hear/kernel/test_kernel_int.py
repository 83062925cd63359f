"""The integer kernel: weighting, linearity, bursts, peak and equaliser.

The viper code itself runs, in MicroPython's unix port; test_int_kernel_bits.py shows that the
chip gives the same bits. The digital part only; 0 dB is a full-scale sine, and 120 dB SPL is
taken as full scale where a sound pressure level is named.
"""

import numpy as np
import pytest
import unix_port

from noisetamer.base.errors import UserError
from noisetamer.sound.design.equaliser import total_response
from noisetamer.sound.design.weighting import analytic, chain_of, whole_numbers
from noisetamer.sound.kernels.ported_int import hear
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.iec61672 import tonebursts, weightings
from noisetamer.sound.standards.signals import RATE, TONEBURST_HZ, burst, level, quantised, sine

pytestmark = pytest.mark.device

FULL_SCALE_SPL = 120.0
WEIGHTINGS = ((0, "A"), (1, "C"), (2, "Z"))


def tone(hertz, dB, settle=1.0, seconds=1.0):
    """Whole periods after the time to settle."""
    return sine(hertz, dB, settle + round(seconds * hertz) / hertz, fade=settle / 2)


def heard(samples, equaliser=(1.0, ()), settle=1.0):
    """LA, LC and LZ of each settled sound, in dB re a full-scale sine."""
    signals = [Signal(s, [round(settle * RATE), len(s)]) for s in samples]
    founds = [settled for _, settled in hear(signals, equaliser)]
    return np.array([[level(x / f.n) for x in (f.A, f.C, f.Z)] for f in founds])


@pytest.fixture(scope="module")
def response():
    return heard([tone(row.exact, -20.0) for row in weightings()]) + 20.0


@pytest.mark.parametrize(("column", "name"), WEIGHTINGS)
def test_response_at_the_34_frequencies_is_within_0_05_db(response, column, name):
    expected = analytic(name, [row.exact for row in weightings()])
    assert np.max(np.abs(response[:, column] - expected)) < 0.05


@pytest.mark.parametrize(("column", "name"), WEIGHTINGS)
def test_1_khz_reads_its_level(response, column, name):
    at_1_khz = [row.nominal for row in weightings()].index(1000.0)
    assert response[at_1_khz, column] == pytest.approx(0.0, abs=0.002)


def test_the_gains_are_those_of_the_whole_numbers(response):
    from_kernel = heard([tone(1000.0, -20.0)])[0, :2] + 20.0
    assert from_kernel == pytest.approx([0.0, 0.0], abs=0.002)
    numbers = whole_numbers()
    assert (numbers.b0, numbers.b2, numbers.a1, numbers.a2) == (514, -73, 710, -125)
    assert chain_of(numbers).C_gain == pytest.approx((514 / 1024) ** 2, rel=1e-4)


@pytest.mark.parametrize(
    ("hertz", "span", "limit"), [(1000.0, 110, 0.1), (4000.0, 110, 0.1), (8000.0, 105, 0.2)]
)
def test_level_is_linear(hertz, span, limit):
    levels = np.arange(0, -span - 1, -5.0)
    measured = heard([tone(hertz, dB) for dB in levels])[:, :2]
    reference = measured[4] - levels[4]
    assert np.max(np.abs(measured - levels[:, None] - reference)) < limit


def test_lc_at_31_5_hz_is_linear_within_0_1_db_over_105_db():
    levels = np.arange(0, -106, -15.0)
    measured = heard([tone(31.623, dB) for dB in levels])[:, 1]
    assert np.max(np.abs(measured - levels - analytic("C", 31.623))) < 0.1


def test_a_direct_current_of_1_percent_moves_33_dba_by_less_than_0_1_db():
    quiet = tone(1000.0, 33.0 - FULL_SCALE_SPL, settle=4.0)
    without, with_offset = heard([quiet, quiet + round(0.01 * 2**23)], settle=4.0)
    assert with_offset[:2] == pytest.approx(without[:2], abs=0.1)


def test_114_db_at_31_5_hz_reads_its_own_a_weighted_level():
    ((la, lc, lz),) = heard([tone(31.623, 114.0 - FULL_SCALE_SPL)]) + FULL_SCALE_SPL
    assert la == pytest.approx(114.0 - 39.44, abs=0.1)
    assert lc == pytest.approx(114.0 - 3.01, abs=0.1)
    assert lz == pytest.approx(114.0, abs=0.1)


@pytest.fixture(scope="module")
def bursts():
    """LAFmax, LASmax and LAE of each duration, relative to the steady level."""
    durations = sorted({row.milliseconds for row in tonebursts()})
    signals = [Signal(sine(TONEBURST_HZ, -10.0, 3.0), [RATE, 3 * RATE])]
    for milliseconds in durations:
        samples = burst(TONEBURST_HZ, -10.0, milliseconds * TONEBURST_HZ / 1000, 1.5)
        signals.append(Signal(samples, [len(samples)]))
    (_, continuous), *founds = hear(signals)
    steady = level(continuous.A / continuous.n)
    return {
        milliseconds: {
            "LAFmax-LA": level(found.fast_max) - steady,
            "LASmax-LA": level(found.slow_max) - steady,
            "LAE-LA": level(found.A / RATE) - steady,
        }
        for milliseconds, (found,) in zip(durations, founds, strict=True)
    }


@pytest.mark.parametrize("row", tonebursts(), ids=lambda r: f"{r.quantity}-{r.milliseconds:g}ms")
def test_tonebursts_read_their_reference_within_0_2_db(bursts, row):
    assert bursts[row.milliseconds][row.quantity] == pytest.approx(row.reference, abs=0.2)


# Reference LCpeak - LC: IEC 61672-1:2013, Table 5.
@pytest.mark.parametrize(
    ("hertz", "cycles", "reference", "limit"),
    [(31.5, 1, 2.5, 2.0), (500.0, 1, 3.5, 1.0), (8000.0, 1, 3.4, 2.0), (500.0, 0.5, 2.4, 1.0)],
)
def test_c_peak_reads_its_reference_within_half_the_class_1_limit(hertz, cycles, reference, limit):
    samples = burst(hertz, -10.0, cycles, 0.5)
    steady, up, down = (
        founds[-1]
        for founds in hear(
            [
                Signal(sine(hertz, -10.0, 2.0), [RATE, 2 * RATE]),
                Signal(samples, [len(samples)]),
                Signal(-samples, [len(samples)]),
            ]
        )
    )
    for found in (up, down):
        above = level(found.C_peak) - level(steady.C / steady.n)
        assert above == pytest.approx(reference, abs=limit / 2)


def test_a_quiet_sound_after_a_clipped_square_reads_as_on_its_own():
    """Nothing that overflows stays behind."""
    t = np.arange(RATE) / RATE
    clipped = quantised(np.sign(np.sin(2 * np.pi * 7.0 * t)))
    quiet = tone(1000.0, -80.0, settle=4.0)
    both = np.concatenate((clipped, quiet))
    ((*_, after),) = hear([Signal(both, [5 * RATE, len(both)])])
    assert level(after.A / after.n) == pytest.approx(-80.0, abs=0.05)


def test_without_shelves_an_equaliser_is_its_gain():
    noise = quantised(0.1 * np.random.default_rng(4).standard_normal(RATE))
    ((plain,),) = hear([Signal(noise)])
    ((louder,),) = hear([Signal(noise)], (2.0, ()))
    assert louder == plain._replace(
        **{name: 4.0 * getattr(plain, name) for name in plain._fields[1:9]}
    )


EQUALISER = (1.26215, ((0.002069, 1.8195), (0.002069, 1.8197), (0.99, -0.2084)))


@pytest.fixture(scope="module")
def equalised():
    rows = weightings()
    measured = heard([tone(row.exact, -20.0) for row in rows], EQUALISER) + 20.0
    return measured - total_response(*EQUALISER, [row.exact for row in rows])[:, None]


@pytest.mark.parametrize(("column", "name"), WEIGHTINGS)
def test_the_equaliser_lifts_what_the_microphone_loses_within_0_1_db(equalised, column, name):
    expected = analytic(name, [row.exact for row in weightings()])
    assert np.max(np.abs(equalised[:, column] - expected)) < 0.1


def test_an_equalised_full_scale_sine_of_any_frequency_overflows_nowhere():
    frequencies = [4.0, 16.0, 31.5, 63.0, 1000.0, 12_000.0]
    measured = heard([tone(hertz, -0.1) for hertz in frequencies], EQUALISER)[:, 1]
    expected = analytic("C", frequencies) + total_response(*EQUALISER, frequencies)
    assert measured[1:] == pytest.approx(expected[1:] - 0.1, abs=0.1)
    assert measured[0] == pytest.approx(expected[0] - 0.1, abs=0.5)  # the 1 Hz high-pass


def test_equalised_level_is_linear_within_0_2_db_over_90_db():
    """Down to 30 dB(A), below the noise of every microphone but the quietest."""
    levels = np.arange(0, -91, -5.0)
    measured = heard([tone(1000.0, dB) for dB in levels], EQUALISER)[:, :2]
    reference = measured[4] - levels[4]
    assert np.max(np.abs(measured - levels[:, None] - reference)) < 0.2


@pytest.mark.parametrize("shelf", [(0.0, 1.0), (1.0, 1.0), (0.9, 2.0), (0.1, -1.0)])
def test_a_shelf_that_is_not_of_minimum_phase_is_refused(shelf):
    with pytest.raises(UserError, match="ValueError: shelf k="):
        hear([Signal(np.zeros(1, np.int32))], (1.0, (shelf,)))


LOCKED = """
import micropython
from array import array
from tamer.hear.kernel.kernel_int import Kernel
kernel = Kernel(20, {equaliser})
samples = array("i", bytes(4 * 2400))
def second():
    micropython.heap_lock()
    for _ in range(20):
        kernel.run(samples, 2400)
    micropython.heap_unlock()
second()
print(kernel.take().n)
"""


def test_a_block_allocates_nothing_on_the_box():
    assert unix_port.said(LOCKED.format(equaliser=EQUALISER)).strip() == "48000"
