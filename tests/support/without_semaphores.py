"""A machine whose /dev/shm is read-only or missing: processes have no semaphores."""

import errno
from multiprocessing.synchronize import SemLock
from typing import NoReturn

import pytest


@pytest.fixture
def without_semaphores(monkeypatch: pytest.MonkeyPatch) -> None:
    """For pools of processes in this one."""

    def refused(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(SemLock, "__init__", refused)
