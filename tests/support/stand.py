"""A virtual box on a test stand: one script in place of main.py, a steady tone at its microphone,
and a record of everything it does."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from waiting import DEADLINE

from noisetamer.base.paths import DRIVERS, FIRMWARE, micropython
from noisetamer.unit.files.compiled import of_unix_port
from noisetamer.unit.files.partition_image import PARTITION_BYTES, finish, lay_out
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage
from noisetamer.virtual.firmware_process import (
    NVS_AS_FLASHED,
    RESETS,
    BoxDiedError,
    FirmwareProcess,
    ResetCause,
    Tier,
)
from tamer.record.reading import Second

BOARD = "esp32_s3"
START = 1795431600  # 2026-11-23 19:00 in China
RATE = 48_000
TONE_DB = 60.0  # heard unless another level is asked for
_NO_FILES: Mapping[str, bytes] = {}
# The reference board's microphone: level of a full-scale sine.
_FULL_SCALE_DB = 120.0


class Played(NamedTuple):
    """Samples the amplifier was given, and when they sound."""

    us: int
    rate: int
    samples: np.ndarray


@dataclass
class Ran:
    """What a box did until it ended, was reset or had its power cut."""

    lines: list[str] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)  # of the panel, as sent to its LEDs
    shown_at: list[int] = field(default_factory=list)  # us, of each frame
    switched: list[tuple[int, int, int]] = field(default_factory=list)  # us, pin, level
    captured: list[tuple[int, int]] = field(default_factory=list)  # first sample, how many
    played: list[Played] = field(default_factory=list)
    reset: ResetCause | None = None  # the cause of the reset that ended it

    def records(self) -> list[Any]:
        """What it said on its console."""
        return [json.loads(line) for line in self.lines]

    def seconds(self) -> list[Second]:
        said = [record for record in self.records() if "kind" not in record]
        return [Second(*(record[name] for name in Second._fields)) for record in said]

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.records() if record.get("kind") == kind]

    def samples_lost(self) -> int:
        return sum(then - (first + n) for (first, n), (then, _) in pairwise(self.captured))


class Stand:
    """One box, its flash freshly written."""

    def __init__(
        self,
        folder: Path,
        script: Path = FIRMWARE / "main.py",
        files: Mapping[str, bytes] = _NO_FILES,
        **settings: Any,
    ):
        """`script`: runs in place of main.py, which it may import as firmware_main.

        `files`: what else is on its flash, by name. `settings`: of the unit, and of the script.
        """
        self.chip = folder / "chip"
        self.chip.mkdir()
        (self.chip / "nvs").write_text(NVS_AS_FLASHED)
        self.flash = self.chip / "flash"
        self.journal = self.chip / "journal"
        content = folder / "content"
        content.mkdir()
        lay_out(content, BOARD, {"console": True, **settings})
        (content / "main.py").rename(content / "firmware_main.py")
        shutil.copyfile(script, content / "main.py")
        for name, bytes_of in files.items():
            (content / name).write_bytes(bytes_of)
        finish(content, of_unix_port(), BOARD)
        with self.flash.open("wb") as file:
            file.truncate(PARTITION_BYTES)
        burn = [*micropython(), DRIVERS / "burn.py", self.flash, str(PARTITION_BYTES), content]
        subprocess.run(burn, check=True, timeout=DEADLINE)
        self._box = FirmwareProcess(self.chip, BOARD, {})
        self._power_on_at = START

    def run(
        self,
        seconds: int,
        cause: ResetCause = ResetCause.POWER_ON,
        tone_dB: float = TONE_DB,
        clock: int | None = None,
    ) -> Ran:
        """Turn the power on and, unless the box ends or is reset before, off after so long.

        clock: what the chip's shows at power-on, Unix s; None: the right time.
        """
        ran = Ran()
        self._tone_dB = tone_dB
        self._box.power_on(self._power_on_at, tier=Tier.AUDIO, pace=0.0, cause=cause, clock=clock)
        try:
            us = self._serve(ran, 1_000_000 * seconds)
        finally:
            self._box.power_off()
        if words := self._box.last_words():
            raise BoxDiedError(words)
        self._power_on_at += us // 1_000_000 + 1
        return ran

    @property
    def now(self) -> int:
        """When the power comes next, Unix s."""
        return self._power_on_at

    def wait(self, seconds: int) -> None:
        """Leave it without power for so long."""
        self._power_on_at += seconds

    def boots(self) -> int:
        """How often the box has counted a boot in its own memory."""
        return json.loads((self.chip / "nvs").read_text())["tamer"]["boot"]

    def _serve(self, ran: Ran, until: int) -> int:
        """Note what happens; returns when the end came, us after power-on."""
        us = 0
        for message in self._box.messages():
            us = message.us
            if us > until:
                break
            if message.kind in RESETS:
                ran.reset = RESETS[message.kind]
                break
            self._note(ran, message)
        return us

    def _note(self, ran: Ran, message: BoxMessage) -> None:
        match message.kind:
            case pipe.SAMPLES:
                first, n = message.samples_wanted()
                ran.captured.append((first, n))
                self._box.answer(b"\1" + tone(first, n, self._tone_dB).tobytes())
            case pipe.CONSOLE:
                ran.lines.append(message.body.decode())
            case pipe.SPEECH:
                ran.played.append(Played(message.us, *message.speech()))
            case pipe.PIXELS:
                ran.frames.append(message.body)
                ran.shown_at.append(message.us)
            case pipe.PIN:
                ran.switched.append((message.us, *message.pin()))


def tone(first: int, n: int, dB: float) -> np.ndarray:
    """1 kHz in I2S words: 24 bits left-aligned in 32."""
    amplitude = 2.0**23 * 10 ** ((dB - _FULL_SCALE_DB) / 20)
    wave = amplitude * np.sin(2 * np.pi * (np.arange(first, first + n) % 48) / 48)
    return (np.round(wave).astype(np.int32) << 8).astype("<i4")
