"""The kernels under test, each as the code that is shipped, behind one interface."""

import json
import math
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.sound.kernels import (
    container,
    emulated_fixed,
    emulated_fpu,
    emulated_int,
    emulator,
    ported_int,
)
from noisetamer.sound.kernels.machines import RV32, XTENSA, Machine
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.verify import limits
from noisetamer.sound.verify.limits import FPU, INTEGER, Limits
from tamer.hear.kernel.block_sums import BlockSums

Hear = Callable[[Sequence[Signal]], list[list[BlockSums]]]

CHOICES = ("fpu", "fixed", "int", "all")

_ON_BOX = Path(__file__).parent / "on_box" / "integer_words.py"


@dataclass(frozen=True)
class Kernel:
    """`hear`: what it finds in each signal, one `BlockSums` for each take, from rest.

    `machine`: what it is emulated on; None: not emulated.
    """

    name: str
    title: str
    limits: Limits
    hear: Hear
    machine: Machine | None = None


def chosen(choice: str) -> tuple[list[Kernel], list[str]]:
    """The kernels of a choice of CHOICES, and a sentence for each that cannot be run here.

    Raises UserError where none is left.
    """
    wanted = [kernel for kernel in KERNELS if choice in ("all", _family(kernel))]
    there = [k for k in wanted if k.machine is None or emulator.available(k.machine)]
    if not there:
        needs = " and ".join(dict.fromkeys(k.machine.qemu for k in wanted if k.machine))
        kernel = {"fpu": "FPU", "fixed": "fixed-point"}[choice]
        raise UserError(
            f"the {kernel} kernel needs {needs}: install Debian's package qemu-user,"
            " or choose --kernel int"
        )
    return there, [
        f"not run: {k.title} ({k.machine.qemu} is not installed; Debian: qemu-user)"
        for k in wanted
        if k.machine and k not in there
    ]


def _family(kernel: Kernel) -> str:
    return kernel.name.partition("-")[0]


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
        [*micropython(), _ON_BOX, FIRMWARE, *arguments],
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
    XTENSA,
)
FIXED_RV32 = Kernel(
    "fixed-rv32",
    "fixed-point kernel: the machine code for ESP32-C3 and C6, on qemu-riscv32",
    limits.FIXED_RV32,
    partial(emulated_fixed.hear, architecture=container.RV32IMC),
    RV32,
)
FIXED_XTENSA = Kernel(
    "fixed-xtensa",
    "fixed-point kernel: the machine code for ESP32-S2, on qemu-xtensa",
    limits.FIXED_XTENSA,
    partial(emulated_fixed.hear, architecture=container.XTENSAWIN),
    XTENSA,
)
INTEGER_IN_UNIX_PORT = Kernel(
    "int", "integer kernel: in MicroPython's unix port", INTEGER, ported_int.hear
)
INTEGER_EMULATED = Kernel(
    "int-xtensa",
    "integer kernel: compiled by mpy-cross for Xtensa, on qemu-xtensa",
    INTEGER,
    hear_integer_emulated,
    XTENSA,
)
KERNELS = (FPU_EMULATED, FIXED_RV32, FIXED_XTENSA, INTEGER_IN_UNIX_PORT, INTEGER_EMULATED)
