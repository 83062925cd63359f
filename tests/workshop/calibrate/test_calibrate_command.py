"""`noisetamer calibrate` as a technician types it, with recordings in place of a unit."""

import json
from pathlib import Path

import numpy as np
import pytest
from calibrator_sound import in_its_coupler, louder, saved
from faults_of_the_program import traceback_in
from program import Ran, run
from square_beside_meter import OFFSET, HandMeter, by_the_second, square

from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import batch

pytestmark = pytest.mark.device

SERIAL = "NT1-2611-0001"
EVENING = 1795431600

REFERENCE = """
name = "HS6020"
serial = "04417"
due = 2099-05-01
U = 0.2
levels = [94.02, 114.01]
frequency = 1000
"""


class Bench:
    """A technician's folder: a reference, a unit's files, a ledger that knows the unit."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.reference = folder / "reference.toml"
        self.reference.write_text(REFERENCE)
        self.files = folder / "unit"
        self.files.mkdir()
        settings = {"unit": SERIAL, "calibration": 0.0, "equaliser": [1.0, []], "console": False}
        (self.files / "settings.json").write_text(json.dumps(settings))
        (self.files / "self_check.json").write_text("{}")
        self.ledger = folder / "ledger.sqlite"
        with Ledger.open(self.ledger) as ledger:
            ledger.enrol("24:0a:c4:00:00:01", batch("NT1-2611"), "claim", lambda _: b"")

    def calibrate(self, method: str, *words: object) -> Ran:
        who = ("--operator", "Wang Wei", "--place", "Square 3, pole 2")
        kept = ("--ledger", self.ledger, "--files", self.files, "--out", self.folder / "out")
        return run("calibrate", method, "--reference", self.reference, *who, *kept, *words)

    def settings(self) -> dict:
        return json.loads((self.files / "settings.json").read_text())

    def history(self) -> list[dict]:
        return json.loads((self.files / "calibration.json").read_text())

    def certificates(self) -> list[dict]:
        paths = sorted((self.folder / "out").glob("*.json"), key=lambda path: path.stat().st_mtime)
        return [json.loads(path.read_text()) for path in paths]

    def steps(self) -> list[tuple[str, str]]:
        with Ledger.read(self.ledger) as ledger:
            return [(entry.step, entry.outcome) for entry in ledger.history(SERIAL)]

    def tone(self, name: str, off: float) -> Path:
        sound = louder(in_its_coupler(level=94.02), off)
        return saved(self.folder / name, sound)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_two_placements_become_offset_certificate_history_and_ledger(bench: Bench):
    ran = bench.calibrate("calibrator", bench.tone("1.wav", -2.3), bench.tone("2.wav", -2.4))
    assert ran.code == 0, ran.wrong
    assert "offset +2.35 dB" in ran.out
    assert bench.settings() == {
        "unit": SERIAL,
        "calibration": 2.35,
        "equaliser": [1.0, []],
        "console": False,
    }
    assert not (bench.files / "self_check.json").exists()
    (told,) = bench.certificates()
    (kept,) = bench.history()
    assert kept["offset"] == told["offset"] == 2.35
    assert kept["certificate"] == told["number"]
    assert kept["due"] == told["due"]
    assert told["reference"]["serial"] == "04417"
    assert 0.2 < told["U"] < 0.35
    assert bench.steps() == [("calibration", "passed")]


def test_a_check_within_half_a_db_counts_and_one_beyond_voids_the_data(bench: Bench):
    assert bench.calibrate("calibrator", bench.tone("1.wav", -2.3)).code == 0
    within = bench.calibrate("check", bench.tone("2.wav", -2.6))
    assert within.code == 0
    assert "drifted by -0.30 dB, within 0.5 dB: what it measured since then counts" in within.out
    beyond = bench.calibrate("check", bench.tone("3.wav", -3.2))
    assert beyond.code == 1
    assert "drifted by -0.60 dB, 0.5 dB is allowed" in beyond.out
    assert "what it measured since then does not count; calibrate" in beyond.out
    assert bench.settings()["calibration"] == 2.3
    assert len(bench.history()) == 3
    assert bench.steps()[-1] == ("calibration-check", "void")


def test_calibrating_again_adds_to_the_history_and_overwrites_nothing(bench: Bench):
    for name, off in (("1.wav", -2.3), ("2.wav", -2.9)):
        ran = bench.calibrate("calibrator", bench.tone(name, off), "--place", f"day {off}")
        assert ran.code == 0, ran.wrong
    assert "what it measured since then does not count" in ran.out
    assert [entry["offset"] for entry in bench.history()] == [2.3, 2.9]
    assert bench.settings()["calibration"] == 2.9
    assert len(list((bench.folder / "out").glob("*.pdf"))) == 2


def test_a_refused_run_changes_nothing_and_is_in_the_ledger(bench: Bench):
    ran = bench.calibrate("calibrator", bench.tone("1.wav", -6.0))
    assert ran.code == 2
    assert len(ran.wrong) == 1
    assert "the calibrator does not seal" in ran.wrong[0]
    assert bench.settings()["calibration"] == 0.0
    assert bench.certificates() == []
    assert bench.steps() == [("calibration", "refused")]


def beside(bench: Bench, meter: HandMeter, *words: object) -> Ran:
    """A unit's console and a meter's CSV of the same ten minutes."""
    heard = square(1)
    readings = meter.readings(heard, 1)
    lines = [
        json.dumps({"v": 1, "t": EVENING + t, "LAeq": round(10 * level), "flags": 0})
        for t, level in enumerate(by_the_second(heard).dB)
    ]
    unit, csv = bench.folder / "unit.jsonl", bench.folder / "meter.csv"
    unit.write_text("\n".join(lines))
    rows = zip(readings.times, readings.dB, strict=True)
    csv.write_text("".join(f"{EVENING + t},{level:.1f}\n" for t, level in rows))
    return bench.calibrate("beside", unit, "--readings", csv, *words)


def test_beside_a_meter_from_files(bench: Bench):
    ran = beside(bench, HandMeter(), "--time-weighting", "slow")
    assert ran.code == 0, ran.wrong
    assert bench.settings()["calibration"] == pytest.approx(OFFSET, abs=0.1)
    (told,) = bench.certificates()
    readings = told["readings"]
    assert np.median(readings["residual"]) == pytest.approx(0.0, abs=0.05)
    assert len({len(column) for column in readings.values()}) == 1
    assert told["budget"][0]["what"] == "reference meter"


def test_the_meter_s_time_weighting_must_be_told_where_it_cannot_tell(bench: Bench):
    ran = beside(bench, HandMeter())
    assert ran.code == 2
    assert "say with --time-weighting what the meter is set to" in ran.wrong[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ("due = 2099-05-01", "due = 2026-01-31"),
            "was due for its own calibration on 2026-01-31",
        ),
        (("due = 2099-05-01", 'due = "soon"'), "due is no day"),
        (("U = 0.2", "U = -1"), "U must be a number above 0"),
        (("U = 0.2", ""), "U must be a number above 0"),
        (('serial = "04417"', ""), "serial is missing"),
        (("levels = [94.02, 114.01]", ""), "states no levels and frequency"),
        (("frequency = 1000", "frequency = 500"), "frequency must be 1000 or 250"),
        (("frequency", "pitch"), "pitch means nothing"),
        (('"HS6020"', '"HS6020'), "is not valid TOML"),
    ],
)
def test_a_reference_that_may_not_be_used_is_refused(
    bench: Bench, change: tuple[str, str], says: str
):
    bench.reference.write_text(REFERENCE.replace(*change))
    ran = bench.calibrate("calibrator", "COM3")
    assert ran.code == 2
    assert len(ran.wrong) == 1
    assert says in ran.wrong[0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("/dev/ttyNONE",), "There is no port /dev/ttyNONE"),
        (("COM3", "--valid-days", "0"), "--valid-days 0: give 1 to 3650"),
        (("COM3", "--operator", " "), "--operator is empty"),
        (("COM3", "--placements", "0"), "--placements 0"),
        (("COM3", "COM4"), "give one port, or recordings that are there"),
        (("1.wav",), "1.wav: there is no such file"),
    ],
)
def test_wrong_words_end_in_one_sentence(bench: Bench, words: tuple[str, ...], says: str):
    ran = bench.calibrate("calibrator", *words)
    assert ran.code == 2
    assert len(ran.wrong) == 1
    assert says in ran.wrong[0]


def test_a_unit_that_the_ledger_never_named_is_refused(bench: Bench):
    settings = bench.settings() | {"unit": "NT1-2611-0099"}
    (bench.files / "settings.json").write_text(json.dumps(settings))
    ran = bench.calibrate("calibrator", bench.tone("1.wav", -2.3))
    assert ran.code == 2
    assert "No unit NT1-2611-0099 is in the ledger" in ran.wrong[0]


def test_a_unit_that_was_replaced_is_remarked_on(bench: Bench):
    with Ledger.open(bench.ledger) as ledger:
        ledger.enrol("24:0a:c4:00:00:02", batch("NT1-2611"), "claim", lambda _: b"", SERIAL)
    ran = bench.calibrate("check", bench.tone("1.wav", -0.1))
    assert f"{SERIAL} was replaced by NT1-2611-0002" in ran.wrong[0]
    assert ran.code == 0


def test_a_mistake_of_ours_is_no_refused_calibration(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    def mistaken(*_):
        raise KeyError("level")

    monkeypatch.setattr(
        "noisetamer.workshop.calibrate.calibrator.steady_tone.steady_reading", mistaken
    )
    ran = bench.calibrate("calibrator", bench.tone("1.wav", -2.3))
    assert ran.code == 3
    (said,) = ran.wrong
    assert "a fault of the program, not of your input or a board: KeyError: 'level'" in said
    assert "in mistaken" in traceback_in(said)
    assert bench.steps() == []
