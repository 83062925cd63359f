"""A virtual box: the firmware in MicroPython's unix port, on the far side of a pipe."""

import json
import os
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.paths import DRIVERS, micropython
from noisetamer.unit.files.partition_image import PARTITION_BYTES, burn

# In words, for pointers are twice as long on a 64-bit machine: the 160 K of an ESP32 without
# PSRAM, and 32 K for what is outside of that heap on a chip: TLS's buffers, asyncio and drivers.
HEAP = "192wK"

_UNIX_2000 = 946684800
_HEAD = struct.Struct("<BQI")

POWER_ON, HARD_RESET, WATCHDOG = 1, 2, 3


@dataclass(frozen=True)
class Happening:
    """What the box did: kind, microseconds since power-on, and the bytes that say more."""

    kind: str
    us: int
    body: bytes


class BoxDiedError(Exception):
    """The firmware ended by itself; the message holds what it last said."""


class VirtualBox:
    """One unit's chip: flash and non-volatile storage in a folder, a process while powered."""

    def __init__(
        self,
        chip: Path,
        board: str,
        settings: dict,
        certificate: Path | None = None,
        policy: dict | None = None,
    ):
        self._chip = chip
        self._complaints = chip / "complaints"
        chip.mkdir(parents=True, exist_ok=True)
        if not (chip / "flash").exists():
            burn(chip / "flash", board, settings, certificate, policy)
            (chip / "nvs").touch()
        self._process: subprocess.Popen[bytes] | None = None

    def power_on(
        self,
        unix_time: int,
        *,
        tier: str,
        pace: float,
        cause: int = POWER_ON,
        clock_set_us: int = 0,
        busy_us: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Start the firmware at a Unix time; `tier` is "audio" or "levels".

        Its clock is set `clock_set_us` later. busy_us: when, and how long, it cannot see to its
        microphone. Both after power-on.
        """
        to_box, from_host = os.pipe()
        to_host, from_box = os.pipe()
        command = [
            micropython(),
            "-X",
            f"heapsize={HEAP}",
            str(DRIVERS / "power_on.py"),
            str(self._chip),
            str(PARTITION_BYTES),
            str(unix_time - _UNIX_2000),
            str(cause),
            tier,
            str(pace),
            str(from_box),
            str(to_box),
            json.dumps({"clock_set": clock_set_us, "busy": busy_us}),
        ]
        with self._complaints.open("wb") as complaints:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=complaints,
                stderr=complaints,
                pass_fds=(to_box, from_box),
                # An interrupt at the keyboard is for us; the box ends when its pipe does.
                start_new_session=True,
            )
        os.close(to_box)
        os.close(from_box)
        self._answers = os.fdopen(from_host, "wb", buffering=0)
        self._questions = os.fdopen(to_host, "rb", buffering=1 << 16)

    def happenings(self) -> Iterator[Happening]:
        """What the box does and asks, until it ends."""
        while head := self._questions.read(_HEAD.size):
            kind, us, length = _HEAD.unpack(head)
            yield Happening(chr(kind), us, self._questions.read(length) if length else b"")

    def answer(self, data: bytes | memoryview) -> None:
        """Answer the box's last question."""
        view = memoryview(data).cast("B")
        while view:
            view = view[self._answers.write(view) or 0 :]

    def power_off(self) -> None:
        """Cut the power; what is on its flash stays."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._answers.close()
        self._questions.close()
        self._process = None

    def last_words(self) -> str:
        """What the interpreter itself complained of, a traceback mostly; empty if all is well."""
        return self._complaints.read_text(encoding="utf-8", errors="replace").strip()
