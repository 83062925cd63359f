"""A text as speech, by espeak-ng."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from noisetamer.base.errors import UserError


class Speaker(NamedTuple):
    """espeak-ng's own name of a voice, and how fast it speaks, in words a minute."""

    voice: str
    pace: int


SPEAKERS = {"zh": Speaker("cmn", 200), "en": Speaker("en", 160)}


def language_of(text: str) -> str:
    """ "zh" where there is a Chinese character in it, else "en"."""
    return "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"


def say(text: str, language: str) -> tuple[NDArray[np.float64], int]:
    """float64[n], mono, re full scale, and the rate in Hz. Raises UserError without espeak-ng."""
    speaker = SPEAKERS[language]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        words = ["-v", speaker.voice, "-s", str(speaker.pace), "-w", str(path), "--stdin"]
        said = subprocess.run(
            [_program(), *words], input=text.encode(), capture_output=True, check=False
        )
        if said.returncode or not path.exists():
            reason = said.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise UserError(f"espeak-ng could not speak the text: {reason or 'no reason given'}")
        samples, rate = soundfile.read(path)
    return np.asarray(samples, np.float64), rate


def made_by(language: str) -> str:
    """Program, version and voice, for the table; the same version makes the same bytes."""
    told = subprocess.run(
        [_program(), "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = told.partition(":")[2].split()[:1] or ["of unknown version"]
    speaker = SPEAKERS[language]
    return f"espeak-ng {version[0]}, voice {speaker.voice}, {speaker.pace} words a minute"


def _program() -> str:
    found = shutil.which("espeak-ng")
    if found is None:
        raise UserError(
            "espeak-ng is not here: install it (Debian, Ubuntu: apt install espeak-ng; "
            "macOS: brew install espeak-ng)"
        )
    return found
