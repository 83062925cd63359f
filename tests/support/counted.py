"""A virtual box that counts what goes over its pipe."""

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from noisetamer.simulate.unit_run import BOARD, UnitRun, settings
from noisetamer.simulate.unit_simulator import Staging
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Happening, VirtualBox

_HEAD = 13  # bytes in front of each body


class CountedBox(VirtualBox):
    """kinds: how many of each happening; from_box, to_box: bytes."""

    def __init__(self, chip: Path, run: UnitRun) -> None:
        super().__init__(chip, BOARD, settings(run), policy=run.scenario.box.policy)
        self.kinds: Counter[str] = Counter()
        self.from_box = self.to_box = 0

    def happenings(self) -> Iterator[Happening]:
        for happening in super().happenings():
            self.kinds[happening.kind] += 1
            self.from_box += _HEAD + len(happening.body)
            yield happening

    def answer(self, data: bytes | memoryview) -> None:
        self.to_box += len(data)
        super().answer(data)


def counted(story: str, seconds: int, tier: str) -> CountedBox:
    """The box after so many simulated seconds of a shipped story."""
    found = dataclasses.replace(scenario.load(story), duration_s=seconds)
    run = UnitRun(found, 1, 0, seconds, tier, 0)
    with tempfile.TemporaryDirectory() as folder:
        box = CountedBox(Path(folder) / "chip", run)
        staging = Staging(found, 1, 0, run.name, None)
        for _ in staging.play(box, seconds, tier, 0, lambda second: None):
            pass
    return box
