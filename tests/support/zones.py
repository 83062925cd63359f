"""Time zones of the computer: `@pytest.mark.zones` runs a test in each, and its name says which.

What a box, a record, a trace or a paper says of time depends on none of them.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

_KNOWN = Path("/usr/share/zoneinfo")

# Where the machines that check are, where the squares are, and one half an hour off.
ZONES = ("UTC", "Asia/Shanghai", "America/St_Johns")


@contextmanager
def computer_in(zone: str) -> Iterator[None]:
    """This process, and those it starts, are in this zone."""
    if not (_KNOWN / zone).exists():
        pytest.skip(f"the system does not know the zone {zone} (Debian: tzdata)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def computers_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    with computer_in(request.param) if hasattr(request, "param") else nullcontext():
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("zones"):
        metafunc.parametrize("computers_zone", ZONES, indirect=True)


def pytest_report_header() -> str:
    return f"time zone: {os.environ.get('TZ') or time.tzname[0]}"
