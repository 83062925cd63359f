"""The same tests and the same decisions in the box's own Python."""

from pathlib import Path

import a_week
import an_hour
import pytest
from folders import SUPPORT
from unix_port import run

from noisetamer.base.paths import FIRMWARE

pytestmark = pytest.mark.device

HERE = Path(__file__).parent
PURE = "pytestmark = pytest.mark.pure"
MODULES = sorted(path for path in HERE.rglob("test_*.py") if PURE in path.read_text().split("\n"))


def in_micropython(path: Path, *function: str) -> str:
    """What MicroPython prints; a failure shows it. With room enough it seldom collects garbage."""
    script = SUPPORT / "in_micropython.py"
    return run(script, FIRMWARE, path.parent, path.stem, *function, heap="16m")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_passes_in_micropython_too(path: Path):
    assert "passed" in in_micropython(path)


def test_both_pythons_decide_the_same_in_a_random_hour():
    assert in_micropython(SUPPORT / "an_hour.py", "digest").strip() == an_hour.digest()


def test_both_pythons_decide_the_same_in_a_week_with_every_rule_in_it():
    week = in_micropython(SUPPORT / "a_week.py", "digest")
    assert week.strip() == a_week.digest()
