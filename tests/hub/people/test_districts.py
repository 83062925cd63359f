"""Districts: who sees what of a city, who governs whom, whose a row of the audit log is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.audit import HUB, By
from noisetamer.hub.people.people import People
from noisetamer.hub.people.roles import OF_A_DISTRICT, OF_THE_CITY, PERMISSIONS, District

EAST, WEST, SOUTH = "东门广场", "西门广场", "南门广场"


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    with closing(People(tmp_path / "people.sqlite", lambda: 1_800_000_000.0)) as people:
        yield people


def made(people: People, name: str, *squares: str) -> District:
    id = people.districts.make(name, HUB).id
    people.districts.put(id, squares, HUB)
    found = people.districts.one(id)
    assert found
    return found


def told(people: People, district: int) -> list[tuple[str, str]]:
    rows = people.log.entries(district=district)
    return [(row.what, row.target) for row in reversed(rows)]


def a_day_of_districts(people: People) -> None:
    """What holds on every kind of store."""
    one = made(people, "东区", EAST, SOUTH)
    other = made(people, "西区", WEST)
    assert [each.squares for each in people.districts.all()] == [{EAST, SOUTH}, {WEST}]
    li = people.accounts.add("li", "officer", HUB, district=one.id)
    wu = people.accounts.add("wu", "officer", HUB, squares=[SOUTH], district=one.id)
    assert (li.squares, wu.squares) == ({EAST, SOUTH}, {SOUTH})
    secret = people.sessions.begin(li.id, By("li"))
    session = people.sessions.find(secret)
    assert session and session.account.may("close", SOUTH)
    # a square that is moved is gone at once, in sessions that are open too
    people.districts.put(other.id, [WEST, SOUTH], HUB)
    session = people.sessions.find(secret)
    assert session and session.account.squares == {EAST}
    assert not people.accounts.all()[1].account.squares
    assert people.accounts.all()[1].chosen == {SOUTH}
    moved = people.districts.of_square(SOUTH)
    assert moved and moved.id == other.id
    people.districts.rename(other.id, "新西区", HUB)
    assert people.verify() == ""
    # each is told its own part of it, and not whose it was, or is now
    assert ("district_square", SOUTH) in told(people, one.id)
    assert ("district_square", SOUTH) in told(people, other.id)
    for mine, others in ((one.id, "西区"), (other.id, "东区")):
        assert others not in f"{[row.detail for row in people.log.entries(district=mine)]}"


def test_whoever_is_of_a_district_sees_its_squares_and_no_other(people: People):
    a_day_of_districts(people)


@pytest.mark.service
def test_it_is_the_same_on_a_server(tmp_path: Path, postgres_url: str):
    place = tmp_path / "database.url"
    place.write_text(postgres_url)
    place.chmod(0o600)
    with closing(People(tmp_path / "people.sqlite", lambda: 1_800_000_000.0)) as people:
        a_day_of_districts(people)
        with (
            pytest.raises(UserError, match="only added to"),
            people._file.writing() as connection,
        ):
            connection.execute("UPDATE audit SET district=NULL WHERE district IS NOT NULL")


def test_the_admin_of_all_of_a_district_governs_it_and_nothing_of_the_city(people: People):
    one, other = made(people, "东区", EAST), made(people, "西区", WEST)
    admin = people.accounts.add("admin", "admin", HUB, district=one.id)
    assert {each for each in PERMISSIONS if not admin.may(each)} == OF_THE_CITY
    assert all(admin.may(each, EAST) and not admin.may(each, WEST) for each in OF_A_DISTRICT)
    of_a_square = people.accounts.add("few", "admin", HUB, squares=[EAST], district=one.id)
    assert not any(of_a_square.may(each) for each in OF_THE_CITY | OF_A_DISTRICT)
    city = people.accounts.add("city", "admin", HUB)
    strange = people.accounts.add("wu", "viewer", HUB, district=other.id)
    assert [person.account.name for person in people.accounts.governed_by(admin)] == [
        "admin",
        "few",
    ]
    assert len(people.accounts.governed_by(city)) == 4
    assert admin.knows(city) and not admin.knows(strange)


def test_nobody_of_a_district_is_given_a_square_outside(people: People):
    one = made(people, "东区", EAST)
    made(people, "西区", WEST)
    for squares in ([WEST], [EAST, WEST], ["nowhere"]):
        with pytest.raises(AccountError, match="none of this district"):
            people.accounts.add("li", "viewer", HUB, squares=squares, district=one.id)
    li = people.accounts.add("li", "viewer", HUB, squares=[EAST], district=one.id)
    with pytest.raises(AccountError, match="none of this district"):
        people.accounts.change(li.id, HUB, "viewer", [WEST], "", "zh", one.id)
    with pytest.raises(AccountError, match="no such district"):
        people.accounts.change(li.id, HUB, "viewer", None, "", "zh", 77)
    # how one is called is one's own affair, and changes nothing else
    people.accounts.present(li, By("li"), "李姐", "en")
    person = people.accounts.person(li.id)
    assert person and (person.account.display, person.chosen) == ("李姐", {EAST})
    assert person.account.district == one


def test_a_district_can_be_without_an_admin_and_the_city_cannot(people: People):
    one = made(people, "东区", EAST)
    city = people.accounts.add("city", "admin", HUB, password="hash")
    admin = people.accounts.add("admin", "admin", HUB, district=one.id, password="hash")
    people.accounts.disable(admin.id, True, HUB)
    people.accounts.disable(admin.id, False, HUB)
    for lessen in (
        lambda: people.accounts.disable(city.id, True, HUB),
        lambda: people.accounts.change(city.id, HUB, "admin", None, "", "zh", one.id),
    ):
        with pytest.raises(AccountError, match="Nobody would be left"):
            lessen()


def test_names_of_districts_are_names_and_taken_once(people: People):
    one = made(people, "东区")
    for name in ("", " ", "x" * 65):
        with pytest.raises(AccountError, match="1 to 64"):
            people.districts.make(name, HUB)
    with pytest.raises(AccountError, match="already"):
        people.districts.make(" 东区 ", HUB)
    people.districts.rename(one.id, "东区", HUB)  # its own
    with pytest.raises(AccountError, match="no such district"):
        people.districts.rename(77, "x", HUB)
    with pytest.raises(AccountError, match="no such district"):
        people.districts.put(77, [EAST], HUB)


def test_a_row_of_the_audit_log_is_of_whoever_did_it_or_of_where_it_was(people: People):
    one, other = made(people, "东区", EAST), made(people, "西区", WEST)
    people.accounts.add("li", "officer", HUB, district=one.id)
    people.accounts.add("wu", "officer", HUB, district=other.id)
    people.accounts.add("city", "officer", HUB)
    people.where = lambda what, target: {"NT-1": EAST}.get(target, "")
    before = len(people.log.entries(district=one.id))
    rows = (
        ("li", "toolbox_saved", WEST),  # a question that is called like another's square
        ("city", "picture_seen", f"{EAST} #7"),
        ("city", "order", "NT-1"),
        ("", "login_wrong", "li"),
        ("hub", "complaint_forgotten", "3"),
        ("city", "camera", WEST),
        ("wu", "camera", WEST),
        ("city", "stamps_by", "none"),
    )
    for by, what, target in rows:
        detail = {"square": EAST} if what == "complaint_forgotten" else None
        people.audit(1.0, by, what, target, detail=detail)
    assert [row.what for row in people.log.entries(district=one.id)][:-before][::-1] == [
        *("toolbox_saved", "picture_seen", "order", "login_wrong", "complaint_forgotten"),
    ]
    by, kinds = people.log.words(other.id)
    assert "wu" in by and "li" not in by and "camera" in kinds and "order" not in kinds
    assert len(people.log.entries()) > len(rows)


def test_whose_a_row_is_stands_under_its_hash(people: People, tmp_path: Path):
    one = made(people, "东区", EAST)
    people.audit(1.0, "city", "camera", EAST)
    assert people.verify() == ""
    with closing(sqlite3.connect(tmp_path / "people.sqlite")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            connection.execute("UPDATE audit SET district=NULL")
        connection.execute("DROP TRIGGER audit_is_not_changed")
        connection.execute("UPDATE audit SET district=NULL WHERE what='camera'")
        connection.commit()
    (n,) = [row.n for row in people.log.entries(what="camera")]
    assert people.verify() == f"row {n} is not what was written"
    assert told(people, one.id)
