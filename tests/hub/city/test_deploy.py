"""The files that run a city: what reads them reads them, and their words are this program's."""

import argparse
import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from noisetamer.hub.city import services
from noisetamer.hub.city.command import add_options

ROOT = Path(__file__).parents[3]
FILES = ROOT / "host" / "deploy" / "city"
UNITS = sorted(FILES.glob("*.service"))


def asked(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(words)


def test_each_container_runs_what_this_program_knows():
    compose = yaml.safe_load((FILES / "compose.yaml").read_text())
    kinds: dict[str, int] = {}
    for name, one in compose["services"].items():
        kind = name.rsplit("-", 1)[0]
        kinds[kind] = kinds.get(kind, 0) + 1
        assert set(one.get("depends_on", [])) <= set(compose["services"])
        for volume in one.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith("./") or source in compose["volumes"]
        if one["image"] == "noisetamer":
            assert one["entrypoint"][1] == "city"
            told = asked(one["command"])
            assert told.data == Path("/data")
            assert told.task != "broker" or told.name == name
        if build := one.get("build"):
            assert (FILES / build["context"] / build["dockerfile"]).exists()
    assert kinds == {
        "etcd": 3,
        "db": 2,
        "db-1": 1,
        "db-2": 1,
        "database": 1,
        "nats": 3,
        "worker": 2,
        "hub": 2,
    }


def test_patroni_has_the_settings_that_are_tried():
    told = yaml.safe_load((FILES / "patroni.yml").read_text())
    assert told["scope"] == services.SCOPE
    assert told["bootstrap"]["dcs"] == services.settings()


def test_pgbouncer_keeps_whole_sessions():
    told = configparser.ConfigParser()
    told.read(FILES / "pgbouncer.ini")
    assert told["pgbouncer"]["pool_mode"] == "session"
    assert services.DATABASE in told["databases"]


@pytest.mark.tools
@pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed")
def test_haproxy_reads_its_settings():
    words = ["haproxy", "-c", "-f", str(FILES / "haproxy.cfg")]
    told = subprocess.run(words, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


def test_the_databases_container_copies_what_is_there():
    lines = (FILES / "Containerfile.database").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY")]
    assert copied
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_units_command_is_this_programs(unit: Path):
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    read.read(unit)
    program, verb, *words = shlex.split(read["Service"]["ExecStart"])
    assert (program, verb) == ("/opt/noisetamer/bin/noisetamer", "city")
    assert asked([word for word in words if not word.startswith("$")]).log == "json"


@pytest.mark.tools
@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)
def test_systemd_reads_the_units_and_finds_them_shut_in(tmp_path: Path):
    files = []
    for unit in UNITS:
        # systemd asks whether the program is there
        text = unit.read_text().replace("/opt/noisetamer/bin/noisetamer", "/bin/true")
        file = tmp_path / unit.name.replace("@", "@1")
        file.write_text(text)
        files.append(str(file))
    told = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")
    for file in files:
        found = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", file], capture_output=True, text=True
        )
        exposure = re.search(r"exposure level for \S+: ([\d.]+)", found.stdout)
        assert exposure is not None, found.stderr
        assert float(exposure[1]) <= 1.5
