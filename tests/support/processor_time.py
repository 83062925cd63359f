"""The processor time of each test: this process and all that it has started, whether they ended
or still run. What a server does for later tests counts to the test in which it does it.
"""

import os
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

import pytest
from kinds import STARTS_NOTHING, kind

_TICK = os.sysconf("SC_CLK_TCK")
# In /proc/PID/stat behind the name: in user and in system mode, then those of its ended children.
_TIMES = slice(11, 15)

_until_now = 0.0
_of_running = 0.0
_each_phase = False


def spent(running: bool = True) -> float:
    """Seconds of all processors, so far; to 10 ms where others run. running: those are looked at
    anew, which takes longer than most tests."""
    global _of_running
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    if running:
        _of_running = _running(os.getpid())
    return time.process_time() + ended.ru_utime + ended.ru_stime + _of_running


def _running(pid: int) -> float:
    return sum(_of(child) + _running(child) for child in children(pid))


def _of(pid: int) -> float:
    with suppress(OSError), open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 (often)
        return sum(map(int, file.read().rpartition(")")[2].split()[_TIMES])) / _TICK
    return 0.0


def children(pid: int) -> list[int]:
    """Those that run, of all its threads."""
    found: list[int] = []
    with suppress(OSError), os.scandir(f"/proc/{pid}/task") as threads:
        for thread in threads:
            with suppress(OSError), open(f"{thread.path}/children") as file:  # noqa: PTH123 (often)
                found += map(int, file.read().split())
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--processor", type=int, default=0, metavar="N", help="the N modules that compute most"
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    global _until_now, _each_phase
    _each_phase = bool(session.config.getoption("processor"))
    _until_now = spent()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Each report says what was spent since the one before; a test's last one says all, where its
    phases are not asked for. What a server does beside a test that starts nothing counts to the
    next that may."""
    global _until_now
    report = yield
    report.processor = 0.0
    if _each_phase or report.when == "teardown":
        now = spent(running=kind(item) not in STARTS_NOTHING)
        report.processor = max(0.0, now - _until_now)
        _until_now = now
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    number = terminalreporter.config.getoption("processor")
    if not number:
        return
    modules: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                module = modules[report.nodeid.partition("::")[0]]
                module[("setup", "call", "teardown").index(report.when)] += report.processor
    total = sum(map(sum, modules.values()))
    terminalreporter.section(f"{total:.0f} s of processors; s in set-up, tests, and after")
    for name, times in sorted(modules.items(), key=lambda one: -sum(one[1]))[:number]:
        told = "".join(f"{part:8.1f}" for part in times)
        terminalreporter.write_line(f"{sum(times):7.1f}  {told}  {name}")
