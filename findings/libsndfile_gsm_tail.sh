#!/usr/bin/env bash
# One guesses: a WAV of GSM 6.10 (telephone and voicemail recorders) reads as many samples as went
# in; the last block of 320 is filled up with silence, if at all.
# What happens: 16001 samples come back as 16640, and what was added is five times (15 dB)
# louder than all that was recorded. The header's `fact` chunk holds the true count, 16001;
# `frames` does not follow it.
# Why it matters: the loudest moment of a quiet call is one that nobody heard: LAFmax and peak of
# the file are wrong.
# Mend: stop at the count in `fact` where it is a little below `frames`.
#
# Output seen:
#   soundfile 0.14.0, libsndfile 1.2.2
#   written 16001, fact 16001, frames 16640, read 16640
#   loudest of the 16001: 0.018, of the 639 added: 0.062
#   written 16100, fact 16100, frames 16640, read 16640
#   loudest of the 16100: 0.018, of the 540 added: 0.100
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check soundfile==0.14.0 numpy==2.4.6

venv/bin/python - <<'PYTHON'
import struct
import sys
from pathlib import Path

import numpy as np
import soundfile

print(f"soundfile {soundfile.__version__}, libsndfile {soundfile.__libsndfile_version__}")
so = []
for written in (16001, 16100):
    tone = 0.01 * np.sin(2 * np.pi * 440 * np.arange(written) / 8000)
    soundfile.write("a.wav", tone, 8000, "GSM610")
    body = Path("a.wav").read_bytes()
    at = body.index(b"fact") + 8
    fact = struct.unpack("<I", body[at : at + 4])[0]
    with soundfile.SoundFile("a.wav") as sound:
        frames = sound.frames
        heard = np.abs(sound.read(1_000_000))
    print(f"written {written}, fact {fact}, frames {frames}, read {len(heard)}")
    inside, added = heard[:written].max(), heard[written:].max()
    print(f"loudest of the {written}: {inside:.3f}, of the {len(heard) - written} added: {added:.3f}")
    so.append(fact == written and len(heard) > written and added > 3 * inside)
sys.exit(0 if all(so) else "No longer so: GSM 6.10 ends where it ended, or in silence.")
PYTHON
