#!/usr/bin/env bash
# One guesses: a comma is a pause, whichever of its two widths stands between Chinese characters.
# What happens: the ASCII comma (and "." and "!") makes no clause unless a blank follows, and
# Chinese text has no blanks: the two clauses run together without a breath. "，" and "、" do make
# the pause.
# Why it matters: one key of the input method decides whether a message is understood at the first
# hearing; on the screen the two look alike.
# Mend: full-width punctuation, and a check that a message has as many clauses as it was meant to
# have.
#
# Output seen:
#   eSpeak NG 1.52.0
#   音量，请低 j'i55n_| l'iA51N_| // tS;h'i214N_| t'i55_|
#   音量、请低 j'i55n_| l'iA51N_| // tS;h'i214N_| t'i55_|
#   音量。请低 j'i55n_| l'iA51N_| // tS;h'i214N_| t'i55_|
#   音量！请低 j'i55n_| l'iA51N_| // tS;h'i214N_| t'i55_|
#   音量,请低 j'i55n_| l'iA51N_| tS;h'i214N_| t'i55_|
#   音量.请低 j'i55n_| l'iA51N_| tS;h'i214N_| t'i55_|
#   音量!请低 j'i55n_| l'iA51N_| tS;h'i214N_| t'i55_|
#   音量, 请低 j'i55n_| l'iA51N_| // tS;h'i214N_| t'i55_|
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check espeakng-loader==0.2.4

venv/bin/python - <<'PYTHON'
import ctypes
import os
import sys

import espeakng_loader

espeak = ctypes.CDLL(espeakng_loader.get_library_path())
espeak.espeak_Info.restype = ctypes.c_char_p
espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
espeak.espeak_Initialize(1, 0, os.fsencode(espeakng_loader.get_data_path()), 0)
espeak.espeak_SetVoiceByName(b"cmn")
print("eSpeak NG", espeak.espeak_Info(None).decode())


def clauses(text):
    """Phonemes of `text`, one entry for each clause; between clauses is a pause."""
    buffer = ctypes.create_string_buffer(text.encode())
    rest = ctypes.c_void_p(ctypes.addressof(buffer))
    found = []
    while rest.value:
        found.append(espeak.espeak_TextToPhonemes(ctypes.byref(rest), 1, 0).decode())
    print(text, " // ".join(found))
    return found


full = [clauses(f"音量{sign}请低") for sign in "，、。！"]
ascii_signs = [clauses(f"音量{sign}请低") for sign in ",.!"]
blank = clauses("音量, 请低")
sys.exit(
    0
    if all(len(found) == 2 for found in [*full, blank])
    and all(len(found) == 1 for found in ascii_signs)
    else "No longer so: ASCII punctuation ends a clause in Chinese text."
)
PYTHON
