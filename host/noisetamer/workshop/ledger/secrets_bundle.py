"""What of the ledger goes into a secrets bundle for a hub."""

from noisetamer.base.keys.bundle import BundledUnit
from noisetamer.base.keys.vault import Vault
from noisetamer.workshop.ledger.ledger import Ledger


def gather(ledger: Ledger, vault: Vault, serials: list[str]) -> list[BundledUnit]:
    """The units of these serials, their secrets opened.

    Raises UserError for a serial that was never given, or secrets sealed with another key.
    """
    units = [ledger.unit(serial) for serial in serials]
    return [
        BundledUnit(
            unit.serial,
            _square(ledger, vault, unit.serial),
            unit.claim,
            unit.replaces,
            vault.open_secrets(unit.serial, unit.secrets),
        )
        for unit in units
    ]


def _square(ledger: Ledger, vault: Vault, serial: str) -> str:
    sealed = ledger.setup(serial)
    return vault.open(serial, sealed).get("square", "") if sealed else ""
