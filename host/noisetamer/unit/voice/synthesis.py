"""The espeak-ng library in a process of its own, so that the same words give the same bytes.

Within one process what was said before changes what comes next. Run as a program: voice and
words a minute as arguments, the words on standard input; writes a line of JSON (version, rate
in Hz, phonemes) and, unless --phonemes is given, the samples as int16.
"""

import ctypes
import json
import sys

import espeakng_loader

# speak_lib.h of espeak-ng 1.52
_RETRIEVAL = 1
_UTF8 = 1
_RATE_PARAMETER = 1
_POSITION_CHARACTER = 1
_MNEMONICS = 0
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def main() -> None:
    voice, pace, *options = sys.argv[1:]
    words = sys.stdin.buffer.read()
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Info.restype = ctypes.c_char_p
    rate = library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0 or library.espeak_SetVoiceByName(voice.encode()):
        sys.exit(f"the package espeakng-loader has no voice {voice}: install it anew")
    library.espeak_SetParameter(_RATE_PARAMETER, int(pace), 0)
    head = {
        "version": library.espeak_Info(None).decode(),
        "rate": rate,
        "phonemes": _phonemes(library, words),
    }
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    if "--phonemes" not in options:
        sys.stdout.buffer.write(_samples(library, words))


def _phonemes(library: ctypes.CDLL, words: bytes) -> str:
    """Clause by clause, since the library gives one a call."""
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    left = ctypes.c_char_p(words)
    clauses = []
    while left.value is not None:
        clause = library.espeak_TextToPhonemes(ctypes.byref(left), _UTF8, _MNEMONICS)
        clauses.append((clause or b"").decode())
    return " ".join(clauses)


def _samples(library: ctypes.CDLL, words: bytes) -> bytes:
    pieces: list[bytes] = []

    def take(wave: "ctypes._Pointer[ctypes.c_short]", length: int, events: int) -> int:
        if length > 0:
            pieces.append(ctypes.string_at(wave, 2 * length))
        return 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    library.espeak_Synth.argtypes = (
        *(ctypes.c_char_p, ctypes.c_size_t),
        *(ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
        *(ctypes.c_void_p, ctypes.c_void_p),
    )
    size = len(words) + 1
    if library.espeak_Synth(words, size, 0, _POSITION_CHARACTER, 0, _UTF8, None, None):
        sys.exit("the text is too long")
    library.espeak_Synchronize()
    return b"".join(pieces)


if __name__ == "__main__":
    main()
