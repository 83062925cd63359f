"""Sound through the integer octave bank in MicroPython's unix port, on this computer."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.base.paths import micropython
from noisetamer.sound.kernels import host_code
from noisetamer.sound.kernels.emulated_octaves import Signal
from noisetamer.sound.kernels.signal import Equaliser, i2s_words

_ON_BOX = Path(__file__).parent / "on_box" / "integer_octaves.py"


def hear(
    signals: Iterable[Signal],
    third_octaves: bool = False,
    equaliser: Equaliser = (1.0, ()),
) -> list[NDArray[np.float64]]:
    """Mean squares of each signal, shape (takes, bands), in steps of 24 bits squared.

    Raises UserError if the bank refuses the equaliser or MicroPython is missing.
    """
    signals = list(signals)
    plan = {
        "third_octaves": third_octaves,
        "equaliser": equaliser,
        "signals": [{"block": signal.block, "takes": list(signal.takes)} for signal in signals],
    }
    words = b"".join(i2s_words(signal.samples[: signal.takes[-1]]) for signal in signals)
    ran = subprocess.run(
        [*micropython(), _ON_BOX, host_code.kernels()],
        input=json.dumps(plan).encode() + b"\n" + words,
        capture_output=True,
        check=False,
    )
    if ran.returncode:
        reason = (ran.stderr or ran.stdout).decode().strip().rpartition("\n")[2]
        raise UserError(f"the integer octave bank did not run in MicroPython: {reason}")
    takes = iter([json.loads(line) for line in ran.stdout.splitlines()])
    return [np.array([next(takes) for _ in signal.takes]) for signal in signals]
