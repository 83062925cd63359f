"""The unit against a real hub: a TLS session, and listening while TLS keeps it busy."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from burn_in_bench import SERIAL, Bench, connected
from hub_process import HubProcess

from noisetamer.hub.registry import Unit, UnitKeys, Units
from noisetamer.workshop.burn_in import plan
from noisetamer.workshop.burn_in.check import NOT_APPLICABLE, NOT_CONFIRMED, NOT_RUN, PASSED, Check
from noisetamer.workshop.burn_in.context import MADE, Context
from noisetamer.workshop.burn_in.operator import Nobody
from noisetamer.workshop.flash.square_file import SETTINGS_FILE, Setup
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.port.session import IDENTITY

pytestmark = pytest.mark.service

# Real sockets do not wait for a clock that stands still.
PACE = 5.0
REACHES = ("Wi-Fi", "hub", "samples")
SETTLED = {name: Check(name, NOT_APPLICABLE, "", "") for name in plan.NAMES if name not in REACHES}


@pytest.fixture(scope="module")
def hub(flashed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A running hub that was handed this unit by its ledger."""
    bench, folder = Bench(flashed), tmp_path_factory.mktemp("hub")
    with Ledger.read(bench.ledger) as ledger:
        unit = ledger.unit(SERIAL)
    secrets = bench.vault.open_secrets(SERIAL, unit.secrets)
    keys = UnitKeys(secrets.chain, secrets.command, unit.claim)
    Units(folder / "units.sqlite").admit(Unit(SERIAL, "", "", secrets.mqtt), keys)
    process = HubProcess(folder, "--name", "localhost")
    yield process
    process.stop()


def burn_in(bench: Bench, hub: HubProcess, **settings: object) -> dict[str, Check]:
    """Set the unit up for the hub, and try what reaches it."""
    address = hub.unit(SERIAL)
    setup = Setup(
        wifi={"ssid": "bench", "key": "secret key"},
        hub={"host": address["host"], "port": address["port"], "name": "localhost"},
        ca=Path(address["ca_der_path"]).read_bytes(),
    )
    files = setup.files() | {SETTINGS_FILE: json.dumps(setup.settings(SERIAL)).encode()}
    with bench.board(speed=PACE) as board, connected(board) as connection:
        session = connection.session()
        for path, content in files.items():
            session.put(path, content)
        for key, value in settings.items():
            session.call(IDENTITY, "keep", {key: value})
        about = session.call(MADE, "about")
        context = Context(session, about, Nobody(), 0.1, 1, lambda name: None)
        return {check.name: check for check in plan.run(context, SETTLED)}


def test_no_sample_is_lost_under_tls(bench: Bench, hub: HubProcess):
    made = burn_in(bench, hub)
    assert {name: check.outcome for name, check in made.items()} == dict.fromkeys(REACHES, PASSED)
    assert made["Wi-Fi"].measured == {"signal_dBm": -60}
    assert made["samples"].measured["sessions"] >= 2
    assert made["samples"].measured["seconds_with_loss"] == 0


def test_a_unit_the_hub_does_not_know_is_not_run_until_it_is_admitted(
    bench: Bench, hub: HubProcess
):
    made = burn_in(bench, hub, mqtt="another secret")
    assert made["hub"].outcome == NOT_RUN
    assert made["hub"].measured["reason"] == "secret refused"
    assert "not run until it is admitted" in made["hub"].verdict
    assert made["samples"].outcome == NOT_CONFIRMED
    assert "the hub let nobody in" in made["samples"].verdict
