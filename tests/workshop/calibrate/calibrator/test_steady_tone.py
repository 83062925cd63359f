"""With a calibrator: what is recognised, and what is refused with its reason. Every sound goes
through the unit's own kernel in MicroPython."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from calibrator_sound import RATE, Sound, hiss, in_its_coupler, louder, saved, tone, truck

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.calibrator import steady_tone
from noisetamer.workshop.calibrate.calibrator.steady_tone import Placement
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.certificate.uncertainty import combined
from noisetamer.workshop.calibrate.unit.instrument import Instrument, of_microphone
from noisetamer.workshop.calibrate.unit.recorded_unit import RecordedUnit

pytestmark = pytest.mark.device

# 94.02 and 114.01: as a calibrator's certificate states them.
OF_1_KHZ = Reference("HS6020", "04417", date(2027, 5, 1), 0.2, (94.02, 114.01), 1000.0)
OF_250_HZ = Reference("pistonphone", "7", date(2027, 5, 1), 0.1, (114.0,), 250.0)


def unit(calibration: float = 0.0) -> Instrument:
    """Flat, so that 250 Hz and 1 kHz are heard alike."""
    return of_microphone("INMP441", "NT-1", "0.1.0", calibration, (1.0, ()))


def read(folder: Path, sound: Sound, reference: Reference = OF_1_KHZ, **options) -> Placement:
    instrument = options.pop("instrument", unit())
    recorded = RecordedUnit(saved(folder / "tone.wav", sound), instrument)
    return steady_tone.steady_reading(recorded.seconds(), instrument, reference, **options)


@pytest.mark.parametrize(("level", "stated"), [(94.02, 94.02), (114.01, 114.01)])
def test_recognises_which_level_sounds_and_reads_it(tmp_path: Path, level: float, stated: float):
    found = read(tmp_path, louder(in_its_coupler(level=level), -2.3))
    assert found.stated == stated
    assert found.deviation == pytest.approx(-2.3, abs=0.01)
    assert found.frequency == pytest.approx(1000.0, abs=0.1)
    assert found.fluctuation < 0.01


def test_at_250_hz_the_8_6_db_of_a_weighting_are_not_taken_for_a_fault(tmp_path: Path):
    found = read(tmp_path, in_its_coupler(level=114.0, hertz=251.19), OF_250_HZ)
    assert found.deviation == pytest.approx(0.0, abs=0.05)


def test_a_unit_that_was_calibrated_before_reads_with_that_calibration(tmp_path: Path):
    found = read(tmp_path, louder(in_its_coupler(level=94.02), -2.3), instrument=unit(2.0))
    assert found.deviation == pytest.approx(-0.3, abs=0.01)


def test_waits_until_the_truck_has_passed(tmp_path: Path):
    passing = in_its_coupler(seconds=24.0)
    passing[: 9 * RATE] += truck(85.0, seconds=9.0)
    found = read(tmp_path, passing)
    assert found.deviation == pytest.approx(-0.02, abs=0.01)


def loose() -> Sound:
    """A hand that does not hold still, and a leak."""
    rng = np.random.default_rng(3)
    sound = louder(in_its_coupler(), -2.5)
    hand = np.interp(np.arange(len(sound)) / RATE, np.arange(0, 15, 0.5), rng.normal(0, 0.4, 30))
    return sound * 10 ** (hand / 20)


REFUSED = {
    "2 % too high": (lambda: in_its_coupler(hertz=1020.0), r"1020\.0 Hz, \+2\.0 % from 1000 Hz"),
    "2 % too low": (lambda: in_its_coupler(hertz=980.0), r"980\.0 Hz, -2\.0 % from 1000 Hz"),
    "loose": (loose, "fluctuates by .* sits loose"),
    "truck": (
        lambda: in_its_coupler() + truck(82.0),
        "only 1[23] dB below the tone, 25 dB is needed",
    ),
    "harmonics": (
        lambda: in_its_coupler() + 0.06 * tone(hertz=3000.0),
        r"has 6\.0 % of harmonics, 3\.5 % are allowed",
    ),
    "leak": (
        lambda: louder(in_its_coupler(), -6.0),
        r"-6\.0 dB from its data sheet .* does not seal",
    ),
    "neither level": (lambda: louder(in_its_coupler(), 10.0), "say with --level which one sounds"),
    "switched off": (lambda: hiss(36.0), "no tone is heard: switch the calibrator on"),
    "other tone": (lambda: in_its_coupler(hertz=250.0), "set the calibrator to 1000 Hz"),
    "overload": (
        lambda: louder(in_its_coupler(level=114.0), 7.0),
        "overloaded: use .* lower level",
    ),
    "too short": (lambda: in_its_coupler(seconds=11.0), "twelve seconds or more"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_bad_coupling_is_refused_with_its_reason(tmp_path: Path, why: str):
    made, says = REFUSED[why]
    with pytest.raises(UserError, match=says) as refused:
        read(tmp_path, made())
    assert "\n" not in str(refused.value)


def placed(*deviations: float) -> list[Placement]:
    return [
        Placement(94.02 + off, 94.02, 1000.0, 0.5, 0.02, np.full(80, 94.02)) for off in deviations
    ]


def test_the_change_is_the_mean_over_placements():
    assert steady_tone.change(placed(-0.52, -0.48)) == pytest.approx(0.5)


def test_placements_that_differ_are_refused():
    with pytest.raises(UserError, match=r"differ by 0\.40 dB, 0\.3 dB is allowed: .* leaked"):
        steady_tone.change(placed(0.0, -0.4))


def test_more_placements_make_it_less_uncertain_but_never_better_than_the_calibrator():
    once = combined(steady_tone.budget(placed(0.0), OF_1_KHZ))
    often = combined(steady_tone.budget(placed(*[0.0] * 9), OF_1_KHZ))
    assert OF_1_KHZ.U < often < once < 0.35
