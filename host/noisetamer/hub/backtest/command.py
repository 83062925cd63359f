"""A backtest on the command line: `noisetamer policy backtest`."""

import argparse
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import soundfile
from rich.console import Console

from noisetamer.base.errors import UserError
from noisetamer.hub.backtest import backtest, plot, stored
from noisetamer.hub.backtest.backtest import ADDRESSEES
from noisetamer.unit.policy import file, messages, times
from noisetamer.unit.policy.file import PolicyFile
from tamer.judge.ladder import STAGES
from tamer.judge.policy import Policy

# Silence before and echo after a message, in which the box judges nothing either.
_AROUND_S = 1.0
_ROWS = (
    ("incidents", "incidents (red)"),
    ("spoken", "spoken"),
    ("sudden", "sudden noises at night"),
)
_MESSAGE_S = 7  # of a message that is not here to be measured


def run(arguments: argparse.Namespace) -> int:
    """Raises UserError."""
    read = [file.load(name) for name in (arguments.file, arguments.against) if name]
    policies = [one.policy() for one in read]
    names = _names(read, policies)
    clock = policies[0].clock
    since = times.unix_time(clock, arguments.since) if arguments.since else 0
    until = times.unix_time(clock, arguments.until) if arguments.until else None
    heard = stored.seconds(arguments.data, arguments.unit, since, until)
    with Console(stderr=True).status("replaying the stored seconds"):
        units = backtest.run(heard, policies, message_s)
    if not units:
        raise UserError(f"{arguments.data}: holds no second of what was asked for")
    report = backtest.report(units, names, policies)
    if arguments.out:
        _write(arguments.out, report)
        plot.draw(units, names, policies, arguments.out / "backtest.png")
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
        return 0
    print(backtest.sentence(report))
    print("\n".join(_table(report)))
    print(report["caveat"])
    if arguments.out:
        print(f"see {arguments.out / 'backtest.png'}, {arguments.out / 'backtest.json'}")
    return 0


@cache
def message_s(message: str) -> int:
    """Whole s that a message of the box takes."""
    try:
        length = soundfile.info(messages.VOICES / f"{message}.wav").duration
    except soundfile.LibsndfileError:
        return _MESSAGE_S
    return math.ceil(length + _AROUND_S)


def _names(files: list[PolicyFile], policies: list[Policy]) -> list[str]:
    """As short as tells them apart: the policies' own names, the files', or their paths."""
    own = [policy.name or one.path.name for one, policy in zip(files, policies, strict=True)]
    for names in (own, [one.path.name for one in files]):
        if len(set(names)) == len(names):
            return names
    return [str(one.path) for one in files]


def _write(out: Path, report: dict[str, Any]) -> None:
    path = out / "backtest.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None


def _table(report: dict[str, Any]) -> list[str]:
    """A column a policy."""
    whole = [policy["whole"] for policy in report["policies"]]
    rows = [("", [policy["policy"] for policy in report["policies"]])]
    rows += [(name, [one[key] for one in whole]) for key, name in _ROWS]
    rows += [(f"{to} called", [one["called"][to] for one in whole]) for to in ADDRESSEES]
    rows += [(f"minutes {s}", [_minutes(one["stages"][s]) for one in whole]) for s in STAGES]
    wide = max(len(str(cell)) for _, cells in rows for cell in cells) + 2
    return ["".join([f"  {name:<22}", *(f"{cell:>{wide}}" for cell in row)]) for name, row in rows]


def _minutes(seconds: int) -> str:
    return f"{seconds / 60:.1f}"
