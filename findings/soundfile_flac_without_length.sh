#!/usr/bin/env bash
# One guesses: a FLAC is read block by block until a block is short; `frames` says how many there are.
# What happens: of one that was written into a pipe (`ffmpeg ... -f flac -`; its length is given as 0,
# "unknown", as FLAC's format allows) `frames` is 2^63-1, `read()` raises "ValueError: array is too
# big", and whoever reads blocks gets all but the last: soundfile seeks to where it has read to, and
# at such a file's end that fails, "LibsndfileError: Internal psf_fseek() failed". The samples have
# been read by then, and are thrown away.
# Why it matters: recordings that came over a network or out of a pipeline look damaged at their end.
# Mend: give `read` an array (`out=`): the last samples stand in it, though error 39 is raised.
#
# Output seen:
#   soundfile 0.14.0, libsndfile 1.2.2, ffmpeg 7.0.2-static
#   into a file: frames 96000, read() 96000, blocks of 36000: 96000 and no error
#   into a pipe: frames 9223372036854775807, read() ValueError, blocks of 36000: 72000 and error 39
#   into a pipe: the last block stands in out= all the same: True
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    soundfile==0.14.0 numpy==2.4.6 imageio-ffmpeg==0.6.0

venv/bin/python - <<'PYTHON'
import subprocess
import sys

import imageio_ffmpeg
import numpy as np
import soundfile

print(
    f"soundfile {soundfile.__version__}, libsndfile {soundfile.__libsndfile_version__}, "
    f"ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}"
)
noise = np.random.default_rng(1).integers(-3000, 3000, 96_000).astype(np.int16)
soundfile.write("noise.wav", noise, 48_000)
ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "noise.wav", "-f", "flac"]
subprocess.run([*ffmpeg, "file.flac"], check=True)
with open("pipe.flac", "wb") as into:
    piped = subprocess.Popen([*ffmpeg, "-"], stdout=subprocess.PIPE)
    into.write(piped.communicate()[0])


def whole(name):
    with soundfile.SoundFile(name) as sound:
        try:
            return sound.frames, len(sound.read(dtype="int16"))
        except ValueError as error:
            return sound.frames, type(error).__name__


def in_blocks(name):
    found, error, last = 0, "no error", np.zeros(36_000, np.int16)
    with soundfile.SoundFile(name) as sound:
        try:
            while got := len(sound.read(out=last)):
                found += got
        except soundfile.LibsndfileError as raised:
            error = f"error {raised.code}"
    return found, error, last


shown = {}
for name in ("file", "pipe"):
    frames, read = whole(f"{name}.flac")
    found, error, last = in_blocks(f"{name}.flac")
    shown[name] = read, found, error
    print(f"into a {name}: frames {frames}, read() {read}, blocks of 36000: {found} and {error}")
there = bool((last[:24_000] == noise[72_000:]).all())
print("into a pipe: the last block stands in out= all the same:", there)
sys.exit(
    0
    if shown == {"file": (96_000, 96_000, "no error"), "pipe": ("ValueError", 72_000, "error 39")}
    and there
    else "No longer so: a FLAC without a length is read to its end."
)
PYTHON
