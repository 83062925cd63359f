"""A Home Assistant from PyPI in an environment of its own, beside this one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from mqtt_broker import HERE, MqttBroker
from waiting import DEADLINE

from noisetamer.hub.bus import ports

VERSION = "2024.3.3"
"""The newest for Python 3.11."""
# Its cloud and the radios it knows: a hundred packages that MQTT does not want, on which pip's
# resolver tries for a quarter of an hour.
_WITHOUT = ("hass-nabucasa", "home-assistant-bluetooth", "pip")
_PROGRAM = Path(__file__).with_name("home_assistant.py")


class NotToBeHadError(Exception):
    """It does not install here; the message is pip's last word."""


def environment(folder: Path, version: str = VERSION) -> Path:
    """The Python that has it; made once in this folder. Raises NotToBeHadError."""
    python = folder / "bin" / "python"
    done = folder / version
    if done.exists():
        return python
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", f"homeassistant=={version}", "home-assistant-bluetooth==1.12.0"])
    package = next((folder / "lib").glob("python*/site-packages"))
    told = (package / f"homeassistant-{version}.dist-info" / "METADATA").read_text()
    asked = [
        line.removeprefix("Requires-Dist: ").replace(" (", "").replace(")", "")
        for line in told.splitlines()
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    ]
    waiting = ["mqtt"]
    for name in waiting:
        manifest = package / "homeassistant" / "components" / name / "manifest.json"
        told_there = json.loads(manifest.read_text())
        asked += told_there.get("requirements", [])
        waiting += told_there.get("dependencies", [])
    _run([*pip, *(one for one in asked if not one.lower().startswith(_WITHOUT))])
    done.touch()
    return python


def _run(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotToBeHadError(said[-1] if said else "pip failed")


class HomeAssistantBeside:
    """One that is connected to a broker; to be closed."""

    def __init__(self, python: Path, config: Path, broker: MqttBroker) -> None:
        storage = config / ".storage"
        storage.mkdir(parents=True)
        # JSON is YAML; read by the program for itself, and by the integration again
        port = ports.free(HERE, 0, "--port")
        settings = {"homeassistant": {}, "http": {"server_host": HERE, "server_port": port}}
        (config / "configuration.yaml").write_text(json.dumps(settings))
        entry = {
            "entry_id": "mqtt",
            "version": 1,
            "minor_version": 1,
            "domain": "mqtt",
            "title": "broker",
            "data": {
                "broker": HERE,
                "port": broker.port,
                "username": "noisetamer",
                "password": "right",
                "discovery": True,
            },
            "options": {},
            "pref_disable_new_entities": False,
            "pref_disable_polling": False,
            "source": "user",
            "unique_id": None,
            "disabled_by": None,
        }
        kept = {"version": 1, "minor_version": 1, "key": "core.config_entries"}
        (storage / "core.config_entries").write_text(
            json.dumps({**kept, "data": {"entries": [entry]}})
        )
        self.log = config / "out"
        self._process = subprocess.Popen(
            [str(python), str(_PROGRAM), str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("w"),
            text=True,
        )
        assert self._answer() == {"ready": True}

    def ask(self, **asked: Any) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def states(self) -> dict[str, tuple[str, dict[str, Any]]]:
        return {name: tuple(told) for name, told in self.ask(do="states").items()}

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> Any:
        assert self._process.stdout
        while line := self._process.stdout.readline():
            if line.startswith(("{", "[")):
                return json.loads(line)
        raise AssertionError(f"Home Assistant ended: {self.log.read_text()[-2000:]}")
