"""A virtual box that counts what goes over its pipe."""

import dataclasses
import struct
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from noisetamer.simulate.unit_run import BOARD, UnitRun, settings
from noisetamer.simulate.unit_simulator import UnitSimulator
from noisetamer.square import scenario
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage
from noisetamer.virtual.firmware_process import FirmwareProcess, Tier

_HEAD = struct.calcsize(pipe.HEAD)


class CountedBox(FirmwareProcess):
    """kinds: how many messages of each; from_box, to_box: bytes."""

    def __init__(self, chip: Path, run: UnitRun) -> None:
        super().__init__(chip, BOARD, settings(run), policy=run.scenario.box.policy)
        self.kinds: Counter[int] = Counter()
        self.from_box = self.to_box = 0

    def messages(self) -> Iterator[BoxMessage]:
        for message in super().messages():
            self.kinds[message.kind] += 1
            self.from_box += _HEAD + len(message.body)
            yield message

    def answer(self, *pieces: bytes | memoryview) -> None:
        self.to_box += sum(memoryview(piece).nbytes for piece in pieces)
        super().answer(*pieces)


def counted(story: str, seconds: int, tier: Tier) -> CountedBox:
    """The box after so many simulated seconds of a shipped story."""
    found = dataclasses.replace(scenario.load(story), duration_s=seconds)
    run = UnitRun(found, 1, 0, seconds, tier, 0)
    with tempfile.TemporaryDirectory() as folder:
        box = CountedBox(Path(folder) / "chip", run)
        simulator = UnitSimulator(found, 1, 0, run.name, None)
        for _ in simulator.play(box, seconds, tier, 0, lambda second: None):
            pass
    return box
