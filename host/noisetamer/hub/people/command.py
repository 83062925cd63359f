"""`noisetamer people`: for whoever is locked out of the pages, or sets up a hub by script.

A running hub notices what is changed here within two seconds.
"""

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.hub.people import page_address
from noisetamer.hub.people.accounts import Person
from noisetamer.hub.people.audit import COMMAND_LINE
from noisetamer.hub.people.people import People
from noisetamer.hub.people.roles import ROLES, Account, District
from noisetamer.hub.people.tickets import PASSWORD


def add_options(parser: argparse.ArgumentParser) -> Any:
    """Of the verb; to which further tasks can be added (`add_parser`)."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="of the hub")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    listing = tasks.add_parser(
        "list", help="everybody: name, role, squares, and whether they can log in"
    )
    listing.add_argument("--district", metavar="DISTRICT", help="of that one only")
    adding = tasks.add_parser("add", help="one more, and the link by which they come in")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("--role", choices=ROLES, default="viewer", help="default viewer")
    adding.add_argument(
        "--square", action="append", metavar="SQUARE", help="only there; default: everywhere"
    )
    adding.add_argument(
        "--district", metavar="DISTRICT", help="of that district; default: of the city"
    )
    making = tasks.add_parser(
        "district", help="a district and its squares: made where it is missing; all, without NAME"
    )
    making.add_argument("name", metavar="NAME", nargs="?")
    making.add_argument(
        "--square",
        action="append",
        metavar="SQUARE",
        default=[],
        help="put into it, out of where it was",
    )
    resetting = tasks.add_parser(
        "reset", help="a link for a new password; the code from the phone is asked for no more"
    )
    resetting.add_argument("name", metavar="NAME")
    for task, what in (("disable", "out at once, everywhere"), ("enable", "in again")):
        changing = tasks.add_parser(task, help=what)
        changing.add_argument("name", metavar="NAME")
    return tasks


def run_command(arguments: argparse.Namespace) -> int:
    """0. Raises UserError for what the user can mend."""
    must_have_run(arguments.data)
    with closing(People(arguments.data / "people.sqlite")) as people:
        if arguments.task == "list":
            only = _district(people, arguments.district)
            for person in people.accounts.all():
                if only is None or person.account.district == only:
                    print(_line(person))
        elif arguments.task == "district":
            _put(people, arguments.name, arguments.square)
        elif arguments.task == "add":
            district = _district(people, arguments.district)
            account = people.accounts.add(
                *(arguments.name, arguments.role, COMMAND_LINE),
                squares=arguments.square,
                district=district and district.id,
            )
            _print_link(people, arguments.data, account)
        else:
            _change(people, arguments.data, arguments.task, _named(people, arguments.name))
    return 0


def must_have_run(data: Path) -> None:
    """Raises UserError where no hub has."""
    if not database.exists(data / "people.sqlite"):
        raise UserError(
            f"No hub has run in {data} yet: start it once with 'noisetamer hub --data {data}'."
        )


def _district(people: People, name: str | None) -> District | None:
    """Raises UserError where there is none of that name."""
    if name is None:
        return None
    if (found := people.districts.named(name)) is None:
        there = ", ".join(one.name for one in people.districts.all())
        if not there:
            raise UserError(f"There is no district {name}: there is none yet.")
        raise UserError(f"There is no district {name}: there is {there}.")
    return found


def _put(people: People, name: str | None, squares: list[str]) -> None:
    if name is None:
        if squares:
            raise UserError("Say into which district: noisetamer people district NAME --square …")
    else:
        one = people.districts.named(name) or people.districts.make(name, COMMAND_LINE)
        if squares:
            people.districts.put(one.id, {*one.squares, *squares}, COMMAND_LINE)
    for one in people.districts.all():
        if name is None or one == people.districts.named(name):
            there = ", ".join(sorted(one.squares)) or say("no squares yet")
            print(f"{one.name}  {there}")


def _change(people: People, data: Path, task: str, person: Person) -> None:
    account = person.account
    if task == "reset":
        if person.disabled:
            raise UserError(f"{account.name} is disabled: enable the account first.")
        if person.second_factor:
            people.second_factor.turn_off(account, COMMAND_LINE)
        _print_link(people, data, account)
    else:
        people.accounts.disable(account.id, task == "disable", COMMAND_LINE)
        done = "{name}: disabled" if task == "disable" else "{name}: enabled"
        print(say(done, name=account.name))


def _named(people: People, name: str) -> Person:
    person = people.accounts.named(name)
    if person is None:
        there = ", ".join(each.account.name for each in people.accounts.all())
        if not there:
            raise UserError(f"There is no {name}: there is nobody.")
        raise UserError(f"There is no {name}: there is {there}.")
    return person


def _print_link(people: People, data: Path, account: Account) -> None:
    secret = people.tickets.make(PASSWORD, account, COMMAND_LINE)
    address = page_address.noted(data)
    print(f"{address or ''}/welcome/{secret}")
    what = "opens once, within seven days: {name} chooses a password there"
    print(say(what, name=account.name), file=sys.stderr)
    if not address:
        print(say("behind the address of the hub's page"), file=sys.stderr)


def _line(person: Person) -> str:
    account = person.account
    district = account.district.name if account.district else ""
    if account.district and account.whole:
        where = say("everywhere there")
    elif account.squares is None:
        where = say("everywhere")
    else:
        where = ", ".join(sorted(account.squares)) or say("nowhere")
    state = "disabled" if person.disabled else "" if person.ready else "no password yet"
    code = "code from the phone" if person.second_factor else ""
    # the role as --role takes it
    parts = (account.name, account.role, district, where, state and say(state), code and say(code))
    return "  ".join(filter(None, parts))
