import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.people.people import People
from noisetamer.hub.registry import Units
from noisetamer.hub.serve import enrol

FORGERIES = {
    "changed": "UPDATE audit SET by='nobody' WHERE n=2",
    "its time": "UPDATE audit SET at=at+1 WHERE n=2",
    "taken out": "DELETE FROM audit WHERE n=2",
    "the first": "DELETE FROM audit WHERE n=1",
    "put in": "INSERT INTO audit SELECT 4, at, by, what, target, reason, detail, ip, hash, "
    "district FROM audit WHERE n=2",
    "exchanged": "UPDATE audit SET n=CASE n WHEN 1 THEN 20 ELSE 10 END WHERE n<3",
}


@pytest.fixture
def people(tmp_path: Path) -> People:
    people = People(tmp_path / "people.sqlite")
    for n, reason in enumerate(("too loud", "邻居投诉", "half \ud800 a character")):
        people.audit(1_800_000_000.5 + n, "Li", "say", "SIM-0001", reason, {"n": n, "text": "请"})
    return people


def test_rows_are_read_newest_first_and_by_whom_and_of_what(people: People):
    people.audit(1_800_000_010.0, "Wu", "mute", "SIM-0002", ip="192.0.2.1")
    assert [entry.n for entry in people.log.entries()] == [4, 3, 2, 1]
    assert [entry.n for entry in people.log.entries(by="Li", before=3)] == [2, 1]
    assert [entry.n for entry in people.log.entries(target="sim-0002")] == [4]
    assert [entry.n for entry in people.log.entries(what="say", most=1)] == [3]
    assert people.log.words() == (["Li", "Wu"], ["mute", "say"])
    assert people.log.entries()[2].reason == "邻居投诉"
    assert people.verify() == ""


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit SET reason=''",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT 2, at, by, what, target, reason, detail, ip, hash, "
        "district FROM audit WHERE n=1",
    ],
)
def test_the_file_itself_refuses_to_change_what_was_written(people: People, forgery: str):
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        forging(people)(forgery)
    assert len(people.log.entries()) == 3


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_who_takes_the_triggers_away_is_found_out(people: People, forgery: str):
    forge = forging(people)
    forge("DROP TRIGGER audit_is_not_changed")
    forge("DROP TRIGGER audit_is_not_deleted")
    assert people.verify() == ""
    forge(forgery)
    assert people.verify() != ""


def test_what_is_cut_off_at_the_end_shows_by_the_head_that_was_kept(people: People):
    before = people.log.head()
    assert before[0] == 3 and len(before[1]) == 32
    forge = forging(people)
    forge("DROP TRIGGER audit_is_not_deleted")
    forge("DELETE FROM audit WHERE n=3")
    assert people.verify() == ""  # the chain alone cannot know
    assert people.log.head() != before


def test_units_of_the_command_line_are_written_down_once(people: People, tmp_path: Path):
    units = Units(tmp_path / "units.sqlite")
    for _ in range(2):
        enrol(["SIM-0001=East", "SIM-0002", "SIM-0002"], units, people)
    told = people.log.entries(what="unit_admitted")
    assert [(entry.target, entry.detail["square"]) for entry in told] == [
        ("SIM-0002", ""),
        ("SIM-0001", "East"),
    ]
    with pytest.raises(UserError, match="no unit id"):
        enrol(["no id"], units, people)
    assert len(people.log.entries(what="unit_admitted")) == 2


def forging(people: People) -> Callable[[str], None]:
    def forge(statement: str) -> None:
        with sqlite3.connect(people.sessions._file.path) as connection:
            connection.execute(statement)

    return forge


def test_a_time_in_whole_seconds_is_none_that_was_changed(people: People):
    people.audit(1_800_000_010, "Wu", "mute", "SIM-0002")
    assert people.verify() == ""
