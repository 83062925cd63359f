"""The files that make a service of the hub: systemd reads them, their own commands start it."""

import argparse
import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from waiting import DEADLINE

from noisetamer.hub.command import add_options, options

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "host" / "deploy" / "one-machine"
UNITS = ("noisetamer-hub.service", "noisetamer-backup.service", "noisetamer-backup.timer")

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def read(name: str) -> configparser.SectionProxy:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    unit.read(SERVICE / name)
    return unit["Service"]


def command(name: str, folder: Path, **variables: str) -> list[str]:
    """The very words of ExecStart, with this Python's program and a folder of the test's."""
    words = []
    for word in shlex.split(read(name)["ExecStart"]):
        word = word.replace("%S", str(folder))
        for variable, value in variables.items():
            if word == f"${variable}":
                words += value.split()
                break
            word = word.replace(f"${{{variable}}}", value)
        else:
            words.append(word)
    assert words[0] == "/opt/noisetamer/bin/noisetamer"
    return [sys.executable, "-m", "noisetamer", *words[1:]]


@needs_systemd
@pytest.mark.tools
def test_systemd_reads_the_units_and_finds_them_shut_in(tmp_path: Path):
    for name in UNITS:
        text = (SERVICE / name).read_text()
        # systemd asks whether the program is there
        (tmp_path / name).write_text(text.replace("/opt/noisetamer/bin/noisetamer", "/bin/true"))
    files = [str(tmp_path / name) for name in UNITS]
    told = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")
    for name, most in (("noisetamer-hub.service", 1.5), ("noisetamer-backup.service", 2.5)):
        found = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", str(tmp_path / name)],
            capture_output=True,
            text=True,
        )
        exposure = re.search(r"exposure level for \S+: ([\d.]+)", found.stdout)
        assert exposure is not None, found.stderr
        assert float(exposure[1]) <= most


@pytest.mark.service
def test_the_units_own_commands_start_a_hub_and_back_it_up(tmp_path: Path):
    free = "--port 0 --mqtt-port 0"
    words = command("noisetamer-hub.service", tmp_path, NOISETAMER_OPTIONS=free)
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdout is not None
        address = next(line.split()[1] for line in hub.stdout if line.startswith("ready: "))
        assert httpx.get(address + "health", timeout=DEADLINE).json() == {"ok": True}
        backup = command(
            "noisetamer-backup.service", tmp_path, NOISETAMER_BACKUPS=str(tmp_path / "kept")
        )
        assert subprocess.run(backup, stdout=subprocess.DEVNULL).returncode == 0
        assert len(list((tmp_path / "kept").glob("noisetamer-hub-*.tar"))) == 1
        hub.terminate()
        assert hub.wait(DEADLINE) == 0


def test_the_container_has_what_it_needs_and_its_command_is_one():
    lines = (SERVICE / "Containerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    (entry,) = (line.split(" ", 1)[1] for line in lines if line.startswith("ENTRYPOINT"))
    program, verb, *words = json.loads(entry)
    assert (program, verb) == ("/opt/noisetamer/bin/noisetamer", "hub")
    parser = argparse.ArgumentParser()
    add_options(parser)
    asked = options(parser.parse_args(words))
    assert (asked.data, asked.bind, asked.log) == (Path("/data"), "0.0.0.0", "json")
    # all that is asked of the build, for whoever changes what it installs
    runs = [line[4:] for line in lines if line.startswith("RUN")]
    assert any("pip install --no-cache-dir /src" in run for run in runs)
