"""Sound through the integer kernel in MicroPython's unix port, on this computer."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.sound.kernels import emulator
from noisetamer.sound.kernels.emulated_fpu import Equaliser, Signal
from tamer.hear.kernel.block_sums import BlockSums

_ON_BOX = Path(__file__).parent / "on_box" / "integer_kernel.py"


def hear(signals: Iterable[Signal], equaliser: Equaliser = (1.0, ())) -> list[list[BlockSums]]:
    """What the kernel finds in each signal, one `BlockSums` for each take.

    Raises UserError if the kernel refuses the equaliser or MicroPython is missing.
    """
    signals = list(signals)
    plan = {
        "equaliser": equaliser,
        "signals": [{"block": signal.block, "takes": signal.all_takes} for signal in signals],
    }
    words = b"".join(
        emulator.i2s_words(signal.samples[: signal.all_takes[-1]]) for signal in signals
    )
    ran = subprocess.run(
        [micropython(), _ON_BOX, FIRMWARE],
        input=json.dumps(plan).encode() + b"\n" + words,
        capture_output=True,
        check=False,
    )
    if ran.returncode:
        reason = (ran.stderr or ran.stdout).decode().strip().rpartition("\n")[2]
        raise UserError(f"the integer kernel did not run in MicroPython: {reason}")
    founds = iter([BlockSums(*json.loads(line)) for line in ran.stdout.splitlines()])
    return [[next(founds) for _ in signal.all_takes] for signal in signals]
