"""The log signs by a file of the hub's, or by a token; its witness by another key."""

from contextlib import closing
from pathlib import Path

import pytest
from soft_token import soft_token

from noisetamer.base.errors import UserError
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.signing import log_signer, witness_signer
from noisetamer.proof import notes, token_key


@pytest.mark.tools
def test_a_log_is_signed_by_a_token_and_waits_for_one_that_is_away(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
):
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    uri = soft_token(tmp_path_factory.getbasetemp() / "token").uri("log of the hub")
    key = log_signer(tmp_path, "hub", uri)
    with closing(Log(tmp_path / "log", tmp_path / "log.sqlite", key)) as log:
        with pytest.raises(UserError, match="the token has no such key"):
            log.append([{"kind": "look"}])
        token_key.make(uri)
        assert log.append([{"kind": "look"}]) == [0]
        signed = notes.verify(notes.parse(log.checkpoint()), [log.key])
        assert [one.key for one in signed] == [log.key]
    assert not (tmp_path / "log.key").exists()


def test_log_and_witness_have_keys_of_their_own(tmp_path: Path):
    log, witness = log_signer(tmp_path, "hub.example")(), witness_signer(tmp_path, "hub.example")()
    assert log.name.startswith("hub.example/noisetamer/")
    assert witness.name.startswith("hub.example/witness/")
    assert log.public != witness.public
    for name in ("log.key", "witness.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    again = witness_signer(tmp_path, "hub.example")()
    assert (again.name, again.public) == (witness.name, witness.public)
