from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_process import HubProcess
from scripted_unit import Box


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    """A running hub that knows SIM-0001 and SIM-0002."""
    process = HubProcess(tmp_path / "hub", "--enrol", "SIM-0001", "--enrol", "SIM-0002")
    yield process
    if process.process.poll() is None:
        process.stop()


@pytest.fixture
def box(hub: HubProcess) -> Iterator[Box]:
    """SIM-0001, connected."""
    unit = Box(hub.unit())
    with unit.mqtt:
        yield unit
