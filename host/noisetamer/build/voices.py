"""Make the shipped messages with espeak-ng:  python -m noisetamer.build.voices

The result is committed, so nobody needs espeak-ng to flash or simulate a unit.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

from noisetamer.errors import InputError
from noisetamer.places import FIRMWARE

RATE = 16000
# RMS of a message re full scale, dB: speech peaks then stay below full scale.
LOUDNESS_DB = -20.0

# Name: (espeak-ng voice, words a minute, text).
MESSAGES = {
    "warning_zh": ("cmn", 200, "音量已超过国家规定最大限值,为了他人正常生活,请降低音量"),
}


def spoken(voice: str, words_a_minute: int, text: str) -> np.ndarray:
    """The text as int16 samples at 16 kHz, silence cut off at both ends."""
    if shutil.which("espeak-ng") is None:
        raise InputError("espeak-ng is not here: install Debian's package espeak-ng.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = ["espeak-ng", "-v", voice, "-s", str(words_a_minute), "-w", str(path), text]
        subprocess.run(command, check=True)
        samples, rate = soundfile.read(path)
    samples = soxr.resample(samples, rate, RATE)
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    samples = samples[loud[0] : loud[-1] + 1]
    samples *= 10 ** (LOUDNESS_DB / 20) / np.sqrt(np.mean(samples**2))
    fade = np.linspace(0, 1, RATE // 100)
    samples[: len(fade)] *= fade
    samples[-len(fade) :] *= fade[::-1]
    return np.round(32767 * np.clip(samples, -1, 1)).astype(np.int16)


def main() -> None:
    for name, message in MESSAGES.items():
        path = FIRMWARE / "voices" / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        samples = spoken(*message)
        soundfile.write(path, samples, RATE, subtype="PCM_16")
        print(f"{path.name}: {len(samples) / RATE:.1f} s")


if __name__ == "__main__":
    main()
