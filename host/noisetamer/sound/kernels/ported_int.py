"""Sound through the integer kernel in MicroPython's unix port, on this computer."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.sound.kernels import emulator
from noisetamer.sound.kernels.emulated_fpu import Equaliser, Passage
from tamer.hear.kernel.block_sums import Found

_ON_BOX = Path(__file__).parent / "on_box" / "integer_kernel.py"


def hear(passages: Iterable[Passage], equaliser: Equaliser = (1.0, ())) -> list[list[Found]]:
    """What the kernel finds in each passage, one `Found` for each take.

    Raises UserError if the kernel refuses the equaliser or MicroPython is missing.
    """
    passages = list(passages)
    plan = {
        "equaliser": equaliser,
        "passages": [{"block": p.block, "takes": p.all_takes} for p in passages],
    }
    words = b"".join(emulator.i2s_words(p.samples[: p.all_takes[-1]]) for p in passages)
    ran = subprocess.run(
        [micropython(), _ON_BOX, FIRMWARE],
        input=json.dumps(plan).encode() + b"\n" + words,
        capture_output=True,
        check=False,
    )
    if ran.returncode:
        reason = (ran.stderr or ran.stdout).decode().strip().rpartition("\n")[2]
        raise UserError(f"the integer kernel did not run in MicroPython: {reason}")
    founds = iter([Found(*json.loads(line)) for line in ran.stdout.splitlines()])
    return [[next(founds) for _ in p.all_takes] for p in passages]
