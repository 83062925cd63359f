"""What of the ledger goes into a secrets bundle for a hub."""

from noisetamer.base.keys.bundle import BundledUnit
from noisetamer.base.keys.vault import Vault
from noisetamer.workshop.ledger import chain_keys
from noisetamer.workshop.ledger.ledger import EnrolledUnit, Ledger


def gather(ledger: Ledger, vault: Vault, serials: list[str]) -> list[BundledUnit]:
    """The units of these serials, their secrets opened.

    Raises UserError for a serial that was never given, or secrets sealed with another key.
    """
    return [_bundled(ledger, vault, ledger.unit(serial)) for serial in serials]


def _bundled(ledger: Ledger, vault: Vault, unit: EnrolledUnit) -> BundledUnit:
    secrets = vault.open_secrets(unit.serial, unit.secrets)
    return BundledUnit(
        unit.serial,
        _square(ledger, vault, unit.serial),
        unit.claim,
        unit.replaces,
        secrets,
        chain_keys.first_link(unit.serial, secrets.chain),
        chain_keys.of_unit(ledger, vault, unit)[1:],
    )


def _square(ledger: Ledger, vault: Vault, serial: str) -> str:
    sealed = ledger.setup(serial)
    return vault.open(serial, sealed).get("square", "") if sealed else ""
