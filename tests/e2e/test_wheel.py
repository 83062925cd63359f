"""Installed from a wheel, far from any checkout, everything is there."""

import os
import re
import shutil
import site
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from folders import ROOT

pytestmark = pytest.mark.e2e

# What a build reads.
SOURCES = ("boards", "firmware", "host", "LICENSE", "README.md", "pyproject.toml")

# One process for all verbs, as each would be run by itself.
VERBS = """
from importlib import metadata
from noisetamer import cli
from noisetamer.base import paths

print("at", paths.__file__)
print("at", paths.FIRMWARE)
for file in metadata.files("noisetamer"):
    print("file", file)
for words in {words!r}:
    print("exit", *words[:2], cli.run(words), flush=True)
"""

_SCRIPT = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def run(*words: object, folder: Path, **more: str) -> str:
    """What a program says; it must end well."""
    ran = subprocess.run(
        list(map(str, words)),
        cwd=folder,
        env=os.environ | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def build(into: Path, tree: Path) -> None:
    """The wheel, from what a build reads and nothing else."""
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, tree / name, ignore=leave)
        else:
            shutil.copy(source, tree)
    making = f"import hatchling.build as b; b.build_wheel({str(into)!r})"
    run(sys.executable, "-c", making, folder=tree)


def environment(folder: Path) -> Path:
    """A Python that has the packages of this one, pip too, and not our checkout."""
    venv.create(folder, with_pip=False)
    # A .pth in a folder named by a .pth is not read, so an editable install stays outside.
    packages = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder)}))
    (packages / "beside.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder / "bin"


def test_the_recipe_for_a_ci_and_every_verb_that_needs_our_files(tmp_path: Path):
    tree, repository, elsewhere = (tmp_path / name for name in ("tree", "repository", "else"))
    for folder in (tree, repository, elsewhere):
        folder.mkdir()
    build(repository, tree)
    shutil.rmtree(tree)
    programs = environment(tmp_path / "venv")
    # What pip has put beside this Python belongs to the packages that are seen.
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"

    page = (ROOT / "host/noisetamer/simulate/README.md").read_text(encoding="utf-8")
    (script,) = _SCRIPT.findall(page)
    # pip reads that name the other way round: 0 means not to compile.
    alone = {"PATH": path, "PIP_NO_INDEX": "1", "PIP_NO_COMPILE": "0"}
    said = run("sh", "-e", "-c", script, folder=repository, **alone)
    assert "expectations met, in 3 runs" in said
    report = ElementTree.parse(repository / "out" / "junit.xml").getroot()
    assert (report.get("failures"), len(report)) == ("0", 3)
    assert (repository / "out" / "park-seed-3" / "levels.png").is_file()

    soundfile.write(elsewhere / "hum.wav", 0.1 * np.sin(np.arange(96_000) / 8), 48_000)
    verbs = [
        ["simulate", "demo_square", "--levels", "--until", "5s"],
        ["board", "check", "esp32_s3"],
        ["flash", "--simulated", "1", "--ledger", "carton/ledger.sqlite", "--batch", "SIM-2611"],
        ["meter", "hum.wav", "--full-scale-db", "120"],
        ["policy", "check", "square"],
    ]
    said = run(
        programs / "python", "-c", VERBS.format(words=verbs), folder=elsewhere, **alone
    ).splitlines()
    exits = [line for line in said if line.startswith("exit ")]
    assert [line.split()[-1] for line in exits] == ["0"] * len(verbs), "\n".join(said)
    places = [Path(line[3:]) for line in said if line.startswith("at ")]
    assert all(tmp_path / "venv" in place.parents for place in places), places
    files = [line[5:] for line in said if line.startswith("file ")]
    tops = {name.partition("/")[0] for name in files if not name.startswith("..")}
    assert {top for top in tops if "dist-info" not in top} == {"noisetamer", "tamer"}
    assert not [name for name in files if "__pycache__" in name]
