"""Per frequency: the shelves are found again, through the unit's own third-octave filters."""

from pathlib import Path

import numpy as np
import pytest
from calibrator_sound import RATE, Sound, saved

from noisetamer.base.errors import UserError
from noisetamer.sound.design.weighting import shelf_response
from noisetamer.workshop.calibrate.frequency import equaliser_fit, spectrum
from noisetamer.workshop.calibrate.frequency.equaliser_fit import Fitted
from noisetamer.workshop.calibrate.frequency.spectrum import Spectrum

pytestmark = pytest.mark.device

SECONDS = 16


def pink(seed: int, lowest: float = 20.0) -> Sound:
    """Pink noise of -26 dB re full scale, from `lowest` Hz up."""
    rng = np.random.default_rng(seed)
    n = SECONDS * RATE
    hertz = np.fft.rfftfreq(n, 1.0 / RATE)
    gain = np.where(hertz >= lowest, 1.0 / np.sqrt(np.maximum(hertz, 1.0)), 0.0)
    sound = np.fft.irfft(gain * np.fft.rfft(rng.standard_normal(n)), n)
    return sound * 0.05 / np.std(sound)


def as_microphone(sound: Sound) -> Sound:
    """A small microphone: 6 dB an octave down below 60 Hz, 4 dB up at the top."""
    hertz = np.fft.rfftfreq(len(sound), 1.0 / RATE)
    low = 1j * hertz / (60.0 + 1j * hertz)
    high = 1.0 + 0.6 * (1j * hertz / 15_000.0) / (1.0 + 1j * hertz / 15_000.0)
    return np.fft.irfft(low * high * np.fft.rfft(sound), len(sound))


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    noise = pink(1)
    own = 0.002 * np.random.default_rng(2).standard_normal(len(noise))
    unit = as_counts(0.5 * as_microphone(noise) + 0.2 * own)
    return equaliser_fit.fit(
        spectrum.of_samples(unit),
        spectrum.of_samples(as_counts(noise)),
        lambda chosen: spectrum.of_samples(unit, chosen),
    )


def as_counts(sound: Sound) -> np.ndarray:
    return np.rint(sound * 2**23).astype(np.int32)


def test_the_unit_hears_the_noise_as_the_reference_does(fitted: Fitted):
    assert np.max(np.abs(fitted.before)) > 3.0
    assert fitted.worst[0] < 0.5
    counted = (fitted.frequencies[0], fitted.frequencies[-1])
    assert counted == pytest.approx((50.0, 15_849.0), rel=0.02)


def test_the_shelves_undo_the_microphone_s_response(fitted: Fitted):
    gain, shelves = fitted.equaliser
    assert 1 <= len(shelves) <= 3
    found = 20 * np.log10(gain) + sum(shelf_response(k, g, fitted.frequencies) for k, g in shelves)
    assert found == pytest.approx(-fitted.before, abs=0.6)
    assert 20 * np.log10(gain) + sum(
        shelf_response(k, g, [1000.0])[0] for k, g in shelves
    ) == pytest.approx(0.0, abs=0.01)


def levels(values: np.ndarray, error: float = 0.1) -> Spectrum:
    return Spectrum(values, np.full(33, error))


FLAT = np.zeros(33)


def test_bands_in_which_the_background_is_heard_are_left_out():
    background = np.where(spectrum.MID_BANDS_HZ < 90.0, -5.0, -40.0)
    found = equaliser_fit.fit(
        levels(FLAT), levels(FLAT), lambda _: levels(FLAT), levels(background)
    )
    assert found.frequencies[0] == pytest.approx(100.0, rel=0.01)
    assert found.equaliser == (1.0, ())


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        (levels(FLAT, error=0.8), "from 1000 to 1000 Hz, 125 to 8000 Hz are needed"),
        (levels(np.where(spectrum.MID_BANDS_HZ < 300, np.nan, 0.0)), "from 316 to 15849 Hz"),
    ],
    ids=["unsteady", "no low frequencies"],
)
def test_a_noise_that_says_too_little_is_refused(unit: Spectrum, says: str):
    with pytest.raises(UserError, match=says):
        equaliser_fit.fit(unit, levels(FLAT), lambda _: unit)


def test_a_meter_s_stored_third_octaves_can_be_the_reference(tmp_path: Path):
    path = tmp_path / "meter.csv"
    path.write_text("frequency_Hz,level_dB\n63,71.2\n1000,70.0\n12500,61.5\n")
    found = spectrum.of_csv(path)
    assert found.levels[[7, 19, 30]].tolist() == [71.2, 70.0, 61.5]
    assert np.count_nonzero(np.isfinite(found.levels)) == 3


@pytest.mark.parametrize("row", ["70,60", "63", "63,loud"])
def test_a_csv_that_holds_no_third_octaves_is_refused(tmp_path: Path, row: str):
    path = tmp_path / "meter.csv"
    path.write_text(f"frequency_Hz,level_dB\n{row}\n")
    with pytest.raises(UserError, match="a third-octave a line"):
        spectrum.of_csv(path)


def test_a_recording_that_is_too_short_is_refused(tmp_path: Path):
    path = saved(tmp_path / "short.wav", pink(1)[: 5 * RATE])
    with pytest.raises(UserError, match="lasts 5 s; record 11 s or more"):
        spectrum.samples_of(path)
