"""The octave banks as they run: machine codes on the emulator, viper in the unix port.

Response to tones against the class 1 limits of IEC 61260-1:2014, noise against theory and
against a reference in double precision, what the size of blocks must not change.
"""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import lfilter

from noisetamer.sound.design import octaves
from noisetamer.sound.design.weighting import shelf_response
from noisetamer.sound.kernels import emulated_octaves, ported_octaves
from noisetamer.sound.kernels.emulated_octaves import Signal
from noisetamer.sound.standards import iec61260
from noisetamer.sound.standards.signals import RATE, level, quantised, sine

pytestmark = pytest.mark.device


def bands_of(third_octaves):
    """Only when a test asks: to design them takes half a second."""
    return octaves.third_octaves() if third_octaves else octaves.octaves()


@pytest.fixture(params=["fpu", "int", "fixed"])
def hear(request):
    """What a bank finds in signals. Of the integer machine codes the faster to run here: all
    give the same bits (tests/sound/kernels/test_octaves_fixed.py)."""
    if request.param == "int":
        return ported_octaves.hear
    if request.param == "fixed":
        request.getfixturevalue("qemu")
        return partial(emulated_octaves.hear, bank=emulated_octaves.RV32_INTEGERS)
    request.getfixturevalue("qemu")
    return emulated_octaves.hear


def levels(found):
    return np.vectorize(level)(found)


def noise(dB, seconds=2.0, seed=61260):
    wave = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return quantised(wave * 10.0 ** (dB / 20.0))


def tone(band, relative, dB=-3.0):
    """A tone heard by one band: it settles, then whole periods are measured."""
    hertz = band.exact * relative
    bandwidth = band.exact * (iec61260.edge(band.b) - 1.0 / iec61260.edge(band.b))
    settle = round(max(18.0 / bandwidth, 3.0 / hertz, 0.05) * RATE)
    periods = np.ceil(max(24.0 / band.exact, 0.05) * hertz)
    end = settle + round(periods / hertz * RATE)
    return Signal(sine(hertz, dB, end / RATE, fade=settle / RATE / 2.0), (settle, end))


def attenuations(hear, bands, tones, third_octaves):
    """Attenuation of each (band, relative frequency) in dB."""
    found = hear([tone(band, relative) for band, relative in tones], third_octaves)
    measured = [takes[1][bands.index(band)] for takes, (band, _) in zip(found, tones, strict=True)]
    return -3.0 - levels(np.array(measured))


def places(band, exponents):
    """Breakpoints on both sides of mid-band, as far as the rate and 1 Hz allow."""
    above = iec61260.breakpoint(exponents, band.b)
    relative = np.concatenate((1.0 / above[::-1], [1.0], above))
    hertz = relative * band.exact
    return [(band, float(r)) for r in relative[(hertz > 1.0) & (hertz < 23_900.0)]]


@pytest.mark.parametrize(
    ("third_octaves", "which"),
    [(False, range(11)), (True, (4, 13, 19, 28, 31, 32))],
    ids=["octaves", "third-octaves"],
)
def test_tones_are_attenuated_as_designed_and_within_class_1_limits(hear, third_octaves, which):
    bands = bands_of(third_octaves)
    tones = [t for i in which for t in places(bands[i], [0.25, 0.4999, 1.0, 2.0, 3.0])]
    measured = attenuations(hear, bands, tones, third_octaves)
    for (band, relative), value in zip(tones, measured, strict=True):
        limits = iec61260.limits(relative, band.b)
        designed = octaves.attenuation(band, [band.exact * relative])[0]
        assert limits.lowest < value < limits.highest, (band.nominal, relative)
        if designed < 70.0:
            assert value == pytest.approx(designed, abs=0.1), (band.nominal, relative)


def test_pink_noise_reads_the_same_in_every_octave(hear):
    samples, period = pink_noise()
    (takes,) = hear([Signal(samples, (period, 2 * period))])
    expected = 10.0 * np.log10(takes[1].mean())
    assert 10.0 * np.log10(takes[1]) == pytest.approx(np.full(11, expected), abs=0.15)


@pytest.mark.parametrize("third_octaves", [False, True], ids=["octaves", "third-octaves"])
def test_bands_of_pink_noise_add_up_to_its_energy_between_the_outer_edges(hear, third_octaves):
    samples, period = pink_noise()
    (takes,) = hear([Signal(samples, (period, 2 * period))], third_octaves)
    spectrum = np.abs(np.fft.rfft(samples[:period])) ** 2 * 2.0 / period**2
    frequencies = np.fft.rfftfreq(period, 1.0 / RATE)
    low = iec61260.exact(-18) / iec61260.edge(1)
    high = iec61260.exact(12) * iec61260.edge(1)
    inside = (frequencies > low) & (frequencies < high)
    assert level(takes[1].sum()) == pytest.approx(level(spectrum[inside].sum()), abs=0.05)


def pink_noise():
    """Two periods of lines whose energy falls with frequency, from 2 Hz to 24 kHz."""
    period = 1 << 18
    k = np.arange(period // 2 + 1)
    phases = np.random.default_rng(1).uniform(0.0, 2.0 * np.pi, k.shape)
    lines = np.where(k >= 12, np.exp(1j * phases) / np.sqrt(np.maximum(k, 1)), 0.0)
    wave = np.fft.irfft(lines)
    return np.tile(quantised(0.5 * wave / np.max(np.abs(wave))), 2), period


@pytest.mark.parametrize("dB", [-9.0, -69.0, -99.0])
@pytest.mark.parametrize("third_octaves", [False, True], ids=["octaves", "third-octaves"])
def test_noise_reads_what_double_precision_reads(hear, third_octaves, dB):
    samples = noise(dB)
    ((first, second),) = hear([Signal(samples, (RATE, 2 * RATE), 997)], third_octaves)
    expected = in_float64(bands_of(third_octaves), samples, (0, RATE, 2 * RATE))
    # Down to one step of a 24-bit word in a band of third-octaves.
    tolerance = 0.002 if dB > -60 else 0.02 if dB > -90 else 0.16
    audible = expected.min(axis=0) > 1.0
    assert audible.sum() > 8
    for found, wanted in zip((first, second), expected, strict=True):
        assert levels(found)[audible] == pytest.approx(levels(wanted)[audible], abs=tolerance)


def in_float64(bands, samples, bounds):
    """Mean squares between each two bounds, by scipy."""
    c = [value / octaves.ONE for value in octaves.HALF_BAND]

    def all_pass(c, x):
        return np.asarray(lfilter([c, 1.0], [1.0, c], x))

    sound = [samples.astype(float)]
    for _ in range(octaves.LEVELS - 1):
        pairs = sound[-1][: len(sound[-1]) // 2 * 2].reshape(-1, 2)
        newer, older = pairs[:, 1], pairs[:, 0]
        sound.append((all_pass(c[2], all_pass(c[0], newer)) + all_pass(c[1], older)) / 2.0)
    found = []
    for band in bands:
        y = sound[band.halvings]
        for s, numerator in zip(band.sections, ([1, -1], [1, -1], [1, 0, -1]), strict=True):
            scaled = np.array(numerator) * s.b / octaves.ONE
            y = np.asarray(lfilter(scaled, [1.0, -s.a1 / octaves.ONE, -s.a2 / octaves.ONE], y))
        at = np.array(bounds) >> band.halvings
        found.append([np.mean(y[start:end] ** 2) for start, end in pairwise(at)])
    return np.array(found).T


def test_the_size_of_blocks_does_not_change_a_single_bit(hear):
    # The slowest level takes one sample in 512: after 15 * 512 samples blocks of 480 have ended at
    # every place of it where they can, shorter ones before; here they do it twice.
    samples = noise(-20.0, seconds=16 * 1024 / RATE)
    takes = (10_001, len(samples))
    sizes = (1, 7, 32, 480, 1200, 2400)
    first, *others = hear([Signal(samples, takes, size) for size in sizes], True)
    assert all(np.array_equal(other, first) for other in others)


def test_a_band_that_has_had_no_sample_yet_reads_nothing(hear):
    ((found,),) = hear([Signal(noise(-20.0, 0.001), (40,))])
    assert np.all(found[4:] > 0.0)
    assert np.all(found[:4] == 0.0)


@pytest.mark.parametrize(
    ("band", "span"),
    [(1, 100), (6, 110), (10, 110)],
    ids=["31.5 Hz", "1 kHz", "16 kHz"],
)
def test_level_is_linear_within_0_1_db(hear, band, span):
    steps = np.arange(0, -span - 1, -10.0)
    found = hear([tone(octaves.octaves()[band], 1.0, dB) for dB in steps])
    measured = np.array([level(takes[1][band]) for takes in found])
    assert measured - steps == pytest.approx(np.full(len(steps), measured[2] - steps[2]), abs=0.1)


def test_the_loudest_input_is_not_cut(hear):
    """Squares of full scale at each mid-band, and noise of nothing but full scale."""
    t = np.arange(RATE // 2) / RATE
    squares = [np.sign(np.sin(2.0 * np.pi * band.exact * t + 0.1)) for band in octaves.octaves()]
    signs = np.random.default_rng(2).choice([-1.0, 1.0], RATE // 2)
    half = RATE // 2
    sounds = [quantised(wave) for wave in (*squares, signs)]
    for samples, (found,) in zip(
        sounds, hear([Signal(samples, (half,)) for samples in sounds]), strict=True
    ):
        (expected,) = in_float64(octaves.octaves(), samples, (0, half))
        assert levels(found) == pytest.approx(levels(expected), abs=0.01)


def test_direct_current_is_not_heard(hear):
    quiet = noise(-80.0)
    plain, offset = hear([Signal(x, (RATE, 2 * RATE)) for x in (quiet, quiet + 400_000)])
    assert levels(offset[1]) == pytest.approx(levels(plain[1]), abs=0.02)


def test_the_equaliser_lifts_each_band_as_it_lifts_its_tone(hear):
    shelves = ((0.002069, 1.8195), (0.002069, 1.8197), (0.99, -0.2084))
    for i in (1, 3, 6, 9):
        band = octaves.octaves()[i]
        signal = tone(band, 1.0, -30.0)
        ((_, plain),) = hear([signal])
        ((_, equalised),) = hear([signal], equaliser=(1.26, shelves))
        lift = levels(equalised) - levels(plain)
        expected = 20.0 * np.log10(1.26) + sum(shelf_response(*s, band.exact) for s in shelves)
        assert lift[i] == pytest.approx(expected, abs=0.1), band.nominal
