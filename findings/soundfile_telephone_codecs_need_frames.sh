#!/usr/bin/env bash
# One guesses: `SoundFile(name).read()` reads a file on the disk to its end, whatever its codec;
# `frames` says how many there are.
# What happens: for GSM 6.10, G.721, G.723 and NMS ADPCM it raises "ValueError: frames must be
# specified for non-seekable files", though the file is a plain one and `frames` is known. The codec,
# not the file, cannot be sought in. `soundfile.read(name)` raises the same.
# Why it matters: the recordings of telephones and old dictation machines end in a traceback of a
# wrong kind: who catches LibsndfileError does not catch it.
# Mend: read(frames=sound.frames), or blocks of a stated size until one is empty; begin in the middle
# by reading on to it.
#
# Output seen:
#   soundfile 0.14.0, libsndfile 1.2.2
#   PCM_16 frames 16000, seekable True, read() 16000, read(frames) 16000
#   GSM610 frames 16000, seekable False, read() ValueError, read(frames) 16000
#   G721_32 frames 16080, seekable False, read() ValueError, read(frames) 16080
#   NMS_ADPCM_24 frames 16000, seekable False, read() ValueError, read(frames) 16000
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check soundfile==0.14.0 numpy==2.4.6

venv/bin/python - <<'PYTHON'
import sys

import numpy as np
import soundfile

print(f"soundfile {soundfile.__version__}, libsndfile {soundfile.__libsndfile_version__}")
noise = np.random.default_rng(1).normal(0, 0.05, 16_000)


def read_to_the_end(sound):
    try:
        return len(sound.read())
    except ValueError as error:
        return type(error).__name__


outcomes = {}
for codec in ("PCM_16", "GSM610", "G721_32", "NMS_ADPCM_24"):
    soundfile.write("a.wav", noise, 8000, codec)
    with soundfile.SoundFile("a.wav") as sound:
        frames, seekable = sound.frames, sound.seekable()
        outcomes[codec] = read_to_the_end(sound)
    with soundfile.SoundFile("a.wav") as sound:
        asked = len(sound.read(frames))
    print(
        f"{codec} frames {frames}, seekable {seekable}, read() {outcomes[codec]}, "
        f"read(frames) {asked}"
    )
plain = outcomes.pop("PCM_16")
sys.exit(
    0
    if plain == 16_000 and set(outcomes.values()) == {"ValueError"}
    else "No longer so: read() reads telephone codecs to their end."
)
PYTHON
