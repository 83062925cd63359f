"""A ledger as a batch leaves it: two good units, one that failed, a board that was refused."""

from pathlib import Path

from noisetamer.base.keys.vault import Vault, new_secrets
from noisetamer.workshop.flash.square_file import Setup
from noisetamer.workshop.ledger.entries import LAMPS
from noisetamer.workshop.ledger.ledger import NO_SERIAL, Ledger
from noisetamer.workshop.ledger.serials import Batch

BATCH = Batch("NT1", "2611")


def enrol(ledger: Ledger, vault: Vault, mac: str, replaces: str | None = None) -> str:
    def sealed(serial: str) -> bytes:
        return vault.seal_secrets(serial, new_secrets())

    return ledger.enrol(mac, BATCH, "7K3MQ2ZD", sealed, replaces).serial


def passed(ledger: Ledger, vault: Vault, mac: str, replaces: str | None = None) -> str:
    """A unit that was flashed and burned in, its lamps seen."""
    serial = flashed(ledger, vault, mac, replaces)
    burned_in(ledger, serial)
    return serial


def burned_in(ledger: Ledger, serial: str, **otherwise: tuple[str, str]) -> None:
    """As the command leaves it. otherwise: (outcome, verdict) by name of the check, its space as
    an underscore; the others pass.
    """
    bad = []
    others = [name.replace("_", " ") for name in otherwise]
    for name in dict.fromkeys(("tone", *LAMPS, *others)):
        outcome, verdict = otherwise.get(name.replace(" ", "_"), ("passed", "as it should be"))
        check = {"name": name, "outcome": outcome, "limit": "", "verdict": verdict}
        facts = {"burn_in": {"check": {**check, "measured": {}, "at": ""}, "under": "0.1.0"}}
        ledger.record(serial, "burn-in check", outcome, facts)
        if outcome == "failed":
            bad.append(name)
    facts = {"firmware": "0.1.0", "burn_in_failed": bad}
    ledger.record(serial, "burn-in", "failed" if bad else "passed", facts)


def flashed(ledger: Ledger, vault: Vault, mac: str, replaces: str | None = None) -> str:
    """A unit that went through all steps of flashing."""
    serial = enrol(ledger, vault, mac, replaces)
    place = Setup("人民广场")
    ledger.keep_setup(serial, vault.seal(serial, place.to_table()))
    ledger.record(serial, "flash", "begun", {"port": "a"})
    ledger.record(serial, "image", "passed", {"micropython": "v1.29.0", "chip": "ESP32-S3"})
    ledger.record(serial, "firmware", "passed", {"firmware": "0.1.0"})
    ledger.record(serial, "setup", "passed", place.facts())
    ledger.record(serial, "flash", "passed", {"port": "a"})
    return serial


def failed(ledger: Ledger, vault: Vault, mac: str, reason: str) -> str:
    serial = enrol(ledger, vault, mac)
    ledger.record(serial, "flash", "begun", {"port": "b"})
    ledger.record(serial, "image", "failed", {"reason": reason})
    ledger.record(serial, "flash", "failed", {"step": "image", "reason": reason, "port": "b"})
    return serial


def made(folder: Path) -> tuple[Ledger, Vault]:
    ledger, vault = Ledger.open(folder / "ledger.sqlite"), Vault(folder / "ledger.key")
    passed(ledger, vault, "24:0a:c4:00:00:01")
    passed(ledger, vault, "24:0a:c4:00:00:02")
    failed(ledger, vault, "24:0a:c4:00:00:03", "MD5 of file does not match data in flash")
    refusal = {"port": "c", "mac": "24:0a:c4:00:00:04", "reason": "it has no PSRAM"}
    ledger.record(NO_SERIAL, "identify", "failed", refusal)
    return ledger, vault
