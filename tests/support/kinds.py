"""What a test needs to run is its kind, a marker; which there are stands in pyproject.toml.

A test without one is of kind `host`. Who starts a program says so, by `pytestmark` or a decorator:
`-m "pure or host"` are the tests that need nothing but this process.
"""

import os
import subprocess
from collections import defaultdict
from typing import Any

import pytest

# In the order in which workers take them: long ones last would leave the others idle.
KINDS = ("e2e", "tools", "service", "device", "bench", "host", "pure")
STARTS_NOTHING = ("host", "pure")

_start = subprocess.Popen.__init__
_running = ""


def kind(item: pytest.Item) -> str:
    """The nearest mark: a test's own goes before its module's."""
    names = (mark.name for mark in item.iter_markers())
    return next((name for name in names if name in KINDS), "host")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if kind(item) == "host":
            item.add_marker("host")
        item.user_properties.append(("kind", kind(item)))
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: KINDS.index(kind(item)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    global _running
    _running = kind(item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    global _running
    _running = ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where the time went, all workers together: by the clock, and of processors."""
    waited: defaultdict[str, float] = defaultdict(float)
    computed: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                of = str(dict(report.user_properties)["kind"])
                waited[of] += report.duration
                computed[of] += report.processor  # see processor_time.py
    if len(waited) > 1:
        for name, spent in (("clock", waited), ("processor", computed)):
            slowest = sorted(spent.items(), key=lambda one: -one[1])
            told = (f"{kind} {seconds:.0f} s" for kind, seconds in slowest)
            terminalreporter.write_line(f"By kind and {name}: {', '.join(told)}")


def _started(self: subprocess.Popen, *words: Any, **how: Any) -> None:
    if _running in STARTS_NOTHING:
        pytest.fail(
            f"A test of kind {_running} starts a program: {words}. Mark it, for example "
            "`pytestmark = pytest.mark.device`; `pytest --markers` tells the kinds.",
            pytrace=False,
        )
    _start(self, *words, **how)


subprocess.Popen.__init__ = _started
