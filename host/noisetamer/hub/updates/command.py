"""`noisetamer update push | status | stop | resume`: what a hub rolls out.

Works beside a hub that runs, which takes what is asked for within seconds; without one it is
taken when the hub starts.
"""

import argparse
import json
import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from noisetamer.base import database, language
from noisetamer.base.errors import UserError
from noisetamer.hub import key_files
from noisetamer.hub.people.audit import COMMAND_LINE
from noisetamer.hub.registry import registered
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.updates import loads, releases, told
from noisetamer.hub.updates.book import FILE, Book, Rollout
from noisetamer.hub.updates.cohorts import SIZES
from noisetamer.hub.updates.loads import Load
from noisetamer.hub.words.i18n import read_texts
from noisetamer.proof import rsa

TASKS = ("push", "status", "stop", "resume")

ANSWER_SECONDS = 10.0

_SPAN = re.compile(r"(\d{1,3})(d|h|min)")
_UNITS = {"d": 86_400, "h": 3600, "min": 60}
_HOURS = re.compile(r"(\d{1,2})(?::([0-5]\d))?-(\d{1,2})(?::([0-5]\d))?")


def add_options(tasks: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = "roll a release out to a hub's boxes, in cohorts; or a policy, or a message"
    push = _task(tasks, "push", what)
    push.add_argument("files", type=Path, nargs="*", metavar="FILE", help="one for each board")
    push.add_argument("--policy", metavar="FILE", help="this policy alone")
    push.add_argument("--voice", metavar="NAME", help="this message alone")
    push.add_argument(
        "--cohorts", default=",".join(map(str, SIZES)), metavar="1,10,100", help="then the rest"
    )
    push.add_argument("--square", action="append", metavar="SQUARE", help="only there")
    push.add_argument(
        "--failures", default="1%", metavar="PERCENT", help="of a cohort may fail, default 1%%"
    )
    push.add_argument("--at-once", type=int, default=20, metavar="N", help="boxes; default 20")
    push.add_argument(
        "--patience", default="24h", metavar="SPAN", help="for boxes that are away; default 24h"
    )
    push.add_argument(
        "--soak", default="10min", metavar="SPAN", help="each runs it before the next cohort"
    )
    push.add_argument("--hours", metavar="02-05", help="only then, local time")
    push.add_argument("--reason", default="", metavar="TEXT", help="for the audit log")
    push.add_argument("--seed", type=int, metavar="N", help="of the cohorts; else by chance")
    push.add_argument(
        "--root", type=Path, metavar="ROOT.pub", help="where the hub has none (hub keys)"
    )
    what = "what is rolled out, how far it is, and what failed"
    status = _task(tasks, "status", what)
    status.add_argument("--json", action="store_true", help="one object on standard output")
    for name, what in (
        ("stop", "no box gets it from now on; what is under way ends by itself"),
        ("resume", "a roll-out that stands still goes on"),
    ):
        task = _task(tasks, name, what)
        task.add_argument("--reason", required=True, metavar="TEXT", help="for the audit log")


def _task(
    tasks: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    parser = tasks.add_parser(name, help=what, description=what)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="of the hub")
    return parser


def run_command(arguments: argparse.Namespace) -> int:
    """0; `status`: 1 where it stands still. Raises UserError."""
    if not database.exists(arguments.data / "hub.sqlite"):
        raise UserError(
            f"No hub has run in {arguments.data} yet: start it once with "
            f"'noisetamer hub --data {arguments.data}'."
        )
    tasks = {"push": _push, "status": _status}
    return tasks.get(arguments.task, _say)(arguments)


def _push(arguments: argparse.Namespace) -> int:
    load, bodies = _load(arguments)
    plan = _plan(arguments)
    sizes = _sizes(arguments.cohorts)
    there = {square_of(unit) for unit in registered(arguments.data / "units.sqlite")}
    for square in arguments.square or ():
        if square not in there:
            raise UserError(f"There is no square {square}: there is {', '.join(sorted(there))}.")
    with _book(arguments.data) as book:
        one = next(iter(book.newest()), None)
        fields = {"load": loads.to_fields(load), "reason": arguments.reason or load.name}
        if _is_restamp(one, load):
            what = "stamp"
        else:
            what = "push"
            fields |= {"plan": plan, "sizes": sizes, "squares": arguments.square or None}
            fields["seed"] = arguments.seed
        with book.transaction():
            for body in bodies.values():
                book.keep(body)
            id = book.ask(time.time(), COMMAND_LINE.name, "", what, fields)
        done = _answered(book, id)
        if what == "stamp":
            print(language.say(f"{load.name}: the new stamp is sent with it from now on"))
        elif done:
            _tell(book.newest()[0])
    return 0


def _is_restamp(one: Rollout | None, load: Load) -> bool:
    return (
        one is not None
        and load.number > 0
        and one.load.digests == load.digests
        and one.state.state != "stopped"
    )


def _load(arguments: argparse.Namespace) -> tuple[Load, releases.Bodies]:
    given = [bool(arguments.files), bool(arguments.policy), bool(arguments.voice)]
    if sum(given) != 1:
        raise UserError("Give the files of a release, or --policy FILE, or --voice NAME.")
    if arguments.policy:
        return releases.of_policy(arguments.policy)
    if arguments.voice:
        return releases.of_voice(arguments.voice, arguments.data)
    by = key_files.root_of(arguments.data)
    if arguments.root:
        asked = rsa.read_public(arguments.root)
        if by is not None and by != asked:
            raise UserError(f"{arguments.root} is another root than this hub holds to.")
        by = asked
    if by is None:
        raise UserError(
            "This hub has no root key to verify the release by: install it with "
            "'noisetamer hub keys', or give --root ROOT.pub."
        )
    keys = key_files.keys_of(arguments.data)
    return releases.of_releases(arguments.files, by, keys, time.time())


def _plan(arguments: argparse.Namespace) -> dict[str, object]:
    percent = arguments.failures.removesuffix("%")
    try:
        failures = float(percent) / 100
    except ValueError:
        failures = -1.0
    if not 0 <= failures < 1:
        raise UserError(f"--failures {arguments.failures}: give a percentage below 100, as 1%.")
    if not 1 <= arguments.at_once <= 500:
        raise UserError(f"--at-once {arguments.at_once}: give 1 to 500 boxes.")
    return {
        "failures": failures,
        "at_once": arguments.at_once,
        "patience": _seconds("--patience", arguments.patience),
        "soak": _seconds("--soak", arguments.soak),
        "hours": _hours(arguments.hours),
    }


def _seconds(option: str, text: str) -> float:
    span = _SPAN.fullmatch(text)
    if not span or not int(span[1]):
        raise UserError(f"{option} {text}: give days, hours or minutes, as 2d, 24h or 10min.")
    return float(int(span[1]) * _UNITS[span[2]])


def _hours(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    found = _HOURS.fullmatch(text)
    if found:
        begin = int(found[1]) + int(found[2] or 0) / 60
        end = int(found[3]) + int(found[4] or 0) / 60
        if begin <= 24 and end <= 24 and begin != end:
            return begin % 24, end
    raise UserError(f"--hours {text}: give local times from and to, as 02-05 or 22:30-04.")


def _sizes(text: str) -> list[int]:
    try:
        sizes = [int(size) for size in text.split(",")] if text else []
    except ValueError:
        sizes = [0]
    if any(size < 1 for size in sizes):
        raise UserError(f"--cohorts {text}: give numbers of boxes, as 1,10,100; then the rest.")
    return sizes


def _say(arguments: argparse.Namespace) -> int:
    with _book(arguments.data) as book:
        fields = {"reason": arguments.reason}
        id = book.ask(time.time(), COMMAND_LINE.name, "", arguments.task, fields)
        if _answered(book, id):
            _tell(book.newest()[0])
    return 0


def _status(arguments: argparse.Namespace) -> int:
    with _book(arguments.data) as book:
        found = book.newest()
    if not found:
        print("null" if arguments.json else language.say("nothing was rolled out yet"))
        return 0
    (one,) = found
    if arguments.json:
        print(json.dumps(told.table(one), ensure_ascii=False))
    else:
        _tell(one)
    return int(one.state.state == "stopped")


def _tell(one: Rollout) -> None:
    texts = read_texts()[language.chosen()]
    print("\n".join(told.lines(one, texts, time.time())))


@contextmanager
def _book(data: Path) -> Iterator[Book]:
    with closing(Book(data / FILE)) as book:
        yield book


def _answered(book: Book, id: int) -> bool:
    """Whether the hub has taken it. Raises UserError with what it answers."""
    end = time.monotonic() + ANSWER_SECONDS
    while (answer := book.answered(id)) is None:
        if time.monotonic() > end:
            print(language.say("no hub runs here: it is taken when one does"))
            return False
        time.sleep(0.1)
    if answer:
        raise UserError(answer)
    return True
