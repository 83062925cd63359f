#!/usr/bin/env bash
# One guesses: a Mandarin voice that knows 儿 and the character before it can read the two of them.
# What happens: where 儿 colours the syllable before it (这儿, 花儿, 一会儿), voice cmn reads the pinyin of
# that syllable as English, tone number and all: 这儿 is "zher for five". 儿 as a word is right (儿童).
# Why it matters: these are everyday words of a spoken request ("a little quieter here"). Level,
# length and band of the sound are as ever, so only the phonemes, or an ear, can tell.
# Mend: write the message without the suffix (这里, 花, 一下), and refuse any message whose phonemes
# hold "(en)".
#
# Output seen:
#   eSpeak NG 1.52.0
#   这儿 (en)ZEf'o@rf'aIv(cmn)_| '@r35_|
#   花儿 (en)hj,u:a#w'0nrf'aIv(cmn)_| '@r35_|
#   一会儿 (en)jIt'u:hju:If'o@rf'aIv(cmn)_| X'uei51_| '@r35_|
#   这里 ts.o-51l'i214_|
#   花 Xw'A55_|
#   一下 ji35S;'iA51_|
#   儿童 '@r35_| th'ong35_|
#   女儿 n'y214_| '@r35_|
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


coloured = [clauses(word) for word in ("这儿", "花儿", "一会儿")]
plain = [clauses(word) for word in ("这里", "花", "一下", "儿童", "女儿")]
sys.exit(
    0
    if all("(en)" in word[0] for word in coloured) and not any("(en)" in word[0] for word in plain)
    else "No longer so: the suffix is read as Mandarin."
)
PYTHON
