"""What a test needs to run is its kind, a marker; which there are stands in pyproject.toml.

A test without one is of kind `host`. Who starts a program says so, by `pytestmark` or a decorator:
`-m "pure or host"` are the tests that need nothing but this process.
"""

import subprocess
from typing import Any

import pytest

STARTS_PROGRAMS = ("device", "tools", "service", "e2e", "bench")

_start = subprocess.Popen.__init__
_running = ""


def kind(item: pytest.Item) -> str:
    """The nearest mark: a test's own goes before its module's."""
    names = (mark.name for mark in item.iter_markers())
    return next((name for name in names if name in ("pure", *STARTS_PROGRAMS)), "host")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if kind(item) == "host":
            item.add_marker("host")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    global _running
    _running = kind(item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    global _running
    _running = ""


def _started(self: subprocess.Popen, *words: Any, **how: Any) -> None:
    if _running in ("pure", "host"):
        pytest.fail(
            f"A test of kind {_running} starts a program: {words}. Mark it, for example "
            f"`pytestmark = pytest.mark.device`; kinds: {', '.join(STARTS_PROGRAMS)}.",
            pytrace=False,
        )
    _start(self, *words, **how)


subprocess.Popen.__init__ = _started
