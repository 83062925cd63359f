#!/usr/bin/env bash
# One guesses: a formant synthesiser is a function: same voice, same text, same samples.
# What happens: within one process the same text gives other samples, and even another number of
# samples, each time; the n-th call of a fresh process is the n-th call of any other, byte for
# byte.
# Why it matters: a list of messages made in one process changes every message after the one that
# was edited or put in another order; a checksum of one alone says "not reproducible" when it is.
# Mend: one fresh process for each message.
#
# Output seen:
#   espeakng-loader 0.2.4, three times the same text in one process:
#   36576 samples, SHA-256 e20bfedca247cadf
#   36583 samples, SHA-256 dd04fa33f793280b
#   36580 samples, SHA-256 f6c717d3e23d174c
#   in a second process:
#   36576 samples, SHA-256 e20bfedca247cadf
#   36583 samples, SHA-256 dd04fa33f793280b
#   36580 samples, SHA-256 f6c717d3e23d174c
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check espeakng-loader==0.2.4

venv/bin/python - <<'PYTHON'
import subprocess
import sys

SPEAKER = r"""
import ctypes, hashlib, os
import espeakng_loader

espeak = ctypes.CDLL(espeakng_loader.get_library_path())
espeak.espeak_Initialize(1, 0, os.fsencode(espeakng_loader.get_data_path()), 0)
espeak.espeak_SetVoiceByName(b"cmn")
sound = bytearray()


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
def take(samples, count, events):
    if samples and count:
        sound.extend(ctypes.string_at(samples, 2 * count))
    return 0


espeak.espeak_SetSynthCallback(take)
text = "请把音量调低".encode() + b"\0"
for _ in range(3):
    sound.clear()
    espeak.espeak_Synth(text, len(text), 0, 0, 0, 1, None, None)
    espeak.espeak_Synchronize()
    print(len(sound) // 2, "samples, SHA-256", hashlib.sha256(sound).hexdigest()[:16])
"""
first, second = (
    subprocess.run(
        [sys.executable, "-c", SPEAKER], check=True, capture_output=True, text=True
    ).stdout
    for _ in range(2)
)
print("espeakng-loader 0.2.4, three times the same text in one process:")
print(first, end="")
print("in a second process:")
print(second, end="")
calls = first.splitlines()
sys.exit(
    0
    if len(set(calls)) == 3 and len({call.split()[0] for call in calls}) > 1 and first == second
    else "No longer so: the same text gives the same samples."
)
PYTHON
