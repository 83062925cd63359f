"""What a hub says to whoever started it in a terminal."""

import signal
import tomllib
from pathlib import Path

from preloaded import PreloadedHub
from waiting import DEADLINE


def test_it_names_the_address_for_units_and_has_a_last_word(tmp_path: Path):
    # As a power cut leaves the note of the last address: it starts all the same.
    (tmp_path / "address.json").write_bytes(b"")
    hub = PreloadedHub(["--data", str(tmp_path), "--port", "0", "--mqtt-port", "0"])
    assert hub.stdout is not None
    lines = iter(hub.stdout)
    units = next(lines)
    assert units.startswith("units: hub = ")
    told = tomllib.loads(units.removeprefix("units: "))["hub"]
    assert told["host"] == "127.0.0.1"
    assert told["port"] > 0
    assert Path(told["ca"]).is_file()
    first = next(lines)
    assert first.startswith("first account: http://127.0.0.1:")
    assert first.endswith("(opens once)\n")
    assert next(lines).startswith("ready: http://127.0.0.1:")
    hub.send_signal(signal.SIGINT)
    assert hub.wait(DEADLINE) == 0
    assert next(lines) == f"ended: all that it acknowledged is in {tmp_path}\n"
