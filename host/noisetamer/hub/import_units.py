"""The command line that admits units a workshop has made: `noisetamer admit`."""

import argparse
from pathlib import Path

from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.base.keys import bundle
from noisetamer.base.keys.passphrase import add_passphrase, passphrase
from noisetamer.base.language import say
from noisetamer.hub.people.people import note_command
from noisetamer.hub.registry import Unit, UnitKeys, Units
from tamer.record.seal import Seal


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of `noisetamer admit`."""
    parser.add_argument("file", type=Path, help="made by 'noisetamer ledger hand-over'")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="of the hub")
    add_passphrase(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """Admit the units of a bundle and revoke those they replace. Raises UserError."""
    if not arguments.data.is_dir():
        raise UserError(f"There is no hub in {arguments.data}: start it there once.")
    bundled = bundle.read(arguments.file, lambda: passphrase(arguments, twice=False))
    units = Units(arguments.data / "units.sqlite")
    known = {unit.id for unit in units.all()}
    admitted = revoked = 0
    for one in bundled:
        unit = Unit(one.serial, "", one.square, one.secrets.mqtt)
        keys = UnitKeys(one.secrets.chain, one.secrets.command, one.claim, one.newer_chain)
        if one.first_link and one.first_link != Seal(keys.chain).first_link(unit.id).hex():
            raise UserError(
                f"{unit.id}: the first link in {arguments.file} is not of its key: hand it over "
                "anew ('noisetamer ledger hand-over')."
            )
        if unit.id not in known:
            note_command(arguments.data, "unit_admitted", unit.id, {"square": unit.square})
        admitted += units.admit(unit, keys)
        if unit.id in known and (rekeyed := units.learn_chain_keys(unit.id, keys)):
            note_command(arguments.data, "unit_rekeyed", unit.id, {"keys": rekeyed})
            print(say(f"{unit.id} has another key for its seal"))
        if one.replaces in known:
            detail = {"successor": unit.id}
            note_command(arguments.data, "unit_revoked", one.replaces, detail)
        revoked += one.replaces is not None and units.revoke(one.replaces, one.serial)
    print(
        say(
            f"{counted(admitted, '1 unit', '{} units')} admitted, {len(bundled) - admitted} "
            f"{counted(len(bundled) - admitted, 'was', 'were')} in, {revoked} revoked"
        )
    )
    return 0
