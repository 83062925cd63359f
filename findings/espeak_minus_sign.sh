#!/usr/bin/env bash
# One guesses: "-5" is "minus five" in every voice; at worst an unknown sign is spelled out.
# What happens: voice cmn drops the hyphen-minus and reads "five"; the typographic minus (U+2212)
# is read by its English name. The English voice says "minus five" for the same text.
# Why it matters: 5 degrees of frost become 5 degrees of warmth, and a correction changes its sign,
# without a gap that a listener could notice.
# Mend: write the sign as a word: 负五, 零下五度.
#
# Output seen:
#   eSpeak NG 1.52.0
#   温度 -5 度 w'u@55n_| t'u51_| w'u214_| t'u51_|
#   温度 5 度 w'u@55n_| t'u51_| w'u214_| t'u51_|
#   温度 −5 度 w'u@55n_| t'u51_| (en)m'aIn@s(cmn)_| w'u214_| t'u51_|
#   温度负5度 w'u@55n_| t'u51_| f'u51_| w'u214_| t'u51_|
#   -5 m'aIn@s f'aIv
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


hyphen = clauses("温度 -5 度")
none = clauses("温度 5 度")
typographic = clauses("温度 −5 度")
clauses("温度负5度")
espeak.espeak_SetVoiceByName(b"en")
english = clauses("-5")
sys.exit(
    0
    if hyphen == none and "(en)m'aIn" in typographic[0] and "m'aIn" in english[0]
    else "No longer so: voice cmn reads a minus sign."
)
PYTHON
