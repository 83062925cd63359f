"""What of a fleet wants care: from the events of its units to the rows of the page."""

from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, event

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.queries import PastEvent, Queries, SetAside
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web import fleet_view
from noisetamer.hub.web.fleet_view import Row, spark
from noisetamer.hub.wire import Record, Status, read_report
from noisetamer.hub.words.i18n import read_texts

EN = read_texts()["en"]
DAY, HOUR = 86_400, 3600
NOW = START - START % HOUR + 600.0  # ten minutes past a full hour
TONES = {"tones": [500, 1000], "levels": [600, 600], "background": 340}
_NAMES = ("SD", "LAeq", "LCeq", "LAFmax", "LAmin", "LCpeak", "L5", "L10", "L50", "L90", "L95")
LEVELS = {**dict.fromkeys(_NAMES, 600), "overload": False, "under_range": False}


class Fleet:
    """Units and what each of them tells, into a store of its own."""

    def __init__(self, file: Path) -> None:
        self.store = Store(file)
        self.states: list[UnitState] = []
        self.sequence = 0

    def unit(self, id: str, online: bool | None = True, **status: Any) -> UnitState:
        state = UnitState(Unit(id, "", "东门广场", ""), online=online, last=int(NOW) - 1)
        self.states.append(state)
        if online is not None:
            fields = {"online": online, "t": int(NOW), "firmware": "0.1.0", **status}
            self.store.append(NOW, [Status(id, online, fields, b"")])
        return state

    def tells(self, id: str, t: float, kind: str, **fields: Any) -> None:
        self.sequence += 1
        found = read_report(f"dev.{id}.record", event(self.sequence, int(t), kind, **fields))
        assert isinstance(found, Record)
        self.store.append(NOW, [found])

    def hour(self, id: str, hours_ago: int, valid: int) -> None:
        start = int(NOW) // HOUR * HOUR - hours_ago * HOUR
        fields = {"start": start, "seconds": HOUR, "valid_seconds": valid}
        self.tells(id, start + HOUR, "hour", **LEVELS, **fields)

    def rows(self) -> dict[str, Row]:
        queries = Queries(self.store.file)
        told = queries.conditions({state.unit.id: NOW for state in self.states})
        decided = {state.unit.id: fleet_view.policy_of(state) for state in self.states}
        found = fleet_view.rows(self.states, told, decided, EN, 8.0, NOW)
        return {row.id: row for row in found}


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "hub.sqlite")


def test_a_unit_that_is_well_says_so_in_every_cell(fleet: Fleet):
    fleet.unit("NT-1", lost=0, refused=0, held=40_000, room=2_000_000, rssi=-61)
    fleet.tells("NT-1", NOW - 30 * DAY, "boot", reset="power on", policy="a41f03c2")
    fleet.tells("NT-1", NOW - 30 * DAY, "clock", boot_at=1, source="hub", drift=-52)
    fleet.tells("NT-1", NOW - 30 * DAY, "doctor", findings=[])
    fleet.tells("NT-1", NOW - 30 * DAY, "self-check", verdict="reference", **TONES)
    fleet.tells("NT-1", NOW - HOUR, "self-check", verdict="good", deviations=[2, -4], **TONES)
    for ago in range(1, 25):
        fleet.hour("NT-1", ago, HOUR - 36)
    row = fleet.rows()["NT-1"]
    assert row.ills == () and not row.grave
    assert (row.title, row.serial, row.link, row.firmware) == (
        "东门广场",
        "NT-1",
        "online, Wi-Fi -61 dBm",
        "0.1.0",
    )
    assert row.coverage == "99 %"
    assert row.check.startswith("as it was (") and row.check.endswith("-0.4 dB at most")
    assert row.deviations == (None, -0.4)
    assert row.calibration.endswith("due 2027-10-24")
    assert row.clock == "off by +0 s, gains -5.2 ppm by itself"
    assert (row.journal, row.aside) == ("nothing lost, 2 % full", "none")
    assert row.policy == "a41f03c2"


def test_what_is_not_told_is_unknown_and_never_well(fleet: Fleet):
    fleet.unit("NT-1", online=None)
    row = fleet.rows()["NT-1"]
    assert row.grave and row.ills[0].startswith("Has never connected")
    cells = (row.coverage, row.check, row.calibration, row.clock, row.journal, row.firmware)
    assert set(cells) == {"unknown"}


def test_of_older_firmware_wifi_and_journal_are_unknown_and_nothing_ill(fleet: Fleet):
    fleet.unit("NT-1", lost=3, refused=0)
    row = fleet.rows()["NT-1"]
    assert row.link == "online, Wi-Fi unknown"
    assert row.journal == "since its start 3 records lost, 0 refused by the hub, fill unknown"
    assert row.ills == ()


def test_a_weak_link_and_a_journal_that_fills_up_want_care(fleet: Fleet):
    fleet.unit("NT-1", held=1_500_000, room=2_000_000, rssi=-84)
    weak, full = fleet.rows()["NT-1"].ills
    assert weak.startswith("Wi-Fi is weak (-84 dBm)") and "75 % full" in full
    # What was told before an update, or a downgrade, does not stay.
    fleet.states.clear()
    fleet.unit("NT-1")
    assert fleet.rows()["NT-1"].link == "online, Wi-Fi unknown"


ILLS: dict[str, tuple[str, dict[str, Any], str]] = {
    "microphone": ("doctor", {"findings": ["dull microphone"]}, "Fault of its microphone: dull"),
    "policy": ("boot", {"reset": "x", "policy_fault": "no such day"}, "not used: no such day"),
    "voice": ("boot", {"reset": "x", "unspoken": {"polite_zh": "missing"}}, "polite_zh: missing"),
    "lost": ("lost", {"records": 7, "why": "full"}, "7 records lost at"),
    "drifted": (
        "self-check",
        {"verdict": "microphone", "deviations": [-14, -9], **TONES},
        "Nightly self-check: the microphone has changed",
    ),
}


@pytest.mark.parametrize("case", ILLS)
def test_what_a_unit_tells_of_its_faults_wants_care(fleet: Fleet, case: str):
    kind, fields, words = ILLS[case]
    fleet.unit("NT-1")
    fleet.tells("NT-1", NOW - HOUR, kind, **fields)
    (ill,) = fleet.rows()["NT-1"].ills
    assert words in ill


def test_what_differs_from_most_others_wants_care(fleet: Fleet):
    for number, (firmware, policy) in enumerate(
        [("0.1.0", "aa"), ("0.1.0", "aa"), ("0.1.0", "bb"), ("0.0.9", "aa")]
    ):
        state = fleet.unit(f"NT-{number}", firmware=firmware)
        state.events.append(PastEvent(START, 1, 1, "stage", {"policy": policy}))
    rows = fleet.rows()
    assert [bool(rows[f"NT-{number}"].ills) for number in range(4)] == [False, False, True, True]
    assert "Its policy is bb" in rows["NT-2"].ills[0]
    assert "Its firmware is 0.0.9" in rows["NT-3"].ills[0]


def test_a_clock_that_is_off_and_records_without_a_date_want_care(fleet: Fleet):
    fleet.unit("NT-1", t=int(NOW) - 90)
    fleet.unit("NT-2").undated[0] = 30
    rows = fleet.rows()
    assert rows["NT-1"].ills == ("Its clock is -89 s off the hub's",)
    assert rows["NT-2"].ills == ("Some records have no date: it did not know the time",)


def test_a_self_check_that_does_not_come_any_more_wants_care(fleet: Fleet):
    fleet.unit("NT-1")
    fleet.tells("NT-1", NOW - 10 * DAY, "self-check", verdict="good", deviations=[1], **TONES)
    fleet.unit("NT-2")
    fleet.tells("NT-2", NOW - 9 * DAY, "self-check", verdict="good", deviations=[1], **TONES)
    fleet.tells("NT-2", NOW - HOUR, "self-check", verdict="too loud", loudest=700)
    rows = fleet.rows()
    assert rows["NT-1"].ills[0].startswith("No self-check since")
    assert rows["NT-2"].ills == ("Too loud for its self-check for more than 3 days",)


def test_a_reference_that_is_a_year_old_says_that_calibration_is_due(fleet: Fleet):
    fleet.unit("NT-1")
    fleet.tells("NT-1", NOW - 366 * DAY, "self-check", verdict="reference", **TONES)
    fleet.tells("NT-1", NOW - HOUR, "self-check", verdict="good", deviations=[1], **TONES)
    assert fleet.rows()["NT-1"].ills == ("Calibration is due since 2026-11-22",)


def test_hours_that_did_not_come_count_as_not_covered(fleet: Fleet):
    fleet.unit("NT-1")
    fleet.hour("NT-1", 24, HOUR)
    fleet.hour("NT-1", 1, HOUR)
    fleet.unit("NT-2")
    fleet.hour("NT-2", 1, HOUR)  # set up an hour ago
    rows = fleet.rows()
    assert (rows["NT-1"].coverage, rows["NT-2"].coverage) == ("8 %", "100 %")
    assert rows["NT-1"].ills == ("Only 8 % of the last 24 hours count",)


def test_the_gravest_comes_first_then_what_is_ill_then_by_place(fleet: Fleet):
    fleet.unit("NT-1")
    fleet.unit("NT-2").conflicts = SetAside(3, NOW, "another has its name")
    fleet.unit("NT-3", online=False)
    assert list(fleet.rows()) == ["NT-3", "NT-2", "NT-1"]


def test_a_night_without_a_deviation_breaks_the_line_of_the_nights():
    assert spark([]) == []
    assert len(spark([0.1, None, 0.2, 0.3])) == 2
    heights = [float(one.split(",")[1]) for one in spark([0.0, 5.0, -5.0])[0].split()]
    assert heights[1] < heights[0] == 11 < heights[2]
    assert all(0 <= height <= 22 for height in heights)
