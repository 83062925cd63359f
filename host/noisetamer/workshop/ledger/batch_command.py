"""The command line of a batch: `noisetamer batch NT1-2611`, what is left for each unit."""

import argparse
import json
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.workshop.ledger import batch as batches
from noisetamer.workshop.ledger.batch import BatchStanding
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.options import LEDGER, add_ledger
from noisetamer.workshop.ledger.refused import Refused
from noisetamer.workshop.ledger.serials import LAST, batch
from noisetamer.workshop.ledger.standing import (
    DONE,
    FAILED,
    GONE,
    ROAD,
    Standing,
    Word,
)

_GAP = "  "
_MOST_NAMED = 4


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("batch", metavar="NT1-2611")
    parser.add_argument(
        "--of", type=int, metavar="N", help="units it is to have; the ledger keeps the number"
    )
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    add_ledger(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """0 when nothing is left for any unit, 1 when something is. Raises UserError."""
    wanted, ledger_file = batch(arguments.batch), arguments.ledger or LEDGER
    if arguments.of is not None:
        if not 1 <= arguments.of <= LAST:
            raise UserError(f"--of {arguments.of}: give a number from 1 to {LAST}.")
        with Ledger.open_existing(ledger_file) as ledger:
            ledger.want(wanted, arguments.of)
    with Ledger.read(ledger_file) as ledger:
        found = batches.gather(ledger, wanted)
    if not found.units and found.wanted is None:
        raise UserError(f"The ledger {ledger_file} has no unit of the batch {wanted}.")
    if arguments.json:
        print(json.dumps(to_table(found), ensure_ascii=False, indent=1))
    else:
        # A line is never cut or wrapped where it goes into a file or through a pipe.
        console = Console(highlight=False)
        for line in page(found):
            console.print(line, soft_wrap=not console.is_terminal)
    return 0 if found.finished else 1


def page(found: BatchStanding) -> list[Text]:
    """What was done to each unit, what is left for it, and how far the batch is."""
    lines = [Text(f"{say('Batch')} {found.batch}{say(', ')}{say(found.headline)}", "bold"), Text()]
    serial = max([cell_len(say("unit")), *(len(unit.unit.serial) for unit in found.units)])
    if found.units:
        lines.append(Text(_GAP.join((set_cell_size(say("unit"), serial), *map(say, ROAD))), "dim"))
    for unit in found.units:
        line = Text(unit.unit.serial.ljust(serial) + _GAP)
        if unit.state in GONE:
            lines.append(line.append(say(unit.said), "dim"))
            continue
        for word in unit.words:
            wide = cell_len(say(word.name))
            line.append(set_cell_size(say(_mark(word)), wide) + _GAP, _style(word))
        line.rstrip()
        lines.append(line)
    left = [unit for unit in found.units if unit.left]
    if left:
        lines += [Text(), Text(say("Left to do"), "bold")]
    lines += [
        Text(f"{unit.unit.serial.ljust(serial)}{_GAP}{say('; ').join(map(say, unit.left))}")
        for unit in left
    ]
    remarks = [
        f"{say(_who(units))}{say(': ')}{say(remark)}" for remark, units in _remarks(found).items()
    ]
    remarks += [_refused(board) for board in found.refused]
    if remarks:
        lines += [Text(), *map(Text, remarks)]
    style = "bold green" if found.finished else "bold"
    return [*lines, Text(), Text(say(found.finish_line), style)]


def to_table(found: BatchStanding) -> dict[str, Any]:
    """The same as JSON carries it."""
    return {
        "batch": str(found.batch),
        "wanted": found.wanted,
        "units": [_unit(unit) for unit in found.units],
        "refused": [
            {"at": board.at, "port": board.port, "mac": board.mac, "reason": board.reason}
            for board in found.refused
        ],
        "done": {step: found.done(step) for step in ROAD},
        "of": found.of,
        "finished": found.finished,
        "finish_line": found.finish_line,
    }


def _refused(board: Refused) -> str:
    who = board.mac or "a board that did not tell its MAC"
    sentence = "refused: {who} on {port}, {reason}"
    return say(sentence, who=who, port=board.port, reason=board.reason)


def _unit(standing: Standing) -> dict[str, Any]:
    return {
        "serial": standing.unit.serial,
        "mac": standing.unit.mac,
        "square": standing.facts.get("square", ""),
        "state": standing.state,
        "step": standing.step,
        "reason": standing.reason,
        "left": standing.left,
        "replaced_by": standing.successor,
        "steps": {
            word.name: {
                "state": word.state,
                "at": word.at,
                "reason": word.reason,
                "remark": word.remark,
            }
            for word in standing.words
        },
    }


def _remarks(found: BatchStanding) -> dict[str, list[str]]:
    """The units of each remark."""
    remarks: dict[str, list[str]] = {}
    for unit in found.counting:
        for word in unit.words:
            if word.remark:
                remarks.setdefault(word.remark, []).append(unit.unit.serial)
    return remarks


def _who(serials: list[str]) -> str:
    if len(serials) > _MOST_NAMED:
        return f"{len(serials)} units"
    return ", ".join(serials)


def _mark(word: Word) -> str:
    return {DONE: "yes", FAILED: "FAILED"}.get(word.state, "no")


def _style(word: Word) -> str:
    return {DONE: "green", FAILED: "bold red"}.get(word.state, "dim")
