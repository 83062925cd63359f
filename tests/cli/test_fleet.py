"""`noisetamer fleet`: drift across units, and the nightly checks of one."""

import datetime
import json
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from PIL import Image
from program import run

from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event
from noisetamer.workshop.calibrate.drift import course
from noisetamer.workshop.ledger.ledger import Entry, Ledger
from noisetamer.workshop.ledger.serials import batch

YEAR = 365


class Years:
    """A clock that is set by the day."""

    def __init__(self) -> None:
        self.day = 0

    def now(self) -> datetime.datetime:
        first = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
        return first + datetime.timedelta(days=self.day)

    def due(self) -> str:
        return (self.now() + datetime.timedelta(days=YEAR)).date().isoformat()


def calibrated(offset: float, as_found: float, due: str) -> dict:
    return {"offset": offset, "as_found": as_found, "deviation": 0.0, "U": 0.3, "due": due}


def checked(deviation: float) -> dict:
    return {"offset": None, "as_found": deviation, "deviation": deviation, "U": 0.3, "due": ""}


def entry(day: int, step: str, facts: dict, outcome: str = "passed") -> Entry:
    at = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC) + datetime.timedelta(days=day)
    return Entry(at.isoformat(), "NT1-2611-0001", step, outcome, facts)


def test_drift_goes_on_over_adjustments_as_if_there_had_been_none():
    found = course.course(
        "NT1-2611-0001",
        [
            entry(0, "calibration", calibrated(2.0, -2.0, "2027-11-23")),
            entry(200, "calibration-check", checked(-0.3)),
            entry(YEAR, "calibration", calibrated(2.4, -0.4, "2028-11-23")),
            entry(500, "calibration-check", checked(-0.2)),
        ],
    )
    assert [point.drift for point in found.points] == pytest.approx([0.0, -0.3, -0.4, -0.6])
    assert [point.as_found for point in found.points] == [None, -0.3, -0.4, -0.2]
    assert found.due == datetime.date(2028, 11, 23)
    assert not found.drifted


def test_refused_runs_and_equalisers_are_no_points():
    found = course.course(
        "NT1-2611-0001",
        [
            entry(0, "calibration", {"reason": "loose"}, "refused"),
            entry(1, "calibration", {"offset": None, "U": None, "due": "2027-11-23"}),
        ],
    )
    assert not found.points
    assert found.due is None


def ledger_of_fifty(path: Path) -> None:
    """Three years of yearly calibrations; one unit wears, one was dropped, one was forgotten."""
    clock = Years()
    rng = np.random.default_rng(1)
    with Ledger.open(path, clock.now) as ledger:
        serials = [
            ledger.enrol(f"24:0a:c4:00:00:{n:02x}", batch("NT1-2611"), "c", lambda _: b"").serial
            for n in range(1, 51)
        ]
        offsets = rng.normal(0.0, 1.0, 50)
        for year in range(3):
            clock.day = year * YEAR
            drift = rng.normal(0.0, 0.12, 50)
            drift[[6, 30]] = (-0.45, -0.9 if year == 1 else 0.0)
            for number, serial in enumerate(serials[:-1]):
                if number == 20 and year:
                    continue
                before = drift[number] if year else -offsets[number]
                offsets[number] -= drift[number] if year else 0.0
                facts = calibrated(round(offsets[number], 2), round(before, 2), clock.due())
                ledger.record(serial, "calibration", "passed", facts)
        clock.day += 100
        ledger.record(serials[11], "calibration-check", "void", checked(0.8))


class TheDayAfter(datetime.datetime):
    """Of the last entry of `ledger_of_fifty`."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Self:
        return cls(2029, 3, 3, tzinfo=tz)


def test_the_chart_names_the_units_that_need_care(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("noisetamer.cli.fleet.datetime", TheDayAfter)
    ledger, chart = tmp_path / "ledger.sqlite", tmp_path / "fleet.png"
    ledger_of_fifty(ledger)
    ran = run("fleet", "calibration", "--ledger", ledger, "--out", chart)
    assert ran.code == 1
    lines = {line[:13]: line for line in ran.out.splitlines()}
    assert "! never calibrated" in lines["NT1-2611-0050"]
    assert "off by +0.80 dB, calibrate" in lines["NT1-2611-0012"]
    assert "-0.90 dB since the first calibration" in lines["NT1-2611-0007"]
    assert "due 2027-11-23, overdue" in lines["NT1-2611-0021"]
    assert "!" not in lines["NT1-2611-0002"]
    assert Image.open(chart).size[0] > 1000


def test_a_replaced_unit_needs_no_care(tmp_path: Path):
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        old = ledger.enrol("a", batch("NT1-2611"), "c", lambda _: b"").serial
        new = ledger.enrol("b", batch("NT1-2611"), "c", lambda _: b"", old).serial
        ledger.record(new, "calibration", "passed", calibrated(0.1, 0.0, "2099-01-01"))
    out = ("--out", tmp_path / "fleet.png")
    ran = run("fleet", "calibration", "--ledger", tmp_path / "ledger.sqlite", *out)
    assert (ran.code, old in ran.out) == (0, False)


def self_checks(folder: Path, count: int) -> None:
    """Nights in which the microphone becomes dull, and the background with it."""
    store = Store(folder / "hub.sqlite")
    rng = np.random.default_rng(2)
    for night in range(count):
        dull = -0.12 * max(0, night - 40)
        fields = {
            "tones": [500, 1000, 2000, 4000],
            "deviations": [round(10 * (dull + rng.normal(0, 0.08))) for _ in range(4)],
            "background": round(10 * (41.0 + dull + rng.normal(0, 1.0))),
            "verdict": "microphone" if dull < -0.5 else "good",
        }
        t = 1795431600 + 86_400 * night
        body = json.dumps({"kind": "self-check", **fields}).encode()
        store.append(
            t, [Event("NT1-2611-0001", 1, night + 1, (0, 1), t, "self-check", fields, body)]
        )
    store.close()


def test_the_trend_of_the_nightly_checks_is_a_chart(tmp_path: Path):
    self_checks(tmp_path, 60)
    chart = tmp_path / "trend.png"
    ran = run("fleet", "self-check", "NT1-2611-0001", "--data", tmp_path, "--out", chart)
    assert ran.code == 1
    assert "NT1-2611-0001: microphone in the last of 60 nights" in ran.out
    assert Image.open(chart).size[0] > 1000


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("calibration", "--ledger", "none.sqlite"), "There is no ledger"),
        (("self-check", "NT1-2611-0001", "--data", "nowhere"), "is no data folder of a hub"),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
):
    monkeypatch.chdir(tmp_path)
    ran = run("fleet", *words, "--out", "chart.png")
    assert ran.code == 2
    assert len(ran.wrong) == 1
    assert says in ran.wrong[0]


def test_a_ledger_without_a_calibration_has_no_chart(tmp_path: Path):
    ledger = tmp_path / "ledger.sqlite"
    Ledger.open(ledger).close()
    ran = run("fleet", "calibration", "--ledger", ledger, "--out", tmp_path / "chart.png")
    assert ran.code == 2
    assert "holds no calibration yet" in ran.wrong[0]
