"""What residents complain of is kept once, and can be forgotten without being unsaid."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.complaints import FILE, Complaints

ONE = Complaint(0, "东门广场", 1_800_000_000, "12345", "A-17", "3 号楼 502", "北", "广场舞太吵了")
BARE = replace(ONE, number="", at=ONE.at + 60)


@pytest.fixture
def complaints(tmp_path: Path):
    found = Complaints(tmp_path / FILE, lambda: 1_800_100_000.0)
    yield found
    found.close()


def test_the_same_number_of_a_desk_comes_once(complaints: Complaints):
    assert complaints.add([ONE, replace(ONE, text="the same, told again"), BARE, BARE]) == 2
    assert complaints.add([ONE, BARE]) == 0
    assert complaints.add([replace(ONE, source="110"), replace(BARE, place="5 号楼")]) == 2


def test_they_come_by_time_and_square(complaints: Complaints):
    elsewhere = replace(ONE, square="西门广场", number="B-1")
    complaints.add([BARE, elsewhere, ONE])
    found = complaints.between(ONE.at, BARE.at, "东门广场")
    assert [replace(one, id=0) for one in found] == [ONE]
    assert len(complaints.between(ONE.at, BARE.at + 1)) == 3


def test_what_is_forgotten_is_gone_from_the_disk_and_can_still_be_proved(
    complaints: Complaints, tmp_path: Path
):
    complaints.add([ONE, BARE])
    (first, second) = complaints.between(0, 2**31)
    assert complaints.forget([first.id, 999]) == 1
    assert complaints.forget([first.id]) == 0
    (left, other) = complaints.between(0, 2**31)
    assert left == replace(first, number="", place="", text="")
    assert other == second
    assert complaints.forgotten() == {first.id}
    assert complaints.seal(first.id) == complaints.seal_of(ONE) != complaints.seal(second.id)
    assert complaints.add([ONE]) == 0  # the same file brings nothing back
    complaints.forget([second.id])
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "广场舞太吵了".encode() not in kept
    assert ONE.place.encode() not in kept


@pytest.mark.parametrize("change", ["DELETE FROM complaint", "UPDATE complaint SET at=1"])
def test_no_complaint_is_unsaid(complaints: Complaints, tmp_path: Path, change: str):
    complaints.add([ONE])
    with sqlite3.connect(tmp_path / FILE) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(change)


def test_a_number_that_only_counts_rows_loses_nothing_unsaid(complaints: Complaints):
    complaints.add([ONE])
    later = replace(ONE, at=ONE.at + 86_400)
    twice = replace(ONE, number="B", at=5), replace(ONE, number="B", at=6)
    assert complaints.clashing([ONE, later, BARE, *twice]) == [later, twice[1]]
