"""The profiles in boards/microphones/: fitted by our tool, as flat as their README says."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import unix_port

import noisetamer.sound.standards
from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS
from noisetamer.sound.design import equaliser
from noisetamer.sound.design.equaliser import LARGEST_LIFT, MOST_SHELVES, Response, total_response
from tamer.hear.diagnosis.monitor import Monitor, QuickFeatures
from tamer.hear.kernel import fpu_context
from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.profile import profile
from tamer.hear.validity.reasons import Measured, Validity
from tamer.record.reading import OVERLOAD, POWER, UNDER_RANGE, VALID

FOLDER = BOARDS / "microphones"
RESPONSES = Path(noisetamer.sound.standards.__file__).parent / "microphones"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


def shipped(name):
    return runpy.run_path(str(FOLDER / f"{name}.py"))["PROFILE"]


@pytest.fixture(scope="module")
def fits():
    return {name: equaliser.fit(equaliser.read(RESPONSES / f"{name}.csv")) for name in NAMES}


def stated():
    """Of each microphone, the worst residual in the README's table."""
    rows = re.findall(
        r"^\| (\S+) \|.*\| ([\d.]+) at (\d+) Hz \|$",
        (FOLDER / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {name: (float(residual), float(hertz)) for name, residual, hertz in rows}


def test_there_is_a_response_and_a_stated_residual_for_every_profile():
    assert sorted(path.stem for path in RESPONSES.glob("*.csv")) == NAMES
    assert sorted(stated()) == sorted(shipped(name).name for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_equaliser_is_what_the_tool_finds(fits, name):
    gain, shelves = shipped(name).equaliser
    assert gain == pytest.approx(fits[name].gain, rel=1e-3)
    assert len(shelves) == len(fits[name].shelves)
    frequencies = np.geomspace(1.0, 20_000.0, 200)
    ours = total_response(gain, shelves, frequencies)
    found = total_response(fits[name].gain, fits[name].shelves, frequencies)
    assert np.max(np.abs(ours - found)) < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_microphone_and_equaliser_are_as_flat_as_stated(name):
    response = equaliser.read(RESPONSES / f"{name}.csv")
    gain, shelves = shipped(name).equaliser
    rest = np.abs(response.levels + total_response(gain, shelves, response.frequencies))
    residual, _ = stated()[shipped(name).name]
    assert rest.max() == pytest.approx(residual, abs=0.006)
    assert rest[response.frequencies >= 50.0].max(initial=0.0) < 0.5


@pytest.mark.parametrize("name", NAMES)
def test_an_equaliser_fits_both_kernels(name):
    gain, shelves = shipped(name).equaliser
    fpu_context.new_context((gain, shelves))
    assert total_response(gain, shelves, 1000.0) == pytest.approx(0.0, abs=0.001)
    assert total_response(gain, shelves, 0.0) < LARGEST_LIFT + 0.1
    for k, g in shelves:
        assert 0.0 < k < 1.0
        assert 0.0 < k * (1.0 + g) < 2.0


def test_the_inmp441_is_what_its_data_sheet_says():
    microphone = shipped("inmp441")
    assert microphone.full_scale == 120.0
    assert microphone.floor == 33.0
    assert microphone.overload == pytest.approx(123.0, abs=0.02)


FOUND = BlockSums(
    n=48_000, Z=1.0, C=1.0, A=1.0, C_peak=1.0, fast_max=1.0, fast_min=1.0, slow_max=1.0,
    slow_min=1.0, raw_min=-100_000, raw_max=100_000, raw_sum=0.0,
)  # fmt: skip


def test_validity_is_judged_with_a_profile():
    ics43432 = shipped("ics43432")
    validity = Validity(ics43432, Monitor(ics43432))
    quick = QuickFeatures(0xFFFFFF, False, 290)

    def heard(levels):
        return Measured(levels, None, FOUND, quick, None, False, 0)

    told = [
        validity.reason(heard((laeq, laeq, laeq, peak)), False, True)
        for laeq, peak in ((650, 800), (650, 800), (280, 500), (1100, 1195))
    ]
    assert told == [POWER, VALID, UNDER_RANGE, OVERLOAD]


@pytest.mark.device
def test_both_pythons_read_the_same_profiles():
    script = "\n".join(
        f"from {name} import PROFILE\n"
        "print(repr(PROFILE.name), PROFILE.full_scale, PROFILE.floor, PROFILE.equaliser)"
        for name in NAMES
    )
    there = unix_port.said(script, FOLDER).splitlines()
    profiles = [shipped(name) for name in NAMES]
    here = [f"{p.name!r} {p.full_scale} {p.floor} {p.equaliser}" for p in profiles]
    assert there == here


def test_a_microphone_that_needs_none_gets_no_shelf():
    flat = Response(np.geomspace(20.0, 16_000.0, 30), np.zeros(30))
    assert equaliser.fit(flat).shelves == ()


def test_a_first_order_loss_takes_one_shelf():
    frequencies = np.geomspace(20.0, 16_000.0, 30)
    levels = 10.0 * np.log10((frequencies**2 + 15.0**2) / (frequencies**2 + 45.0**2))
    found = equaliser.fit(Response(frequencies, levels))
    assert len(found.shelves) == 1
    assert found.residual < 0.05


def test_no_fit_has_more_shelves_than_a_kernel():
    frequencies = np.geomspace(20.0, 16_000.0, 30)
    wild = Response(frequencies, 3.0 * np.sin(3.0 * np.log(frequencies / 1000.0)))
    assert len(equaliser.fit(wild).shelves) <= MOST_SHELVES


def test_the_tool_prints_the_line_of_a_profile(capsys):
    assert equaliser.main([str(RESPONSES / "msm261s4030h0.csv")]) == 0
    assert capsys.readouterr().out == ("equaliser=(1.0, ()),\nworst residual 0.00 dB, at 100 Hz\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("100,0\n1000,0\n", "the first line must be frequency_Hz,response_dB"),
        ("frequency_Hz,response_dB\n100,x\n", "every line must hold two numbers"),
        ("frequency_Hz,response_dB\n100\n", "every line must hold two numbers"),
        ("frequency_Hz,response_dB\n1000,0\n", "two frequencies or more"),
        ("frequency_Hz,response_dB\n1000,0\n100,0\n", "in rising order"),
        ("frequency_Hz,response_dB\n20,0\n200,0\n", "on both sides of 1 kHz"),
    ],
)
def test_a_response_that_is_none_is_refused_in_words(tmp_path, text, why, capsys):
    file = tmp_path / "response.csv"
    file.write_text(text)
    with pytest.raises(UserError, match=why):
        equaliser.read(file)
    assert equaliser.main([str(file)]) == 2
    assert "response.csv" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        equaliser.read(tmp_path / "none.csv")


def test_full_scale_is_what_a_sensitivity_makes_it():
    made = profile("X", sensitivity=-36.0, tolerance=1.0, noise=25.0, acoustic_overload=130.0,
                   start_ms=10)  # fmt: skip
    assert (made.full_scale, made.floor, made.late_bits) == (130.0, 25.0, 0)
