"""A module of tests is imported by one of pytest's workers at a time. The first of them rewrites
its assertions, which takes longer than all else in collecting; the others then find that done,
where all would do it at once.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    if not isinstance(collector, pytest.Module) or "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    with collector.path.open() as file:
        with suppress(OSError):  # some network file systems lock nothing that is only read
            fcntl.flock(file, fcntl.LOCK_EX)
        return (yield)
