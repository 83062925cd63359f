"""Which unit a board is: its serial is in the ledger before anything is on the board."""

from collections.abc import Callable

from noisetamer.base.keys.vault import Vault, new_claim, new_secrets
from noisetamer.base.language import say
from noisetamer.workshop.flash.job import IDENTIFY, FlashJob, FlashOutcome, RunContext
from noisetamer.workshop.flash.log import Log
from noisetamer.workshop.flash.square_file import Setup, from_table
from noisetamer.workshop.flash.steps import FlashBench
from noisetamer.workshop.ledger import chain_keys
from noisetamer.workshop.ledger.ledger import EnrolledUnit, Ledger
from noisetamer.workshop.port.chip import ConnectedChip, identify, what_is_unfit
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.errors import BoardError
from noisetamer.workshop.steps import Ask, State


def enrol(
    connection: Connection,
    job: FlashJob,
    context: RunContext,
    outcome: FlashOutcome,
    log: Log,
    doing: Callable[[str], None],
) -> FlashBench:
    """Ask the chip, refuse what cannot be a unit, give it its serial; `outcome` learns of both.

    Raises BoardError for a board that cannot be one.
    """
    ledger, vault = context.ledger, context.vault
    chip = identify(connection.loader())
    outcome.mac = chip.mac
    if not context.claim_mac(chip.mac):
        raise BoardError(
            f"its MAC {chip.mac} is on another port too",
            "one of the two is a copy: put both aside and ask their maker",
        )
    known = ledger.unit_with(chip.mac)
    if known:
        outcome.serial = known.serial
        successor = ledger.successor(known.serial)
        if successor:
            raise BoardError(
                f"it was {known.serial} and has been replaced by {successor.serial}; its secrets "
                "are revoked",
                "take it out, use another board",
            )
    unfit = what_is_unfit(chip, job.board)
    if unfit:
        raise BoardError(*unfit)
    unit = ledger.enrol(
        chip.mac,
        job.batch,
        new_claim(),
        lambda serial: vault.seal_secrets(serial, new_secrets()),
        job.replaces,
    )
    outcome.serial = unit.serial
    chain_keys.keep_first(ledger, vault, unit)
    if job.rekey and known:
        chain_keys.rekey(ledger, vault, unit)
    log.settle(IDENTIFY, State(_facts(chip)))
    return FlashBench(
        connection,
        unit.serial,
        vault.open_secrets(unit.serial, unit.secrets),
        ledger,
        doing,
        _named(context.ask, outcome),
        chain_keys.of_unit(ledger, vault, unit),
        chip,
        job.board,
        job.image,
        job.firmware,
        job.mpy,
        _setup(ledger, vault, unit, job.setup),
    )


def _named(ask: Ask | None, outcome: FlashOutcome) -> Ask | None:
    """Each question says which board it is about."""
    if ask is None:
        return None
    return lambda question: ask(
        say("{serial} on {port}: ", serial=outcome.serial, port=outcome.port) + question
    )


def _facts(chip: ConnectedChip) -> dict[str, object]:
    return {
        "mac": chip.mac,
        "chip": chip.title,
        "flash_MB": chip.flash_MB,
        "psram_MB": chip.psram_MB,
    }


def _setup(ledger: Ledger, vault: Vault, unit: EnrolledUnit, wanted: Setup | None) -> Setup:
    """The wanted one; else what the unit has, or the one whose place it takes; kept for good."""
    own = _kept(ledger, vault, unit.serial)
    inherited = _kept(ledger, vault, unit.replaces) if unit.replaces else None
    setup = wanted or own or inherited or Setup()
    if setup != own:
        ledger.keep_setup(unit.serial, vault.seal(unit.serial, setup.to_table()))
    return setup


def _kept(ledger: Ledger, vault: Vault, serial: str) -> Setup | None:
    sealed = ledger.setup(serial)
    return from_table(vault.open(serial, sealed)) if sealed else None
