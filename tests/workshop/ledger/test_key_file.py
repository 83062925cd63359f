"""The key is found beside the ledger it belongs to, and made by none who only needs it."""

from pathlib import Path

import pytest
from batch_ledger import made, passed

from noisetamer import cli
from noisetamer.base.errors import UserError
from noisetamer.base.keys.vault import Vault
from noisetamer.workshop.ledger import key_file
from noisetamer.workshop.ledger.ledger import Ledger


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workshop's own key would be."""
    monkeypatch.setattr(key_file, "KEY", tmp_path / "home" / "ledger.key")
    return tmp_path / "home"


def carton(tmp_path: Path) -> Path:
    """A ledger with its key, which it knows, beside it."""
    ledger, vault = made(tmp_path / "carton")
    with ledger:
        ledger.hold_key(vault.fingerprint, vault.file)
    return ledger.path


def hand_over(ledger_file: Path, *more: str) -> int:
    word = ledger_file.with_name("passphrase")
    word.write_text("a long enough one\n")
    file = ledger_file.with_name("units.handover")
    words = ["ledger", "hand-over", str(file), "--ledger", str(ledger_file)]
    return cli.run([*words, "--passphrase-file", str(word), *more])


def test_it_is_found_beside_the_ledger(tmp_path: Path, home: Path):
    assert hand_over(carton(tmp_path)) == 0
    assert not home.exists()


def test_it_may_have_the_name_of_its_ledger(tmp_path: Path, home: Path):
    file = carton(tmp_path)
    file.with_name("ledger.key").rename(file.with_name("ledger.key.new"))
    file.rename(file.with_name("autumn.sqlite"))
    file.with_name("ledger.key.new").rename(file.with_name("autumn.key"))
    assert hand_over(file.with_name("autumn.sqlite")) == 0


def test_another_key_beside_it_is_passed_over(tmp_path: Path, home: Path):
    file = carton(tmp_path)
    home.mkdir()
    file.with_name("ledger.key").rename(home / "ledger.key")
    Vault(file.with_name("ledger.key"))
    assert hand_over(file) == 0


def test_without_it_nothing_is_handed_over_and_none_is_made(tmp_path: Path, home: Path, capsys):
    file = carton(tmp_path)
    file.with_name("ledger.key").unlink()
    assert hand_over(file) == 2
    said = capsys.readouterr().err
    assert "ledger.sqlite is not there (looked for" in said and "name it with --key" in said
    assert hand_over(file, "--key", str(tmp_path / "none.key")) == 2
    left = {path.name for path in (*file.parent.iterdir(), *tmp_path.iterdir())}
    assert not home.exists() and not {name for name in left if name.endswith(".key")}
    assert "units.handover" not in left


def test_a_wrong_one_is_named(tmp_path: Path, home: Path, capsys):
    file = carton(tmp_path)
    Vault(tmp_path / "other.key")
    assert hand_over(file, "--key", str(tmp_path / "other.key")) == 2
    assert "other.key is not the key of the ledger" in capsys.readouterr().err


def test_a_new_ledger_gets_one_and_one_that_has_sealed_does_not(tmp_path: Path, home: Path):
    with Ledger.open(tmp_path / "new.sqlite") as ledger:
        places = key_file.places(ledger.path, None)
        vault = key_file.vault(ledger, places, make=True)
        assert vault.file == home / "ledger.key"
        ledger.hold_key(vault.fingerprint, vault.file)
        passed(ledger, vault, "24:0a:c4:00:00:01")
        vault.file.unlink()
        with pytest.raises(UserError, match="is not there"):
            key_file.vault(ledger, places, make=True)
