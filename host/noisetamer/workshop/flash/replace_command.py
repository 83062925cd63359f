"""The command line that puts new hardware in a unit's place: `noisetamer replace`."""

import argparse
from contextlib import ExitStack

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.unit.boards import check
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.workshop.flash import command
from noisetamer.workshop.ledger.ledger import PASSED, Ledger
from noisetamer.workshop.ledger.options import LEDGER
from noisetamer.workshop.ledger.serials import batch_of
from noisetamer.workshop.port.ports import Port

REPLACED, REPLACES = "replaced", "replaces"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="SERIAL", help="the unit whose place is taken")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--port", metavar="PORT", help="of the new board")
    which.add_argument("--simulated", action="store_true", help="the new board is a virtual one")
    command.add_common(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """The new board inherits square, policy, Wi-Fi and hub; the old one's secrets end.

    0 when it passes, 1 when not: then run it again. Raises UserError.
    """
    old, ledger_file = arguments.old, arguments.ledger or LEDGER
    command.must_fit(batch_of(old), arguments.simulated)
    board = check.working(arguments.board)
    with Ledger.read(ledger_file) as ledger:
        ledger.unit(old)
    with ExitStack() as stack:
        port = _port(arguments, board, stack)
        code = command.run(arguments, board, [port], batch_of(old), stack, replaces=old)
    with Ledger.open(ledger_file) as ledger:
        new = ledger.successor(old)
        if new and not ledger.history(old, REPLACED):
            # What follows from the new unit's row, said in both histories.
            ledger.record(old, REPLACED, PASSED, {"by": new.serial})
            ledger.record(new.serial, REPLACES, PASSED, {"unit": old})
        if new:
            print(say(f"{old} is replaced by {new.serial}: hand it over to the hub"))
    return code


def _port(arguments: argparse.Namespace, board: BoardFile, stack: ExitStack) -> Port:
    if not arguments.simulated:
        return command.connected_ports(
            [arguments.port] if arguments.port else [], everything=False
        )[0]
    if arguments.ledger is None:
        raise UserError("--simulated: name the ledger of the simulated units with --ledger.")
    return command.virtual_spare(arguments, board, stack)
