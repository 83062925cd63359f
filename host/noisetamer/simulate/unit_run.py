"""One virtual unit from power-on to the end of its story: its part of the trace, its pictures."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.errors import InputError
from noisetamer.simulate import panel_picture
from noisetamer.simulate.box import BoxDiedError, VirtualBox
from noisetamer.simulate.scenario import Scenario
from noisetamer.simulate.staging import Staging
from noisetamer.simulate.trace import Trace
from tamer.act.matrix import columns_there_and_back

BOARD = "esp32_s3"


@dataclass(frozen=True)
class Hub:
    """What a unit must know to report: where, to whom, and by which secret."""

    host: str
    port: int
    name: str
    certificate: Path
    secret: str = field(repr=False)


@dataclass(frozen=True)
class UnitRun:
    """Everything that decides what one unit does; the same run gives the same bytes."""

    scenario: Scenario
    seed: int
    unit: int  # counted from 0
    until_s: int
    tier: str  # "audio" or "levels"
    pace: float  # simulated seconds per real second; 0: as fast as the machine can
    hub: Hub | None = None

    @property
    def name(self) -> str:
        return f"SIM-{self.unit + 1:04d}"


def play(
    run: UnitRun,
    folder: Path,
    progress: Callable[[int], None],
    told: Callable[[dict[str, Any]], None] = lambda line: None,
) -> Path:
    """Play one unit; writes `folder`/trace.jsonl and panel pictures, returns the trace's path.

    `progress` gets the simulated second, `told` each line of the trace. Raises InputError when
    the firmware ends by itself: a fault of ours, but its last words help whoever reports it.
    """
    staging = Staging(run.scenario, run.seed, run.unit, run.name)
    with tempfile.TemporaryDirectory() as chip, Trace(folder) as trace:
        certificate = run.hub.certificate if run.hub else None
        box = VirtualBox(Path(chip) / "chip", BOARD, settings(run), certificate)
        try:
            for line in _with_pictures(run, staging, box, folder, progress):
                trace.add(line)
                told(line)
        except BoxDiedError as died:
            raise InputError(f"the firmware of {run.name} stopped: {died}") from None
    return folder / "trace.jsonl"


def _with_pictures(
    run: UnitRun,
    staging: Staging,
    box: VirtualBox,
    folder: Path,
    progress: Callable[[int], None],
) -> Iterator[dict[str, Any]]:
    size: tuple[int, int] | None = None
    for line in staging.play(box, run.until_s, run.tier, run.pace, progress):
        yield line
        if line.get("event") == "boot":
            width, height = line["panel"]
            size = width, height
        elif line.get("event") == "stage" and size:
            frame = staging.panel_at(line["t"] - run.scenario.start)
            if frame:
                time = line["at"][11:].replace(":", "")
                picture = folder / "panel" / f"{run.name}_{time}_{line['to']}.png"
                picture.parent.mkdir(exist_ok=True)
                panel_picture.draw(frame, *size, columns_there_and_back(*size), picture)


def settings(run: UnitRun) -> dict[str, Any]:
    """The unit's settings.json."""
    box = run.scenario.box
    hub = run.hub and {
        "host": run.hub.host,
        "port": run.hub.port,
        "name": run.hub.name,
        "ca": "/hub.der",
        "secret": run.hub.secret,
    }
    return {
        "unit": run.name,
        "console": True,
        # What calibration would have found of the simulated microphone: its sensitivity, and
        # that it needs no equaliser.
        "calibration": -26.0 - run.scenario.microphone.sensitivity_dBFS,
        "equaliser": [1.0, []],
        "rules": {
            "day": round(10 * box.limit_day_dB),
            "night": round(10 * box.limit_night_dB),
            "night_from": box.night_from_s // 60,
            "night_to": box.night_until_s // 60,
            "guard": round(10 * box.guard_band_dB),
            "utc_offset": run.scenario.utc_offset_s,
        },
        "wifi": {"ssid": "square", "key": ""},
        "hub": hub,
    }
