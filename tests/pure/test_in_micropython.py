"""The same tests and the same decisions in the box's own Python."""

from pathlib import Path

import a_week
import an_hour
import pytest
from unix_port import run

from noisetamer.base.paths import FIRMWARE

HERE = Path(__file__).parent
MODULES = sorted(path.stem for path in HERE.glob("test_*.py") if path != Path(__file__))


def in_micropython(*module_and_function: str, heap: str = "1m") -> str:
    """What MicroPython prints; a failure shows it. The less heap, the sooner it finds a place."""
    return run(HERE / "in_micropython.py", FIRMWARE, HERE, *module_and_function, heap=heap)


@pytest.mark.parametrize("module", MODULES)
def test_passes_in_micropython_too(module: str):
    assert "passed" in in_micropython(module)


def test_both_pythons_decide_the_same_in_a_random_hour():
    assert in_micropython("an_hour", "digest").strip() == an_hour.digest()


def test_both_pythons_decide_the_same_in_a_week_with_every_rule_in_it():
    assert in_micropython("a_week", "digest", heap="160k").strip() == a_week.digest()
