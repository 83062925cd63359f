"""A key is stolen and revoked, as host/KEYS.md says; what evidence and its verifier say then."""

import time
from contextlib import closing
from pathlib import Path

import hub_with_an_evening as told
import pytest
from chained_unit import ChainedUnit
from hub_with_an_evening import ROOT, SQUARE, HubFolder
from program import run
from scripted_unit import START

from noisetamer.hub.evidence.bundle import make
from noisetamer.hub.evidence.proofs import opened_log
from noisetamer.hub.evidence.scope import Asked
from noisetamer.hub.registry import Unit, UnitKeys, Units
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, read_report
from noisetamer.proof import public_key, verify_evidence
from noisetamer.proof.verify_evidence import FALSE, PROVEN, Report

UNIT, KEY = "SIM-0009", "k" * 43


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> HubFolder:
    return told.evening(tmp_path_factory.mktemp("stolen") / "hub")


def evidence(hub: HubFolder, **span: object) -> bytes:
    out = hub.folder.parent / "evidence.zip"
    who = {"by": "chen", "role": "officer", "reason": "handed on", "made": int(time.time())}
    with closing(opened_log(hub.folder)) as log:
        make(hub.folder, log, Asked(**who, **span), out, lambda *step: None)  # type: ignore[arg-type]
    return out.read_bytes()


def report(bundle: bytes, **known: object) -> Report:
    return verify_evidence.verify(bundle, root=public_key.pem(ROOT.public), **known)  # type: ignore[arg-type]


def wrong(found: Report) -> list[str]:
    return [line.text for line in found.lines if line.state == FALSE]


def test_what_comes_by_the_key_of_a_stolen_box_is_told_and_false(hub: HubFolder):
    folder = hub.folder
    hub.evening.store.close()
    units = Units(folder / "units.sqlite")
    units.admit(Unit(UNIT, "", SQUARE, "s" * 43), UnitKeys(KEY, "c" * 43, "CLAIM"))
    box = ChainedUnit(UNIT, KEY)
    store = Store(folder / "hub.sqlite", lambda unit: units.chain_keys().get(unit, ()))

    def hears(messages: list[bytes], at: float) -> None:
        read = [read_report(f"dev.{UNIT}.record", one) for one in messages]
        store.append(at, [one for one in read if isinstance(one, Record)])

    box.event("boot", reset="power")
    box.seconds(12)
    hears(box.messages(), START + 200)
    assert run("hub", "revoke", UNIT, "--data", folder).code == 0
    box.seconds(3)
    hears(box.messages(box.made[13:]), time.time() + 60)
    store.close()
    # one claim alone: what it told before stays what it was
    (false,) = wrong(report(evidence(hub, square=SQUARE, since=START, until=START + 150)))
    assert UNIT in false and "revoked" in false


def test_a_stolen_log_key_counts_no_more_and_its_successor_does(hub: HubFolder, tmp_path: Path):
    folder, file = hub.folder, tmp_path / "keys.list"
    before = evidence(hub, incident=hub.incident)
    assert wrong(report(before)) == []
    (tmp_path / "root.key").write_bytes(ROOT.pem())
    file.write_bytes((folder / "keys.list").read_bytes())
    sign = ("keys", "sign", file, "--root", tmp_path / "root.key")
    install = ("hub", "keys", file, "--data", folder)
    why = ("--why", "stolen", "--at", "2026-01-01")
    assert run("keys", "revoke", file, "log of the town", *why).code == 0
    assert run(*sign).code == 0 == run(*install).code
    # nobody outside saw it before: with the newer list it proves nothing
    alone = wrong(report(before, known=[("keys.list", file.read_bytes())]))
    assert any("stolen" in line for line in alone)

    (folder / "log.key").rename(tmp_path / "stolen.key")
    with closing(opened_log(folder)) as log:
        log.checkpoint()
    add = ("keys", "add", file, "new log", "--role", "log", "--public", folder / "log.key")
    assert run(*add, "--from", "2026-01-01").code == 0
    assert run(*sign).code == 0 == run(*install).code
    after = report(evidence(hub, incident=hub.incident))
    assert wrong(after) == []
    assert any("new log" in line.text for line in after.lines if line.state == PROVEN)
