"""A virtual box: the firmware in MicroPython's unix port, a process at the far end of a pipe."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum, StrEnum
from pathlib import Path

from noisetamer.base import child_processes, pipes
from noisetamer.base.paths import DRIVERS, micropython
from noisetamer.unit.files.partition_image import JOURNAL_BYTES, PARTITION_BYTES, burn
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage, read_messages, write_answer

# In words, for pointers are twice as long on a 64-bit machine: the 160 K of an ESP32 without
# PSRAM, and 40 K for what is outside of that heap on a chip: TLS's buffers, asyncio and drivers.
# 8 K more since trials, budgets and digits, which take 3.6 kB: with them a spoken order found no
# memory now and then, for of 21 kB free no piece had the 1,200 bytes that an open file takes.
# A chip without PSRAM does not have those 8 K; they are to be won back.
HEAP = "208wK"
# Of a chip with PSRAM: 1 MB there, some of what it has.
PSRAM_HEAP = "1024wK"

# Of the pipe to the box, as much as it may hold without leave: five seconds of samples.
_ANSWER_BYTES = 1 << 20

# The flash tool gives a board a number to count its boots from; here the first is number 1.
NVS_AS_FLASHED = '{"tamer": {"boot": 0}}'


class Tier(StrEnum):
    """How a box hears its square: samples through the whole meter, or the levels of a second."""

    AUDIO = "audio"
    LEVELS = "levels"


class ResetCause(IntEnum):
    """What made the chip start, as machine.reset_cause() numbers it."""

    POWER_ON = 1
    HARD_RESET = 2
    WATCHDOG = 3
    SOFT_RESET = 5


# How the box ends its own life, by the message that says so.
RESETS = {
    pipe.RESET: ResetCause.HARD_RESET,
    pipe.WATCHDOG: ResetCause.WATCHDOG,
    pipe.POWER_CUT: ResetCause.POWER_ON,
}


_NO_FAULTS: Mapping[str, Sequence[tuple[int, int]]] = {}


class BoxDiedError(Exception):
    """The firmware ended by itself; the message holds what it last said."""


def crystal_gain_us(fast: Iterable[tuple[int, int]], us: int) -> int:
    """By how much a box's us since power-on are too many. `fast`: when its crystal is, in them."""
    lasted = sum(max(0, min(end, us) - begin) for begin, end in fast)
    return lasted * pipe.FAST_CRYSTAL // 1_000_000


class FirmwareProcess:
    """One unit's chip: flash and non-volatile storage in a folder, a process while powered."""

    def __init__(
        self,
        chip: Path,
        board: str,
        settings: dict,
        certificate: Path | None = None,
        policy: dict | None = None,
        journal_bytes: int = JOURNAL_BYTES,
        root: str = "",
        heap: str | None = None,
    ):
        """`journal_bytes`: of the partition for records, 0 for a board that has none. `root`: as
        of `burn`. `heap`: as MicroPython's unix port takes its size; None: HEAP."""
        self._chip = chip
        self._heap = heap or HEAP
        self._complaints = chip / "complaints"
        chip.mkdir(parents=True, exist_ok=True)
        if not (chip / "flash").exists():
            burn(chip / "flash", board, settings, certificate, policy, root)
            (chip / "nvs").write_text(NVS_AS_FLASHED)
        if journal_bytes and not (chip / "journal").exists():
            with (chip / "journal").open("wb") as file:
                file.truncate(journal_bytes)
        self._process: subprocess.Popen[bytes] | None = None

    answer_bytes = 0
    """Of an answer, as many as the box's pipe takes before it reads: so long nobody waits."""

    def power_on(
        self,
        unix_time: int,
        *,
        tier: Tier,
        pace: float,
        cause: ResetCause = ResetCause.POWER_ON,
        chance: int = 0,
        clock: int | None = None,
        clock_set_us: int = 0,
        busy_us: Sequence[tuple[int, int]] = (),
        hangs_us: Sequence[tuple[int, int]] = (),
        power_cut_us: int | None = None,
        faults_us: Mapping[str, Sequence[tuple[int, int]]] = _NO_FAULTS,
        knows_peers: bool = False,
    ) -> None:
        """Start the firmware at a Unix time.

        `pace`: simulated seconds per real second, 0: as fast as the machine can.
        `chance`: seeds what it draws at random. `clock`: what its clock shows, Unix time; None:
        the right time. It matters at power-on only, for the clock goes on through a reset.
        All else is after power-on. `clock_set_us`: when its clock is set; `busy_us`: when, and
        how long, it cannot see to its microphone; `hangs_us`: the same, until its watchdog bites;
        `power_cut_us`: when it says that its power goes; `faults_us`: begin and end of what the
        drivers do wrong, by kind as square/fault.py spells it. `knows_peers`: whoever reads the
        messages knows what the hub is at, and answers PEERS; else an answer is waited for.
        """
        store = {
            "chance": chance & 0x3FFFFFFF,
            "clock": None if clock is None else clock - pipe.EPOCH_2000,
            "clock_set": clock_set_us,
            "busy": busy_us,
            "hangs": hangs_us,
            "power_cut": power_cut_us,
            "faults": faults_us,
            "knows_peers": knows_peers,
        }
        (self._chip / "story").write_text(json.dumps(store))
        to_box, from_host = os.pipe()
        self.answer_bytes = pipes.enlarge(from_host, _ANSWER_BYTES)
        to_host, from_box = os.pipe()
        tied, self._tie = os.pipe()
        command = [
            *micropython(),
            "-X",
            f"heapsize={self._heap}",
            str(DRIVERS / "power_on.py"),
            str(self._chip),
            str(PARTITION_BYTES),
            str(unix_time - pipe.EPOCH_2000),
            str(cause.value),
            tier.value,
            str(pace),
            str(from_box),
            str(to_box),
        ]
        with self._complaints.open("wb") as complaints:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=complaints,
                stderr=complaints,
                pass_fds=(to_box, from_box, tied),
                # An interrupt at the keyboard is for us; the box ends when we do.
                start_new_session=True,
            )
        child_processes.tie(self._process.pid, tied)
        for of_box in (to_box, from_box, tied):
            os.close(of_box)
        self._answers = os.fdopen(from_host, "wb", buffering=0)
        self._questions = os.fdopen(to_host, "rb")

    def messages(self) -> Iterator[BoxMessage]:
        """What the box does and asks, until it ends. To be asked for once after each power-on: a
        second reader would miss what the first has read ahead."""
        return read_messages(self._questions)

    def answer(self, *pieces: bytes | memoryview) -> None:
        """Answer the box's last question. Raises BrokenPipeError when it has ended."""
        write_answer(self._answers, *pieces)

    def power_off(self) -> None:
        """Cut the power; what is on its flash stays."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._answers.close()
        self._questions.close()
        os.close(self._tie)
        self._process = None

    def last_words(self) -> str:
        """What the interpreter itself complained of, a traceback mostly; empty if all is well."""
        return self._complaints.read_text(encoding="utf-8", errors="replace").strip()
