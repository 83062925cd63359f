"""Who else says so: another hub that cosigns, and an authority that stamps."""

import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import hub_with_an_evening as told
import pytest
import witness_server
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from growing_log import signer
from hub_with_an_evening import ROOT, HubFolder
from time_authority import Authority, authorities, serving

from noisetamer.hub.evidence.bundle import make
from noisetamer.hub.evidence.proofs import opened_log
from noisetamer.hub.evidence.scope import Asked
from noisetamer.hub.log.partners import Partner, Partners
from noisetamer.hub.log.stamps import HOUR, Stamps, set_authority
from noisetamer.hub.log.witness import Witness
from noisetamer.proof import public_key, verify_evidence
from noisetamer.proof.notes import COSIGNATURE, VerifierKey
from noisetamer.proof.verify_evidence import FALSE

pytestmark = pytest.mark.tools

STAMPED_BY, MIDDLE, STAMPS = authorities()
OFFICE = signer("office.example/witness")


@contextmanager
def office(file: Path, log: VerifierKey) -> Iterator[str]:
    """The address of a witness of this log."""
    witness = Witness(file, lambda: OFFICE, lambda origin: [log], time.time)
    with closing(witness), witness_server.serving(witness.add_checkpoint) as server:
        yield server.url


def bundle(hub: HubFolder, out: Path) -> bytes:
    asked = Asked(by="chen", reason="handed on", incident=hub.incident)
    with closing(opened_log(hub.folder)) as log:
        make(hub.folder, log, asked, out, lambda *step: None)
    return out.read_bytes()


def test_what_others_saw_is_in_the_bundle_and_proven(tmp_path: Path):
    hub = told.evening(tmp_path / "hub")
    office_key = Ed25519PublicKey.from_public_bytes(OFFICE.public)
    keys = ("witness", office_key), ("tsa", STAMPED_BY.key.public_key())
    told.list_keys(hub.folder, *keys)
    with closing(opened_log(hub.folder)) as log:
        log_key = log.key
    with (
        serving(Authority(tmp_path / "tsa", STAMPS, [MIDDLE])) as server,
        office(tmp_path / "witness.sqlite", log_key) as url,
    ):
        set_authority(hub.folder, server.url, MIDDLE.pem + STAMPED_BY.pem)
        cosigns = str(VerifierKey(OFFICE.name, OFFICE.public, COSIGNATURE))
        Partners(hub.folder).add(Partner("office", url, cosigns))
        # of the first bundle the records are stamped an hour before the second
        bundle(hub, tmp_path / "first.zip")
        with closing(opened_log(hub.folder)) as log, closing(Stamps(hub.folder)) as stamps:
            log.append([{"kind": "start", "why": "the next hour"}])
            assert stamps.ask_for(log.checkpoint(), HOUR)
            # days later the log has its newest only
            log.append([{"kind": "start", "why": "days later"}])
            log.checkpoint()
        with closing(sqlite3.connect(hub.folder / "log.sqlite")) as file, file:
            file.execute("DELETE FROM checkpoint WHERE id<(SELECT max(id) FROM checkpoint)")
        data = bundle(hub, tmp_path / "second.zip")
    report = verify_evidence.verify(data, root=public_key.pem(ROOT.public))
    said = [line.text for line in report.lines]
    assert [line.text for line in report.lines if line.state == FALSE] == []
    assert sum(text.startswith("A time stamp: “Stamps 2026” says") for text in said) >= 2, said
    assert any(text.startswith("The witness “witness of the town” cosigned at") for text in said)
    assert any(text.startswith("The earlier checkpoint of") for text in said)
    with zipfile.ZipFile(tmp_path / "second.zip") as archive:
        names = set(archive.namelist())
    earlier = {name.partition("/")[2] for name in names if name.startswith("checkpoints/")}
    assert earlier and {f"consistency/{size}" for size in earlier} <= names


def test_without_them_it_is_made_all_the_same_and_says_so(tmp_path: Path):
    hub = told.evening(tmp_path / "hub")
    set_authority(hub.folder, "http://127.0.0.1:9/", MIDDLE.pem + STAMPED_BY.pem)
    office_key = str(VerifierKey(OFFICE.name, OFFICE.public, COSIGNATURE))
    Partners(hub.folder).add(Partner("office", "http://127.0.0.1:9", office_key))
    report = verify_evidence.verify(bundle(hub, tmp_path / "alone.zip"))
    said = "\n".join(line.text for line in report.lines)
    assert report.code == 0
    assert "Not stamped yet" in said and "No witness cosigned" in said
    with closing(Stamps(hub.folder)) as stamps:
        assert [one.why for one in stamps.waiting()] == ["bundle"]  # asked again by the hub
