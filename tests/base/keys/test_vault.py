"""Secrets at rest."""

import os
import stat
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.base.keys.vault import UnitSecrets, Vault, new_claim, new_secrets
from noisetamer.workshop.ledger.ledger import Ledger


def test_secrets_open_with_the_key_that_sealed_them_and_for_their_serial_only(tmp_path: Path):
    secrets = new_secrets()
    sealed = Vault(tmp_path / "key").seal_secrets("NT1-2611-0001", secrets)
    again = Vault(tmp_path / "key")
    assert again.open_secrets("NT1-2611-0001", sealed) == secrets
    for vault, serial in ((again, "NT1-2611-0002"), (Vault(tmp_path / "other"), "NT1-2611-0001")):
        with pytest.raises(UserError, match="does not open with the key"):
            vault.open_secrets(serial, sealed)


def test_no_two_units_share_a_secret():
    secrets = [new_secrets() for _ in range(50)]
    texts = {text for one in secrets for text in (one.mqtt, one.chain, one.command)}
    assert len(texts) == 150
    assert len({new_claim() for _ in range(50)}) == 50


def test_secrets_are_never_shown():
    assert repr(UnitSecrets("a", "b", "c")) == "UnitSecrets()"


@pytest.mark.skipif(os.name == "nt", reason="there are no modes on Windows")
def test_only_its_owner_can_read_the_key(tmp_path: Path):
    Vault(tmp_path / "keys" / "ledger.key")
    assert stat.S_IMODE((tmp_path / "keys" / "ledger.key").stat().st_mode) == 0o600


def test_what_is_no_key_is_said(tmp_path: Path):
    (tmp_path / "key").write_text("secret")
    with pytest.raises(UserError, match="is no ledger key"):
        Vault(tmp_path / "key")


def test_a_ledger_knows_its_key(tmp_path: Path):
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.hold_key(Vault(tmp_path / "key").fingerprint, tmp_path / "key")
        ledger.hold_key(Vault(tmp_path / "key").fingerprint, tmp_path / "key")
        with pytest.raises(UserError, match="is not the key of the ledger"):
            ledger.hold_key(Vault(tmp_path / "other").fingerprint, tmp_path / "other")
