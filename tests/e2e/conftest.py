from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hub_process import HubProcess
from live_box import LiveBox

from noisetamer.virtual.firmware_process import Tier


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    """A running hub that knows SIM-0001."""
    process = HubProcess(tmp_path / "hub", "--name", "localhost", "--enrol", "SIM-0001")
    yield process
    if process.process.poll() is None:
        process.stop()


@pytest.fixture
def box(hub: HubProcess, tmp_path: Path) -> Iterator[Callable[..., LiveBox]]:
    """box(tier, faults, ...), as LiveBox has them: a real box in its square that reports to the
    hub, under power until the end.
    """
    boxes: list[LiveBox] = []

    def power_on(
        tier: Tier = Tier.LEVELS, faults: Sequence[Sequence[str]] = (), **how: Any
    ) -> LiveBox:
        boxes.append(LiveBox(tmp_path / f"box-{len(boxes)}", hub, tier, faults, **how))
        return boxes[-1]

    yield power_on
    for one in boxes:
        one.stop()
