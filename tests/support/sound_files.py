"""Recordings for the meter, of a level that is known or of no end; and what it says of one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from program import run
from recorders import chunk, fmt, wav


def tone(path: Path, rate: int, kind: str = "PCM_24", *, dBFS: float = -6.0, s: float = 3) -> Path:
    """1 kHz, where A weighting is 0 dB by definition."""
    t = np.arange(round(s * rate)) / rate
    soundfile.write(path, 10 ** (dBFS / 20) * np.sin(2000 * np.pi * t), rate, subtype=kind)
    return path


def endless(path: Path) -> Path:
    """Half a day of sound, for which no test waits, in few pages of the disk."""
    size = 0xFFFF_F000
    wav(path, fmt(48_000), chunk(b"data", b"", size=size), size=size + 36)
    with path.open("r+b") as file:
        for at in range(44, size, 1 << 19):
            file.seek(at)
            file.write(b"\1\0")
        file.truncate(44 + size)
    return path


def measured(path: Path, *options: object) -> dict[str, Any]:
    ran = run("meter", path, "--json", *options)
    assert (ran.code, ran.wrong) == (0, [])
    return json.loads(ran.out)
