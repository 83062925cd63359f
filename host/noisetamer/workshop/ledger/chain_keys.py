"""The keys of a unit's chain (tamer.record.seal): the first from its enrolment, and each it was
given since.
"""

from noisetamer.base.keys.vault import Vault, new_secrets
from noisetamer.workshop.ledger.entries import IDENTITY
from noisetamer.workshop.ledger.ledger import PASSED, EnrolledUnit, Ledger
from tamer.record.seal import Seal, fingerprint


def of_unit(ledger: Ledger, vault: Vault, unit: EnrolledUnit) -> tuple[str, ...]:
    """Oldest first. Raises UserError for those sealed with another key than the vault's."""
    newer = [one.sealed for one in ledger.chain_keys(unit.serial) if one.sealed]
    return (
        vault.open_secrets(unit.serial, unit.secrets).chain,
        *(str(vault.open(unit.serial, sealed)["chain"]) for sealed in newer),
    )


def keep_first(ledger: Ledger, vault: Vault, unit: EnrolledUnit) -> None:
    """Write down with which link its chain begins, where nobody has yet."""
    if not ledger.chain_keys(unit.serial):
        key = vault.open_secrets(unit.serial, unit.secrets).chain
        ledger.keep_chain_key(unit.serial, fingerprint(key), first_link(unit.serial, key), b"")


def rekey(ledger: Ledger, vault: Vault, unit: EnrolledUnit) -> None:
    """Give it another key; the last one that it was given, where no board has that yet."""
    newest = ledger.chain_keys(unit.serial)[-1]
    if newest.sealed and not _is_on_a_board(ledger, unit.serial, newest.fingerprint):
        return
    key = new_secrets().chain
    sealed = vault.seal(unit.serial, {"chain": key})
    ledger.keep_chain_key(unit.serial, fingerprint(key), first_link(unit.serial, key), sealed)


def first_link(serial: str, key: str) -> str:
    """Before the first record that this unit makes with this key, in hex."""
    return Seal(key).first_link(serial).hex()


def _is_on_a_board(ledger: Ledger, serial: str, mark: str) -> bool:
    return any(
        entry.outcome == PASSED and entry.facts.get("chain") == mark
        for entry in ledger.history(serial, IDENTITY)
    )
