"""`noisetamer people`: accounts, and what the hub keeps about a person.

`about` reads beside a hub that runs; `forget` is best given to one that does not, or again when
the incidents that go on are over: those it knows by heart.
"""

import argparse
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from noisetamer.base.language import say
from noisetamer.base.personal import Kept
from noisetamer.base.zones import in_utc
from noisetamer.hub.around import around_of
from noisetamer.hub.people import command as accounts
from noisetamer.hub.people.audit import COMMAND_LINE
from noisetamer.hub.people.people import People
from noisetamer.hub.privacy.forgetting import forget
from noisetamer.hub.privacy.kept import about
from noisetamer.hub.privacy.whom import whom

_TASKS = {
    "about": "everything the hub keeps about a person: in which file, for how long",
    "forget": "let go of it; what evidence needs stays as hashes, without the name",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the verb."""
    tasks = accounts.add_options(parser)
    for task, what in _TASKS.items():
        one = tasks.add_parser(task, help=what)
        one.add_argument("name", metavar="NAME", help="an account's, or as somebody wrote it")


def run_command(arguments: argparse.Namespace) -> int:
    """0. Raises UserError for what the user can mend."""
    if arguments.task not in _TASKS:
        return accounts.run_command(arguments)
    accounts.must_have_run(arguments.data)
    data: Path = arguments.data
    who = whom(data, arguments.name.strip())
    if arguments.task == "about":
        _print(about(data, who), say("Nothing is kept about {name}.", name=arguments.name))
        return 0
    with (
        closing(People(data / "people.sqlite")) as people,
        closing(around_of(data)) as around,
    ):
        before = len(about(data, who))
        left = forget(data, who, people, around, COMMAND_LINE)
    gone = before - len(left)
    print(say("{n} of {of} rows: gone, or without the name", n=gone, of=before))
    _print(left, say("Nothing is kept any more, but in backups: those go by their own age."))
    return 0


def _print(found: Iterable[Kept], nothing: str) -> None:
    lines = [_line(one) for one in found]
    print("\n".join(lines) if lines else nothing)


def _line(one: Kept) -> str:
    if one.stays:
        how_long = say("stays: {why}", why=one.stays)
    elif one.until is not None:
        how_long = say("until {date}", date=in_utc(one.until))
    else:
        how_long = say("until it is asked for")
    since = say(" of {date}", date=in_utc(one.at)) if one.at is not None else ""
    return say(
        "{file}: {place}{since} ({keys}); {how_long}",
        file=one.file,
        place=one.where,
        since=since,
        keys=one.what,
        how_long=how_long,
    )
