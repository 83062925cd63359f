"""The command line of policies: `noisetamer policy`."""

import argparse
import sys
import time
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.base.output import spare, writing
from noisetamer.unit.policy import file, messages, show, times
from noisetamer.unit.policy.remarks import remarks
from tamer.judge.policy import Policy

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
    policy = read.policy()
    today = times.local(policy.clock, int(time.time())).date()
    for line, sentence in remarks(read, today):
        key, remark = sentence.split(": ", 1)
        print(f"{say('remark: ')}{read.name}:{line}{say(': ')}{key}{say(': ')}{say(remark)}")
    print(f"{read.name}{say(': ')}{_named(policy, say('a policy'))}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    read = file.load(arguments.file)
    policy = read.policy()
    if arguments.at and (arguments.week or arguments.out):
        raise UserError("--at shows one moment; --week and --out show a week: give one of them")
    if arguments.out:
        spare([read.path], arguments.out)
    print(_named(policy, read.path.name))
    for line in show.trial(policy):
        print(line)
    if arguments.at:
        print("\n".join(show.moment(policy, times.unix_time(policy.clock, arguments.at))))
        return 0
    week = arguments.week
    first = times.unix_time(policy.clock, week) if week else int(time.time())
    days = times.days(policy.clock, first, 7)
    if arguments.out:
        from noisetamer.unit.policy import week_plot

        week_plot.draw(policy, days, arguments.out)
        print(say("see {file}", file=arguments.out))
    else:
        print("\n".join(show.week(policy, days)))
    return 0


def _named(policy: Policy, without_name: str) -> str:
    called = policy.name or without_name
    return called + say(", ") + say("hash {hash}", hash=policy.hash[:12])


def _compile(arguments: argparse.Namespace) -> int:
    read = file.load(arguments.file)
    read.policy()
    text = file.on_box(read.table).decode()
    if arguments.out is None:
        print(text, end="")
        return 0
    spare([read.path], arguments.out)
    with writing(arguments.out):
        arguments.out.write_text(text, encoding="utf-8")
    return 0
