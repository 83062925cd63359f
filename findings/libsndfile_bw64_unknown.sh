#!/usr/bin/env bash
# One guesses: what reads RF64 reads BW64: ITU-R BS.2088 kept EBU's ds64 chunk, the -1 in the 32-bit
# sizes and all else, and changed the first four letters.
# What happens: libsndfile reads the RF64 and says "Format not recognised." of the same bytes that
# begin with BW64.
# Why it matters: BW64 is what newer broadcast recorders and editors write for more than 4 GiB.
# Mend: hand libsndfile a file object whose first four letters are RF64.
#
# Output seen:
#   soundfile 0.14.0, libsndfile 1.2.2
#   RF64: 16000 frames
#   BW64: Format not recognised.
#   BW64 that says RF64: 16000 frames
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check soundfile==0.14.0 numpy==2.4.6

venv/bin/python - <<'PYTHON'
import io
import struct
import sys
from pathlib import Path

import numpy as np
import soundfile

print(f"soundfile {soundfile.__version__}, libsndfile {soundfile.__libsndfile_version__}")
sound = np.rint(np.random.default_rng(1).normal(0, 1000, 16_000)).astype("<i2").tobytes()
MINUS_ONE = b"\xff" * 4


def file(name):
    fmt = struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 2, 16)
    size = 4 + 8 + 28 + 8 + len(fmt) + 8 + len(sound)
    ds64 = struct.pack("<QQQI", size, len(sound), 16_000, 0)
    return (
        name + MINUS_ONE + b"WAVE"
        + b"ds64" + struct.pack("<I", len(ds64)) + ds64
        + b"fmt " + struct.pack("<I", len(fmt)) + fmt
        + b"data" + MINUS_ONE + sound
    )


def frames(source, what):
    try:
        samples, _ = soundfile.read(source)
    except soundfile.LibsndfileError as error:
        print(f"{what}: {error.error_string}")
        return 0
    print(f"{what}: {len(samples)} frames")
    return len(samples)


for name in (b"RF64", b"BW64"):
    Path(f"{name.decode()}.wav").write_bytes(file(name))
found = [
    frames("RF64.wav", "RF64"),
    frames("BW64.wav", "BW64"),
    frames(io.BytesIO(b"RF64" + Path("BW64.wav").read_bytes()[4:]), "BW64 that says RF64"),
]
sys.exit(0 if found == [16_000, 0, 16_000] else "No longer so: libsndfile reads BW64.")
PYTHON
