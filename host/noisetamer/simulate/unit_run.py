"""One virtual unit from power-on to the end of its story: its part of the trace, its pictures."""

import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from noisetamer.base.paths import BOARDS
from noisetamer.simulate.onlooker import Onlooker
from noisetamer.simulate.trace import Trace
from noisetamer.simulate.unit_simulator import UnitSimulator
from noisetamer.square.scenario import Scenario
from noisetamer.unit.boards import board_file
from noisetamer.unit.boards.board_file import Described
from noisetamer.virtual.firmware_process import BoxDiedError, FirmwareProcess, Tier

BOARD = "esp32_s3"

# Points an LED in the pictures: a lively evening has hundreds of them.
_LED_POINTS = 12


@dataclass(frozen=True)
class Hub:
    """What a unit must know to report: where, to whom, and by which secret.

    command: the key of the hub's orders; without it the unit obeys none. chain: of the unit's own
    chain of records; without it they have no links. root: whose releases it takes, as it reads
    that; without it, none.
    """

    host: str
    port: int
    name: str
    certificate: Path
    secret: str = field(repr=False)
    command: str = field(default="", repr=False)
    chain: str = field(default="", repr=False)
    root: str = ""


@dataclass(frozen=True)
class UnitRun:
    """Everything that decides what one unit does; the same run gives the same bytes."""

    scenario: Scenario
    seed: int
    unit: int  # counted from 0
    until_s: int
    tier: Tier
    pace: float  # simulated seconds per real second; 0: as fast as the machine can
    hub: Hub | None = None
    board: str = BOARD

    @property
    def late_s(self) -> int:
        """How much later than the scenario says its story begins."""
        return self.scenario.box.stagger_s * self.unit

    @property
    def whole_s(self) -> int:
        """How long it takes to tell it the whole story."""
        return self.scenario.duration_s + self.late_s

    @property
    def name(self) -> str:
        """The unit's, SIM-0001 for the first."""
        return f"SIM-{self.unit + 1:04d}"


class FirmwareStoppedError(UserError):
    """The firmware ended by itself: a fault of ours, but its last words help in a report."""


def play(
    run: UnitRun,
    folder: Path,
    progress: Callable[[int], None],
    on_line: Callable[[dict[str, Any]], None] = lambda line: None,
    onlooker: Onlooker | None = None,
    pictures: bool = True,
    traced: bool = True,
) -> Path:
    """Play one unit; where it is `traced` writes `folder`/trace.jsonl, and `pictures` of its panel
    at each change of stage; returns the trace's path.

    `progress` gets the simulated second, `on_line` each line of the trace. Raises
    FirmwareStoppedError.
    """
    wired = board_file.load(BOARDS / f"{run.board}.py")
    lamp = wired.board.spotlight.control if wired.board.spotlight else None
    simulator = UnitSimulator(run.scenario, run.seed, run.unit, run.name, lamp)
    with (
        tempfile.TemporaryDirectory() as chip,
        Trace(folder) if traced else nullcontext() as trace,
    ):
        certificate = run.hub.certificate if run.hub else None
        policy = run.scenario.box.policy
        root = run.hub.root if run.hub else ""
        box = FirmwareProcess(
            *(Path(chip) / "chip", run.board, settings(run), certificate, policy), root=root
        )
        try:
            for line in simulator.play(
                box, run.until_s, run.tier, run.pace, progress, onlooker=onlooker
            ):
                if trace:
                    trace.add(line)
                on_line(line)
                if pictures and line.get("event") == "stage":
                    _draw_panel(run, line, simulator, folder, wired)
        except BoxDiedError as died:
            raise FirmwareStoppedError(f"the firmware of {run.name} stopped: {died}") from None
    return folder / "trace.jsonl"


def _draw_panel(
    run: UnitRun, line: dict[str, Any], simulator: UnitSimulator, folder: Path, wired: Described
) -> None:
    """What the panel shows at a change of stage."""
    # Slow to load: only where pictures are wanted.
    from noisetamer.simulate import panel_picture

    frame = simulator.panel_at(line["t"] - run.scenario.start)
    if frame:
        time = line["at"][11:].replace(":", "")
        picture = folder / "panel" / f"{run.name}_{time}_{line['to']}.png"
        matrix = wired.board.matrix
        seen = panel_picture.flat(frame, matrix.width, matrix.height, wired.order, _LED_POINTS)
        with writing(picture):
            picture.parent.mkdir(parents=True, exist_ok=True)
            seen.save(picture, compress_level=1)


def settings(run: UnitRun) -> dict[str, Any]:
    """The unit's settings.json."""
    hub = run.hub and {
        "host": run.hub.host,
        "port": run.hub.port,
        "name": run.hub.name,
        "ca": "/hub.der",
        "secret": run.hub.secret,
        "command": run.hub.command,
        "chain": run.hub.chain,
    }
    networked = any(fault.kind.of_network for fault in run.scenario.faults)
    return {
        "unit": run.name,
        "console": True,
        # What calibration would have found of the simulated microphone: its sensitivity, and
        # that it needs no equaliser.
        "calibration": -26.0 - run.scenario.microphone.sensitivity_dBFS,
        "equaliser": [1.0, []],
        "wifi": {"ssid": "square", "key": ""} if hub or networked else None,
        "hub": hub,
    }
