"""The kernels under test, each as the code that is shipped, behind one interface."""

import json
import math
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.sound.kernels import emulated_fpu, emulated_int, emulator, machines, ported_int
from noisetamer.sound.kernels.emulated_fpu import Signal
from noisetamer.sound.verify.limits import FPU, INTEGER, Limits
from tamer.hear.kernel.block_sums import BlockSums

Hear = Callable[[Sequence[Signal]], list[list[BlockSums]]]

CHOICES = ("fpu", "int", "all")

_ON_BOX = Path(__file__).parent / "on_box" / "integer_words.py"


@dataclass(frozen=True)
class Kernel:
    """`hear`: what it finds in each signal, one `BlockSums` for each take, from rest."""

    name: str
    title: str
    limits: Limits
    hear: Hear


def chosen(choice: str) -> tuple[list[Kernel], list[str]]:
    """The kernels of a choice of CHOICES, and a sentence for each that cannot be run here.

    Raises UserError where none is left.
    """
    there = [kernel for kernel in KERNELS if choice in ("all", _family(kernel))]
    if emulator.available():
        return there, []
    missing = [kernel for kernel in there if kernel is not INTEGER_IN_UNIX_PORT]
    left = [kernel for kernel in there if kernel is INTEGER_IN_UNIX_PORT]
    if not left:
        raise UserError(
            f"the FPU kernel needs {machines.XTENSA.qemu}: install Debian's package qemu-user,"
            " or choose --kernel int"
        )
    return left, [
        f"not run: {kernel.title} ({machines.XTENSA.qemu} is not installed; Debian: qemu-user)"
        for kernel in missing
    ]


def _family(kernel: Kernel) -> str:
    return "fpu" if kernel is FPU_EMULATED else "int"


def hear_integer_emulated(signals: Sequence[Signal]) -> list[list[BlockSums]]:
    """The integer kernel as mpy-cross compiles it for Xtensa; its sums in MicroPython.

    Blocks are as long as the signal says, or shorter so that every take ends one.
    """
    start = integer_start()
    plan, expected = [], []
    for signal in signals:
        takes = signal.all_takes
        block = math.gcd(signal.block, *takes[:-1])
        samples = signal.samples[: takes[-1]]
        words, _ = emulated_int.words(samples, block, bytes.fromhex(start["state"]), start["size"])
        lengths = np.diff([*range(0, len(samples), block), len(samples)]).tolist()
        ends = np.cumsum(lengths).tolist()
        blocks = iter(zip(words.tolist(), lengths, ends, strict=True))
        for take in takes:
            part = []
            for found, length, end in blocks:
                part.append((found, length))
                if end == take:
                    break
            plan.append(part)
        expected.append(len(takes))
    founds = iter(_take(plan))
    return [[next(founds) for _ in range(count)] for count in expected]


@cache
def integer_start() -> dict[str, Any]:
    """{"size": words the integer kernel leaves of a block, "state": its words at rest, hex}."""
    return json.loads(_on_box(["start"], ""))


def _take(plan: Sequence[Sequence[tuple[list[int], int]]]) -> list[BlockSums]:
    """What the kernel's own `take` makes of blocks of (words left, samples)."""
    lines = "".join(json.dumps(part) + "\n" for part in plan)
    return [BlockSums(*json.loads(line)) for line in _on_box(["take"], lines).splitlines()]


def _on_box(arguments: list[str], given: str) -> str:
    ran = subprocess.run(
        [micropython(), _ON_BOX, FIRMWARE, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        reason = (ran.stderr or ran.stdout).strip().rpartition("\n")[2]
        raise UserError(f"the integer kernel did not run in MicroPython: {reason}")
    return ran.stdout


FPU_EMULATED = Kernel(
    "fpu",
    "FPU kernel: the machine code for ESP32 and ESP32-S3, on qemu-xtensa",
    FPU,
    emulated_fpu.hear,
)
INTEGER_IN_UNIX_PORT = Kernel(
    "int", "integer kernel: in MicroPython's unix port", INTEGER, ported_int.hear
)
INTEGER_EMULATED = Kernel(
    "int-xtensa",
    "integer kernel: compiled by mpy-cross for Xtensa, on qemu-xtensa",
    INTEGER,
    hear_integer_emulated,
)
KERNELS = (FPU_EMULATED, INTEGER_IN_UNIX_PORT, INTEGER_EMULATED)
