"""pytest's workers, forked with the modules of tests that they run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from folders import ROOT

pytestmark = pytest.mark.tools

OPTIONS = ("-p", "forked_workers", "-n", "2", "-p", "no:cacheprovider")

IMPORTED_BY_THE_PARENT = """
import os

importer = os.getpid()

def test_imported():
    assert importer == os.getppid()
"""
AS_A_PROGRAM_BEGINS = """
import sys

def test_begun():
    assert sys.argv == ["-c"]
    assert not hasattr(sys.modules["__main__"], "__file__")
    print("what it says does not go into what it tells the parent")
"""
ENDS = """
import atexit, pathlib

def test_ends():
    atexit.register(pathlib.Path("ended").touch)
"""
CRASHES = """
import os

def test_crashes():
    os._exit(3)

def test_after_that():
    pass
"""
NOT_IMPORTABLE = """
def test_half_of_it():
    pass

import no_such_module
"""


def ran(folder: Path, **modules: str) -> tuple[int, str]:
    """Exit code and what was said."""
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text)
    (folder / "pytest.ini").touch()
    ours = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS],
        cwd=folder,
        env={**ours, "PYTHONPATH": str(ROOT / "tests/support")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_they_have_what_the_parent_imported_and_begin_and_end_as_programs_do(tmp_path):
    code, said = ran(
        tmp_path, imported=IMPORTED_BY_THE_PARENT, begun=AS_A_PROGRAM_BEGINS, ends=ENDS
    )
    assert (code, "3 passed" in said) == (0, True), said
    assert (tmp_path / "ended").exists()


def test_one_that_crashes_is_replaced(tmp_path):
    code, said = ran(tmp_path, crashes=CRASHES)
    assert "crashed while running 'test_crashes.py::test_crashes'" in said
    assert (code, "1 failed, 1 passed" in said) == (1, True), said


def test_what_cannot_be_imported_is_an_error_and_no_half_of_it_is_run(tmp_path):
    code, said = ran(tmp_path, imported=IMPORTED_BY_THE_PARENT, broken=NOT_IMPORTABLE)
    assert "ERROR test_broken.py" in said
    assert "No module named 'no_such_module'" in said
    # Each worker has imported what it runs.
    assert (code, "1 failed, 1 error" in said) == (1, True), said
