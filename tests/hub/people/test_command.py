"""`noisetamer people`, for whoever has locked himself out."""

import shlex
from pathlib import Path

import pytest
from in_chinese import english_in, run_in_chinese

from noisetamer import cli
from noisetamer.hub.people import page_address
from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "people.sqlite")


def run(data: Path, *words: str) -> int:
    return cli.run(["people", "--data", str(data), *words])


def test_who_is_added_comes_in_by_the_link_that_is_printed(
    people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    page_address.note(tmp_path, "https://hub.example:8080")
    assert run(tmp_path, "add", "王经理", "--role", "property", "--square", "东门广场") == 0
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://hub.example:8080/welcome/")
    ticket = people.tickets.look(link.rsplit("/", 1)[1])
    assert ticket and ticket.account and ticket.account.name == "王经理"
    assert ticket.account.squares == {"东门广场"}
    assert run(tmp_path, "list") == 0
    assert capsys.readouterr().out == "王经理  property  东门广场  no password yet\n"
    assert people.log.entries()[0].by == "command line"


def test_reset_disable_enable(people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    account = people.accounts.add("Li", "viewer", HUB, password="hash")
    assert run(tmp_path, "reset", "LI") == 0
    assert people.tickets.look(capsys.readouterr().out.strip().rsplit("/", 1)[1])
    assert run(tmp_path, "disable", "li") == 0
    assert people.accounts.one(account.id) is None
    assert run(tmp_path, "reset", "li") == 2
    assert "enable the account first" in capsys.readouterr().err
    assert run(tmp_path, "enable", "li") == 0
    assert people.accounts.one(account.id) == account


def test_a_district_is_made_with_its_squares_and_people(
    people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(tmp_path, "district", "西湖区", "--square", "东门广场", "--square", "西门广场") == 0
    assert run(tmp_path, "district", "上城区", "--square", "西门广场") == 0
    assert run(tmp_path, "add", "wang", "--role", "admin", "--district", "西湖区") == 0
    assert run(tmp_path, "add", "li", "--district", "上城区", "--square", "西门广场") == 0
    capsys.readouterr()
    assert run(tmp_path, "district") == 0
    assert capsys.readouterr().out == "西湖区  东门广场\n上城区  西门广场\n"
    assert run(tmp_path, "list", "--district", "西湖区") == 0
    assert capsys.readouterr().out == "wang  admin  西湖区  everywhere there  no password yet\n"
    person = people.accounts.named("wang")
    assert person and person.account.squares == {"东门广场"}
    for words, sentence in (
        (
            ["add", "x", "--district", "东区"],
            "There is no district 东区: there is 西湖区, 上城区.",
        ),
        (["add", "x", "--district", "西湖区", "--square", "西门广场"], "none of this district"),
        (["district", "--square", "东门广场"], "Say into which district"),
    ):
        assert run(tmp_path, *words) == 2
        assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["reset", "nobody"], "There is no nobody: there is Li."),
        (["add", "li"], "There is a li already."),
        (["add", " "], "A name has 1 to 64 characters."),
        (["add", "x", "--role", "root"], "--role root: give one of viewer, leader"),
        (["disable", "Li"], "Nobody would be left"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    people: People,
    tmp_path: Path,
    words: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
):
    people.accounts.add("Li", "admin", HUB, password="hash")
    assert run(tmp_path, *words) == 2
    said = capsys.readouterr().err
    assert sentence in said and len(said.splitlines()) == 1


def test_a_folder_where_no_hub_ran_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(tmp_path, "list") == 2
    assert "No hub has run" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("list", "viewer admin property"),
        ("district", ""),
        ("add Chen --role property --square 东门广场", ""),
        ("reset Wang", ""),
        ("disable Wang", ""),
        ("enable Wang", ""),
        ("about Li", "account name audit target"),
        ("about Nobody", ""),
        ("forget Wang", ""),
        ("add x --district 东区", ""),
        ("add x --district 西湖区 --square 别处", ""),
        ("district --square 东门广场", "district"),
        ("reset Nobody", ""),
        ("reset Out", ""),
        ("add Li", ""),
        ("add ' '", ""),
        ("add Hub", ""),
        ("add x --role root", "root viewer leader guard property officer operator admin"),
        ("disable Li", "admin"),
        ("list --district", ""),
        ("lost", "lost list"),
        ("xyz", "xyz list add district reset disable enable about forget"),
    ],
)
def test_in_chinese_no_sentence_stays_english(
    people: People, tmp_path: Path, words: str, names: str
):
    people.accounts.add("Li", "admin", HUB, password="hash")
    people.districts.put(people.districts.make("西湖区", HUB).id, {"东门广场"}, HUB)
    people.districts.make("上城区", HUB)
    district = people.districts.named("西湖区")
    people.accounts.add("Wang", "admin", HUB, district=district and district.id)
    out = people.accounts.add("Out", "viewer", HUB, squares=[])
    people.accounts.disable(out.id, True, HUB)
    ran = run_in_chinese("people", "--data", tmp_path, *shlex.split(words))
    assert ran.out or ran.wrong
    assert english_in(ran, *names.split(), "Wang", "Chen", "Li", "Out", "Nobody") == []
