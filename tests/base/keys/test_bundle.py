"""Secrets on their way from the workshop to a hub."""

import base64
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batch_ledger import made, passed
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from noisetamer import cli
from noisetamer.base.errors import UserError
from noisetamer.base.keys import bundle
from noisetamer.base.keys.vault import Vault
from noisetamer.hub.people.people import People
from noisetamer.hub.registry import Unit, UnitKeys, Units
from noisetamer.workshop.ledger import chain_keys
from noisetamer.workshop.ledger.ledger import Ledger

PASSPHRASE = "correct horse battery"
UNIT = {
    "serial": "NT1-2611-0001", "square": "", "claim": "ABCD", "replaces": None,
    "secrets": {"mqtt": "a", "chain": "b", "command": "c"},
}  # fmt: skip


@pytest.fixture
def workshop_folder(tmp_path: Path) -> Path:
    ledger, _ = made(tmp_path)
    ledger.close()
    (tmp_path / "phrase").write_text(PASSPHRASE + "\n")
    (tmp_path / "hub").mkdir()
    return tmp_path


def hand_over_to(folder: Path, file: Path, *words: str) -> int:
    where = ["--ledger", str(folder / "ledger.sqlite"), "--key", str(folder / "ledger.key")]
    phrase = ["--passphrase-file", str(folder / "phrase")]
    return cli.run(["ledger", "hand-over", str(file), *where, *phrase, *words])


def admit(folder: Path, file: Path) -> int:
    phrase = ["--passphrase-file", str(folder / "phrase")]
    return cli.run(["admit", str(file), "--data", str(folder / "hub"), *phrase])


def test_good_units_come_to_the_hub_with_square_and_secret(workshop_folder: Path, capsys):
    file = workshop_folder / "units.handover"
    assert hand_over_to(workshop_folder, file) == 0
    assert admit(workshop_folder, file) == 0
    units = Units(workshop_folder / "hub" / "units.sqlite").all()
    assert [(unit.id, unit.square) for unit in units] == [
        ("NT1-2611-0001", "人民广场"),
        ("NT1-2611-0002", "人民广场"),
    ]
    said = capsys.readouterr()
    for unit in units:
        assert len(unit.secret) == 43
        assert unit.secret not in said.out + said.err + file.read_text()
    assert admit(workshop_folder, file) == 0
    assert "0 units admitted, 2 were in, 0 revoked" in capsys.readouterr().out


def test_a_replacement_ends_the_old_units_secrets_at_the_hub(workshop_folder: Path, capsys):
    file = workshop_folder / "units.handover"
    hand_over_to(workshop_folder, file)
    admit(workshop_folder, file)
    # a hub has run there
    People(workshop_folder / "hub" / "people.sqlite").close()
    with Ledger.open(workshop_folder / "ledger.sqlite") as ledger:
        vault = Vault(workshop_folder / "ledger.key")
        passed(ledger, vault, "24:0a:c4:00:00:09", replaces="NT1-2611-0001")
    hand_over_to(workshop_folder, file)
    admit(workshop_folder, file)
    units = Units(workshop_folder / "hub" / "units.sqlite").all()
    assert [unit.id for unit in units] == ["NT1-2611-0002", "NT1-2611-0004"]
    assert [unit.replaced for unit in units] == [(), ("NT1-2611-0001",)]
    assert "1 unit admitted, 1 was in, 1 revoked" in capsys.readouterr().out
    with closing(People(workshop_folder / "hub" / "people.sqlite")) as people:
        told = [(entry.by, entry.what, entry.target) for entry in people.log.entries()]
    assert told == [
        ("command line", "unit_revoked", "NT1-2611-0001"),
        ("command line", "unit_admitted", "NT1-2611-0004"),
    ]


def test_a_unit_that_was_re_keyed_brings_its_new_key_along(workshop_folder: Path, capsys):
    file = workshop_folder / "units.handover"
    hand_over_to(workshop_folder, file)
    admit(workshop_folder, file)
    with Ledger.open(workshop_folder / "ledger.sqlite") as ledger:
        vault, unit = Vault(workshop_folder / "ledger.key"), ledger.unit("NT1-2611-0001")
        chain_keys.keep_first(ledger, vault, unit)
        for _ in range(2):  # none of them is on a board yet
            chain_keys.rekey(ledger, vault, unit)
        keys = chain_keys.of_unit(ledger, vault, unit)
    assert len(keys) == 2
    hand_over_to(workshop_folder, file)
    admit(workshop_folder, file)
    assert "NT1-2611-0001 has another key for its seal" in capsys.readouterr().out
    units = Units(workshop_folder / "hub" / "units.sqlite")
    assert [one.key for one in units.chain_keys()["NT1-2611-0001"]] == list(keys)
    # a first link that is not of the key
    whole = bundle.read(file, lambda: PASSPHRASE)
    bundle.write(file, [replace(whole[0], first_link="00" * 16)], PASSPHRASE)
    assert admit(workshop_folder, file) == 2
    assert "the first link in" in capsys.readouterr().err


def test_another_passphrase_or_a_changed_byte_opens_nothing(workshop_folder: Path):
    file = workshop_folder / "units.handover"
    hand_over_to(workshop_folder, file)
    with pytest.raises(UserError, match="the passphrase is another one, or the file has been"):
        bundle.read(file, lambda: PASSPHRASE + "!")
    text = file.read_text()
    at = text.index('"sealed": "') + 20
    file.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    with pytest.raises(UserError, match="the passphrase is another one, or the file has been"):
        bundle.read(file, lambda: PASSPHRASE)


def seal(file: Path, content: bytes) -> None:
    """As another program would, with the right passphrase; a guess need cost nothing here."""
    bundle.write(file, [], PASSPHRASE)
    body = json.loads(file.read_text())
    salt, nonce = (base64.b64decode(body[name]) for name in ("salt", "nonce"))
    key = bundle._derived(PASSPHRASE, salt)
    sealed = AESGCM(key).encrypt(nonce, content, body["kind"].encode())
    file.write_text(json.dumps({**body, "sealed": base64.b64encode(sealed).decode()}))


def test_what_is_no_hand_over_file_is_said(workshop_folder: Path, monkeypatch):
    monkeypatch.setattr(bundle, "_COST", 2)
    file = workshop_folder / "units.handover"
    for text in ("{}", "[]", "no JSON", '{"kind": "other"}'):
        file.write_text(text)
        with pytest.raises(UserError, match="is no hand-over file"):
            bundle.read(file, lambda: PASSPHRASE)
    strange: list[Any] = [{"a": 1}, [1], [{"serial": "x"}], [{**UNIT, "square": 2}], [None]]
    for content in (
        b"no JSON",
        b"\xff",
        b"[" * 9000,
        *(json.dumps(one).encode() for one in strange),
    ):
        seal(file, content)
        with pytest.raises(UserError, match="is no hand-over file"):
            bundle.read(file, lambda: PASSPHRASE)
    with pytest.raises(UserError, match="cannot be read"):
        bundle.read(workshop_folder / "nowhere", lambda: PASSPHRASE)


def test_a_short_passphrase_is_refused(workshop_folder: Path):
    with pytest.raises(UserError, match="too short"):
        bundle.write(workshop_folder / "x", [], "short")


def test_a_unit_that_has_not_passed_is_not_handed_over(workshop_folder: Path, capsys):
    file = workshop_folder / "units.handover"
    assert hand_over_to(workshop_folder, file, "--unit", "NT1-2611-0003") == 2
    assert "NT1-2611-0003 is not to be handed over: failed at image" in capsys.readouterr().err


def test_a_serial_with_another_secret_is_refused_by_the_hub(tmp_path: Path):
    units = Units(tmp_path / "units.sqlite")
    keys = UnitKeys("chain", "command", "claim")
    assert units.admit(Unit("NT1-2611-0001", "", "", "one"), keys)
    assert not units.admit(Unit("NT1-2611-0001", "", "", "one"), keys)
    with pytest.raises(UserError, match="at this hub already, with another secret"):
        units.admit(Unit("NT1-2611-0001", "", "", "two"), keys)
    assert units.revoke("NT1-2611-0001")
    assert not units.revoke("NT1-2611-0001")
    assert units.all() == []
