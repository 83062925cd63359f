"""A text as speech, by the espeak-ng that its package brings: the same on every machine.

Not the host's own: in espeak-ng 1.51 (Debian 12) the voice "cmn" reads most Chinese characters'
pinyin as English letters.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.unit.voice import pronunciation
from noisetamer.unit.voice.spoken_text import spoken

_PROGRAM = Path(__file__).with_name("synthesis.py")


class Speaker(NamedTuple):
    """espeak-ng's own name of a voice, and how fast it speaks, in words a minute."""

    voice: str
    pace: int


# Slow, since it is heard over music and in an echo. Of ten variants of the voice a speech
# recogniser understands this one best (tests/support/speech_recogniser.py).
SPEAKERS = {"zh": Speaker("cmn+Annie", 165), "en": Speaker("en", 160)}


class Speech(NamedTuple):
    """samples: float64[n], mono, re full scale; rate in Hz; made: by which version and voice."""

    samples: NDArray[np.float64]
    rate: int
    made: str


def language_of(text: str) -> str:
    """ "zh" where there is a Chinese character in it, else "en"."""
    return "zh" if any(map(pronunciation.is_chinese, text)) else "en"


def say(text: str, language: str) -> Speech:
    """Raises UserError where what would be said is not the text."""
    words = spoken(text, language)
    pronunciation.must_be_words(text, words, language)
    head, samples = _run(words, language)
    pronunciation.must_be_the_text(text, words, head["phonemes"], language)
    speaker = SPEAKERS[language]
    made = f"espeak-ng {head['version']}, voice {speaker.voice}, {speaker.pace} words a minute"
    return Speech(np.frombuffer(samples, np.int16) / 32768, head["rate"], made)


def phonemes(text: str, language: str) -> str:
    """What would be said, in espeak-ng's mnemonics: "j'i55n_| l'iA51N_|" for 音量."""
    return _run(spoken(text, language), language, "--phonemes")[0]["phonemes"]


def _run(words: str, language: str, *options: str) -> tuple[dict[str, Any], bytes]:
    voice, pace = SPEAKERS[language]
    program = [sys.executable, str(_PROGRAM), voice, str(pace), *options]
    done = subprocess.run(program, input=words.encode(), capture_output=True, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UserError(f"espeak-ng could not speak the text: {reason or 'no reason given'}")
    head, _, samples = done.stdout.partition(b"\n")
    return json.loads(head), samples
