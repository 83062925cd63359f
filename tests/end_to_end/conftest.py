import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# The running hub is the hub tests' own, the running program the command tests'.
for folder in ("hub", "command"):
    sys.path.append(str(Path(__file__).parents[1] / folder))

from hub_process import HubProcess
from square import LiveBox


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    """A running hub that knows SIM-0001."""
    process = HubProcess(tmp_path / "hub", "--name", "localhost", "--enrol", "SIM-0001")
    yield process
    if process.process.poll() is None:
        process.stop()


@pytest.fixture
def box(hub: HubProcess, tmp_path: Path) -> Iterator[Callable[..., LiveBox]]:
    """box(): a real box that hears a square and reports to the hub, under power until the end."""
    boxes: list[LiveBox] = []

    def power_on(**how: object) -> LiveBox:
        boxes.append(LiveBox(tmp_path / f"box-{len(boxes)}", hub, **how))
        return boxes[-1]

    yield power_on
    for one in boxes:
        one.stop()
