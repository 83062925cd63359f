"""The command line of policies: `noisetamer policy`."""

import argparse
import datetime
import sys
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.unit.policy import file, messages, show, times
from noisetamer.unit.policy.remarks import remarks

Actions = argparse._SubParsersAction


def add_options(parser: argparse.ArgumentParser) -> Actions:
    """Returns the actions: a verb above may add its own."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, what: str) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=what, description=what)
        add_file(added)
        return added

    check = action("check", "is it a policy, and is it wise?")
    check.add_argument(
        "--voices",
        type=Path,
        default=messages.VOICES,
        metavar="DIR",
        help="where its messages are (default: the shipped and added ones)",
    )
    shown = action("show", "what holds now, or over a week, and why")
    shown.add_argument("--at", metavar="TIME", help='local time, such as "2026-11-24 21:30"')
    shown.add_argument("--week", metavar="DATE", help="first day of the week (default today)")
    shown.add_argument("--out", type=Path, metavar="FILE.png", help="draw the week")
    compiled = action("compile", "as a box reads it: /policy.json")
    compiled.add_argument("--out", type=Path, metavar="FILE.json", help="default: print it")
    return actions


def add_file(parser: argparse.ArgumentParser) -> None:
    """The argument that names a policy."""
    names = ", ".join(file.shipped())
    parser.add_argument("file", help=f"TOML or JSON, or one that is shipped: {names}")


def run_command(arguments: argparse.Namespace) -> int:
    """0: done, 2: the file is no policy. Raises UserError for what the user can mend."""
    return {"check": _check, "show": _show, "compile": _compile}[arguments.action](arguments)


def _check(arguments: argparse.Namespace) -> int:
    read = file.load(arguments.file)
    faults = read.faults() or messages.unspoken(read, arguments.voices)
    for fault in faults:
        print(say(str(fault)), file=sys.stderr)
    if faults:
        return 2
    for line, sentence in remarks(read, datetime.date.today()):
        print(f"remark: {read.name}:{line}: {sentence}")
    policy = read.policy()
    print(f"{read.name}: {policy.name or 'a policy'}, hash {policy.hash[:12]}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    read = file.load(arguments.file)
    policy = read.policy()
    if arguments.at and (arguments.week or arguments.out):
        raise UserError("--at shows one moment; --week and --out show a week: give one of them")
    print(f"{policy.name or read.path.name}, hash {policy.hash[:12]}")
    for line in show.trial(policy):
        print(line)
    if arguments.at:
        print("\n".join(show.moment(policy, times.unix_time(policy.clock, arguments.at))))
        return 0
    first = times.unix_time(policy.clock, arguments.week or str(datetime.date.today()))
    days = times.days(policy.clock, first, 7)
    if arguments.out:
        from noisetamer.unit.policy import week_plot

        week_plot.draw(policy, days, arguments.out)
        print(f"see {arguments.out}")
    else:
        print("\n".join(show.week(policy, days)))
    return 0


def _compile(arguments: argparse.Namespace) -> int:
    read = file.load(arguments.file)
    read.policy()
    text = file.on_box(read.table).decode()
    if arguments.out is None:
        print(text, end="")
        return 0
    try:
        arguments.out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{arguments.out}: cannot be written: {error.strerror}") from None
    return 0
