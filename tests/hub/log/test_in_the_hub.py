"""A log that cannot be written is a trouble, and nothing else stops."""

from pathlib import Path

import pytest
from hub_process import HubProcess, until
from scripted_unit import START, Box

from noisetamer.proof import notes
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.notes import verifier_key

pytestmark = pytest.mark.service


def test_a_hub_whose_log_has_no_key_acknowledges_and_says_so_until_it_has(tmp_path: Path):
    (tmp_path / "log.key").write_text("nothing")
    hub = HubProcess(tmp_path, "--enrol", "SIM-0001")
    try:
        box = Box(hub.unit())
        with box.mqtt:
            box.seconds(1, START, [500] * 10)
            box.wait_ack(1)
        until(lambda: "is no private key in PEM" in hub.get("health").text, "a trouble")
        assert hub.get("health").status_code == 503
        assert hub.get("log/checkpoint").status_code == 404
        (tmp_path / "log.key").unlink()
        until(lambda: hub.get("log/checkpoint").status_code == 200, "a checkpoint")
        note = hub.get("log/checkpoint").text
        key = verifier_key(hub.get("log/key").text.strip())
        assert notes.verify(notes.parse(note), [key])
        assert checkpoint_in(note).origin == key.name
    finally:
        assert hub.stop() == 0
