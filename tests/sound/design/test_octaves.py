"""The octave filters as designed: against IEC 61260-1:2014, and as the box has them."""

import numpy as np
import pytest
from scipy.signal import lfilter

from noisetamer.sound.design import octaves
from noisetamer.sound.standards import iec61260
from tamer.hear.bands import octave_bands, third_octave_bands
from tamer.hear.bands.octaves_fixed_context import SECTIONS, TREE

NAMES = [
    f"1/{b} octave {nominal:g} Hz"
    for b, rows in ((1, octave_bands.OCTAVES), (3, third_octave_bands.THIRD_OCTAVES))
    for nominal, *_ in rows
]
GB_22337_HZ = (31.5, 63, 125, 250, 500)


# To design them takes a second: not for every worker that collects this file.
def bands():
    return octaves.octaves() + octaves.third_octaves()


@pytest.fixture(params=range(len(NAMES)), ids=NAMES)
def band(request):
    return bands()[request.param]


def everywhere(band):
    """Frequencies from 4 octaves below the lowest band to half the rate."""
    return np.geomspace(0.8, 23_990.0, 20_001)


def test_attenuation_is_within_class_1_limits_at_every_frequency(band):
    frequencies = everywhere(band)
    attenuation = octaves.attenuation(band, frequencies)
    limits = iec61260.limits(frequencies / band.exact, band.b)
    assert np.all(attenuation > limits.lowest)
    assert np.all(attenuation < limits.highest)


def test_effective_bandwidth_is_within_0_1_db(band):
    assert abs(octaves.effective_bandwidth(band)) < 0.1


def test_mid_band_is_within_0_05_db(band):
    assert abs(octaves.attenuation(band, [band.exact])[0]) < 0.05


def test_the_bands_of_gb_22337_are_octaves_of_the_bank():
    nominal = [band.nominal for band in octaves.octaves()]
    assert set(GB_22337_HZ) < set(nominal)
    assert (nominal[0], nominal[-1], len(nominal)) == (16, 16_000, 11)


def test_third_octaves_cover_the_same_octaves():
    nominal = [band.nominal for band in octaves.third_octaves()]
    assert (nominal[0], nominal[-1], len(nominal)) == (12.5, 20_000, 33)


def test_a_halving_lets_less_than_86_db_through_that_would_fold_into_a_band():
    folds = np.linspace(0.382, 0.5, 2000)
    assert np.max(20.0 * np.log10(np.abs(octaves.halving(folds)))) < -86.0


def test_a_halving_takes_nothing_from_a_band():
    band = np.linspace(0.0, 0.118, 2000)
    assert np.max(np.abs(20.0 * np.log10(np.abs(octaves.halving(band))))) < 1e-6


def test_no_value_grows_by_four():
    # All halvings together let a value grow by less than 2.1: the sum of the sizes of their
    # impulse response.
    for band in bands():
        halved = 2.1 if band.halvings else 1.0
        assert halved * octaves.largest_gain(band) < 4.0


@pytest.mark.parametrize("halvings", range(4))
def test_no_value_of_the_bank_in_machine_code_outgrows_its_word(halvings):
    """The sum of the sizes of its impulse response bounds what any input makes of a value.

    The greatest, of the last all-pass, is 3.9; deeper in the tree the bounds no longer grow.
    """
    step = 1 << halvings  # samples of 48 kHz in one of this level
    tree, *after = (over / under for over, under in (TREE, *SECTIONS))
    sound = np.zeros(6000)
    sound[0] = 1.0
    for i in range(halvings):
        sound, largest = _halved(sound, 1 << i)
    _, largest = _halved(sound, step)
    assert tree * largest < 4.0
    for band in bands():
        if band.halvings == halvings:
            x, before = sound, tree
            for section, numerator, scale in zip(
                band.sections, ((1, -1), (1, -1), (1, 0, -1)), after, strict=True
            ):
                difference = lfilter(_spread(numerator, step), [1.0], x)
                assert before * _bound(difference) < 4.0, band.nominal
                assert scale / before * section.b < 2048
                poles = (1.0, -section.a1 / octaves.ONE, -section.a2 / octaves.ONE)
                x = lfilter([section.b / octaves.ONE], _spread(poles, step), difference)
                assert scale * _bound(x) < 4.0, band.nominal
                before = scale


def _halved(sound, step):
    """After a halving, at the rate before it, and the largest value on its way."""
    new_c, old_c, newer_c = (c / octaves.ONE for c in octaves.HALF_BAND)
    values = []

    def all_pass(c, x):
        y = lfilter(_spread((c, 0.0, 1.0), step), _spread((1.0, 0.0, c), step), x)
        values.extend((x - lfilter(_spread((0.0, 0.0, 1.0), step), [1.0], y), y))
        return y

    older = lfilter(_spread((0.0, 1.0), step), [1.0], all_pass(old_c, sound))
    both = np.asarray(all_pass(newer_c, all_pass(new_c, sound)) + older)
    return both / 2.0, max(_bound(value) for value in (*values, both))


def _spread(coefficients, step):
    """Of a filter whose samples are `step` samples of 48 kHz apart."""
    spread = np.zeros((len(coefficients) - 1) * step + 1)
    spread[::step] = coefficients
    return spread


def _bound(response):
    return float(np.abs(response).sum())


@pytest.mark.parametrize(
    ("rows", "designed"),
    [
        (octave_bands.OCTAVES, octaves.octaves),
        (third_octave_bands.THIRD_OCTAVES, octaves.third_octaves),
    ],
    ids=["octaves", "third-octaves"],
)
def test_the_constants_on_the_box_are_the_design(rows, designed):
    designed = designed()
    assert [row[:2] for row in rows] == [(band.nominal, band.halvings) for band in designed]
    on_the_box = np.array([row[2:] for row in rows])
    wanted = [[n for s in band.sections for n in (s.b, s.a1, s.a2)] for band in designed]
    # Another processor's last bit may round a coefficient the other way.
    assert np.max(np.abs(on_the_box - np.array(wanted))) <= 1
    assert octave_bands.HALF_BAND == octaves.HALF_BAND
    assert 1 << octave_bands.ONE_BITS == octaves.ONE
    assert octave_bands.LEVELS == octaves.LEVELS


def test_limits_of_third_octaves_lie_where_the_standard_maps_them():
    # IEC 61260-1:2014, 5.10.4: the edges map onto edges, G onto 1.2943 for b = 3.
    assert iec61260.breakpoint(0.5, 3) == pytest.approx(iec61260.edge(3))
    assert iec61260.breakpoint(1.0, 3) == pytest.approx(1.2943, abs=1e-4)
    assert iec61260.breakpoint(3.0, 1) == pytest.approx(iec61260.G**3)


@pytest.mark.parametrize("b", [1, 3])
def test_limits_are_the_tables_at_its_breakpoints_and_mirrored_below(b):
    for exponent, low, high in ((0, -0.4, 0.4), (0.375, -0.4, 1.4), (1, 16.6, np.inf)):
        place = iec61260.breakpoint(exponent, b)
        for relative in (place, 1.0 / place):
            limits = iec61260.limits(relative, b)
            assert limits.lowest == pytest.approx(low)
            assert limits.highest == pytest.approx(high)


def test_class_2_limits_are_wider():
    relative = np.geomspace(0.1, 10.0, 500)
    one, two = (iec61260.limits(relative, 1, performance) for performance in (1, 2))
    assert np.all(two.lowest < one.lowest)
    assert np.all(two.highest >= one.highest)
