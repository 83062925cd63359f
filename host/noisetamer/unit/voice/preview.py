"""A message as it leaves the loudspeaker: through the box's own decoder, volume and fades."""

import subprocess
from pathlib import Path

import numpy as np
import soundfile

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.unit.voice.prepare import RATE

_ON_BOX = Path(__file__).parent / "on_box" / "play_message.py"


def preview(message: Path, volume_dB: float, target: Path) -> None:
    """Write what the amplifier would be given, as 16-bit WAV. volume_dB: re full, at most 0."""
    played = subprocess.run(
        [*micropython(), _ON_BOX, FIRMWARE, message, str(volume_dB)],
        capture_output=True,
        check=False,
    )
    if played.returncode:
        reason = (played.stderr or played.stdout).decode(errors="replace").strip()
        raise UserError(f"{message}: cannot be played: {reason.rpartition(chr(10))[2]}")
    soundfile.write(target, np.frombuffer(played.stdout, "<i2"), RATE, subtype="PCM_16")
