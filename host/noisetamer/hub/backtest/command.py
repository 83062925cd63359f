"""A backtest on the command line: `noisetamer policy backtest`."""

import argparse
import csv
import json
import math
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from rich.console import Console

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.base.output import spare, writing
from noisetamer.base.zones import offset_text
from noisetamer.hub.backtest import (
    backtest,
    doings,
    intervals,
    plot,
    report,
    screen,
    stored,
    tables,
)
from noisetamer.hub.backtest.backtest import ReplayedUnit
from noisetamer.hub.backtest.intervals import Intervals
from noisetamer.hub.backtest.stored import Kind
from noisetamer.hub.backtest.told import told
from noisetamer.sound.level_tables import LevelTable
from noisetamer.unit.policy import file, messages, times
from noisetamer.unit.policy.file import PolicyFile
from tamer.judge.policy import Policy
from tamer.record.reading import MISSING

# Silence before and echo after a message, in which the box judges nothing either.
_AROUND_S = 1.0
_MESSAGE_S = 7  # of a message that is not here to be measured


def run(arguments: argparse.Namespace) -> int:
    """Raises UserError."""
    read = [file.load(name) for name in (arguments.file, arguments.against) if name]
    policies = [one.policy() for one in read]
    names = _names(read, policies)
    clock = policies[0].clock
    since = times.unix_time(clock, arguments.since) if arguments.since else 0
    until = times.unix_time(clock, arguments.until) if arguments.until else None
    part = arguments.data, arguments.unit, since, until
    with Console(stderr=True).status(say("replaying the stored seconds")):
        path, kind = stored.find(arguments.data)
        if arguments.out:
            outputs = (arguments.out / name for name in ("backtest.png", *_FILES))
            spare([*(one.path for one in read), path], *outputs)
        if kind is Kind.TABLE:
            found = _table_of(arguments, path, policies, since, until)
            if not tables.are_seconds(found):
                return _hours_over(arguments, tables.intervals(found, path.stem), names, policies)
            units = backtest.run(tables.seconds(found, path.stem), policies, message_s)
        else:
            units = backtest.run(stored.seconds(*part), policies, message_s)
            _add_told(units, stored.events(*part))
    if not units:
        if kind is Kind.CONSOLE:
            raise UserError(f"{arguments.data}: holds no second with a date of what was asked for")
        raise UserError(f"{arguments.data}: holds no second of what was asked for")
    if nothing := report.nothing_to_judge(units):
        raise UserError(f"{arguments.data}: {nothing}")
    if any(unit.heard.interval > 1 for unit in units):
        return _hours_over(arguments, _as_intervals(units), names, policies)
    first, last = report.span(units)
    asked = since or first, last if until is None else until
    found = report.report(units, names, policies, asked)
    if arguments.out:
        _write(arguments.out, found)
        plot.draw(units, names, policies, arguments.out / "backtest.png")
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    print(report.sentence(found))
    if did := report.box_sentence(found):
        print(did)
    print("\n".join(screen.lines(found)))
    print(say(found["caveat"]))
    if arguments.out:
        files = say(", ").join([str(arguments.out / "backtest.png"), *_FILES])
        print(say("see {file}", file=files))
    return 0


def _add_told(units: list[ReplayedUnit], events: Iterable[stored.Event]) -> None:
    of_unit: dict[str, list[tuple[int, str, dict[str, Any]]]] = {}
    for unit, t, kind, fields in events:
        of_unit.setdefault(unit, []).append((t, kind, fields))
    for unit in units:
        unit.told = told(of_unit.get(unit.name, ()))


def _table_of(
    arguments: argparse.Namespace,
    path: Path,
    policies: list[Policy],
    since: int,
    until: int | None,
) -> dict[str, LevelTable]:
    """The policy's clock says when a time without a zone was."""
    if arguments.unit:
        raise UserError(
            f"--unit {arguments.unit}: {path} is a table of levels, which names no units; leave "
            "--unit out"
        )
    clock = policies[0].clock
    if arguments.zone is None and clock.changes:
        raise UserError(
            f"{path}: the policy's clock changes in summer; say the zone of the table's times "
            "with --zone, like Europe/Berlin"
        )
    zone, else_zone = arguments.zone, (offset_text(clock.offset), "the policy's")
    wanted = [policy.trigger.quantity for policy in policies]
    found = tables.read_all(path, wanted, since, until, zone, else_zone, arguments.date_order)
    if not any(table.t.size for table in found.values()):
        raise UserError(f"{path}: holds no second of what was asked for")
    print(say(next(iter(found.values())).taken), file=sys.stderr)
    return found


def _hours_over(
    arguments: argparse.Namespace, of: list[Intervals], names: list[str], policies: list[Policy]
) -> int:
    found = intervals.report(of, names, policies)
    if arguments.out:
        _write_json(arguments.out, found)
    print(json.dumps(found, ensure_ascii=False) if arguments.json else intervals.sentence(found))
    return 0


def _as_intervals(units: list[ReplayedUnit]) -> list[Intervals]:
    """What was stored as seconds and is none: minutes, hours."""
    found = []
    for unit in units:
        level = np.asarray(unit.heard.level)
        there = level != MISSING
        t = np.asarray(unit.heard.t)[there].astype(float)
        found.append(Intervals(unit.name, "LAeq", unit.heard.interval, t, level[there] / 10))
    return found


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


_FILES = ("backtest.json", "done.csv", "hours.csv")


def _write(out: Path, found: dict[str, Any]) -> None:
    _write_json(out, found)
    done, hours = [], []
    for one in found["policies"]:
        done += [{"policy": one["policy"], **row} for row in one["done"]]
        hours += [{"policy": one["policy"], **row} for row in one["hours"]]
    if found["box"]:
        done += [{"policy": report.THE_BOX, **row} for row in found["box"]["done"]]
    done_heads = ("policy", "unit", "time", "utc_offset", "what", "word")
    hour_heads = ("policy", "unit", "time", "utc_offset", "heard", "amber", "red")
    _write_csv(out / "done.csv", done_heads, map(_apart, done))
    _write_csv(out / "hours.csv", (*hour_heads, *doings.COUNTED), map(_apart, hours))


def _apart(row: dict[str, Any]) -> dict[str, Any]:
    """Local time and offset in columns of their own, as in an export."""
    moment = row.get("time") or row["hour"]
    return row | {"time": moment[:19].replace("T", " "), "utc_offset": moment[19:]}


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> None:
    # The mark by which Excel knows UTF-8.
    with writing(path), path.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_json(out: Path, found: dict[str, Any]) -> None:
    path = out / "backtest.json"
    with writing(path):
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
