"""`noisetamer meter` beside the peers that are installed."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from noisetamer.base.errors import UserError
from noisetamer.bench.found import Found, Ratio
from noisetamer.bench.peers import RATE, LAeq, commands, versions
from noisetamer.bench.turns import in_turns, said

OURS = "noisetamer meter (13 quantities)"
_RATIO = "meter (13 quantities)"


def measured(folder: Path, quick: bool, progress: Callable[[str], None]) -> Found:
    """Over a recording made in `folder`: ten minutes, 48 kHz, 24 bit; quick: one."""
    seconds, turns = (60, 1) if quick else (600, 3)
    recording = folder / "recording.wav"
    progress(f"meter: making {seconds} s of sound")
    chance = np.random.default_rng(1)
    try:
        with soundfile.SoundFile(recording, "w", RATE, 1, "PCM_24") as file:
            for second in range(seconds):
                # a beat, so that the levels have something to follow
                file.write(chance.normal(0, 0.02 if second % 4 else 0.06, RATE))
    except soundfile.LibsndfileError as error:
        raise UserError(
            f"{recording}: cannot be written: {error}; free some space or name another folder as "
            "TMPDIR"
        ) from None
    others, missing = commands(recording)
    heard: dict[str, float] = {}
    for name, command in list(others.items()):
        progress(f"{name}: what it says")
        try:
            heard[name] = LAeq(name, said(command))
        except UserError as error:
            missing[name] = str(error).removesuffix(".")
            del others[name]
    ours = [sys.executable, "-m", "noisetamer", "meter", str(recording)]
    used = in_turns({OURS: ours, **others}, turns, progress)
    found = Found(
        f"{seconds} s of noise with a beat, 48 kHz, 24 bit, one channel; CPU of whole commands, "
        f"median of {turns} turns A-B-A-B",
        left_out=missing,
        versions=versions(others),
    )
    progress("meter: what it says")
    told = json.loads(said([*ours, "--json"]))
    level = told["LAeq"] - told["full_scale_dB"]
    for name, its in heard.items():
        found.figures[f"{name}: its LAeq less the meter's, dB"] = its - level
    for name, cpu in used.items():
        found.figures[f"{name}: CPU of a minute of sound, ms"] = 60_000 * cpu / seconds
        if name != OURS:
            found.ratios.append(Ratio(f"{_RATIO} / {name}: CPU", used[OURS] / cpu))
    return found
