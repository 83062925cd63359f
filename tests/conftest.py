"""What several rooms need: a real browser, an emulator, recordings, runs that are played once."""

import ctypes
import gc
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from chromium import chromium
from folders import RECORDINGS
from hypothesis import HealthCheck, settings
from made_once import common_folder
from playwright.sync_api import Browser
from shared_runs import Runs

from noisetamer.sound.kernels import emulator
from noisetamer.sound.kernels.machines import RV32, XTENSA

_OPEN_FILES = Path("/dev/fd")

# Whoever runs them: what people read is English here, but where a test speaks another language.
os.environ["LC_ALL"] = "C.UTF-8"
# What collecting makes stays to the end: to look through it again and again, while it grows or
# after, would be a tenth of the time.
gc.disable()
# What a test gives back stays with this process for the next one (glibc: M_TRIM_THRESHOLD,
# M_MMAP_THRESHOLD): its pages taken anew from the kernel were a tenth of what calculates with
# seconds of sound.
with suppress(AttributeError, OSError, TypeError):  # another C library, another system
    for parameter, octets in ((-1, 1 << 30), (-3, 1 << 25)):
        ctypes.CDLL(None).mallopt(parameter, octets)

# The same examples each time, and no clock: a busy machine makes no test fail.
settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

pytest_plugins = [
    "forked_workers",
    "hubs_last_words",
    "kinds",
    "postgres_server",
    "processor_time",
    "statements",
    "without_semaphores",
    "zones",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, until the module is done: other modules have event loops of their own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def qemu() -> None:
    """Machine code runs; without qemu the test says that it was not run."""
    for machine in (XTENSA, RV32):
        if not emulator.available(machine):
            pytest.skip(f"{machine.qemu} is not installed (Debian: qemu-user)")


@pytest.fixture
def recordings() -> Path:
    """The recordings that come with the project's papers, not with the repository."""
    if not (RECORDINGS / "expected.csv").exists():
        pytest.skip(f"the recordings are not here ({RECORDINGS})")
    return RECORDINGS


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = common_folder(tmp_path_factory) / "runs"
    folder.mkdir(exist_ok=True)
    return Runs(folder)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


def pytest_runtest_logfinish() -> None:
    # Garbage may hold open files for long, and a serial port's may not be beyond select()'s 1023.
    if len([*_OPEN_FILES.iterdir()]) > 500:
        gc.collect()
