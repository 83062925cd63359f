#!/usr/bin/env bash
# One guesses: 105 is read as any Mandarin speaker reads it, "yi bai ling wu" (a hundred, zero,
# five).
# What happens: voice cmn leaves the zero out: 105 becomes "yi bai wu". To a listener 一百五 is short
# for 150; 1005 becomes "yi qian wu", short for 1500. Decimals keep their zero (3.05).
# Why it matters: an announced level of 105 dB is heard as 150 dB.
# Mend: hand over Chinese numerals (一百零五), which are read as written.
#
# Output seen:
#   eSpeak NG 1.52.0
#   105 j,i55pai214_|_| w'u214_|
#   1005 ji55_| tS;h'iE55n_|_| wu214_|
#   一百零五 ji51p'ai214_| l'i35N_| w'u214_|
#   一千零五 ji51tS;h'iE55n_| l'i35N_| w'u214_|
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


digits = [clauses(number)[0] for number in ("105", "1005")]
written = [clauses(number)[0] for number in ("一百零五", "一千零五")]
ling = "i35N"  # 零
sys.exit(
    0
    if not any(ling in phonemes for phonemes in digits)
    and all(ling in phonemes for phonemes in written)
    else "No longer so: the zero within a number is read."
)
PYTHON
