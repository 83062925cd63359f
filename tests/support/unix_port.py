"""MicroPython's unix port, for device-side scripts that need no virtual box."""

import ast
import json
import subprocess
from pathlib import Path

import pytest
from folders import ON_BOX
from waiting import DEADLINE

from noisetamer.base.paths import DRIVERS, FIRMWARE, micropython

_RUNNER = Path(__file__).with_name("in_micropython.py")


def run(script: str | Path, *arguments: str | Path, heap: str = "4M") -> str:
    """What a script prints; a failure shows it."""
    ran = subprocess.run(
        [*micropython(), "-X", f"heapsize={heap}", ON_BOX / script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    if ran.returncode:
        pytest.fail(ran.stdout, pytrace=False)
    return ran.stdout


def said(source: str, *folders: Path) -> str:
    """What MicroPython source prints that uses the firmware; it has to end well. folders: to
    import from besides."""
    path = ":".join(map(str, (FIRMWARE, *folders, ".frozen")))
    ran = subprocess.run(
        [*micropython(), "-c", source],
        env={"MICROPYPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def files_of(partition: Path) -> dict[str, str]:
    """SHA-256 by path of what is in the file system of a chip's flash."""
    return json.loads(run("flash_files.py", DRIVERS, partition, str(partition.stat().st_size)))


def tests_of(module: str) -> list[str]:
    """The names of the test functions in a device-side module."""
    body = ast.parse((ON_BOX / f"{module}.py").read_text()).body
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    return [name for name in functions if name.startswith("test_")]


def run_test(module: str, name: str) -> None:
    run(_RUNNER, FIRMWARE, ON_BOX, module, name)
