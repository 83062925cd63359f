"""Listening by machine: whether a recording has the clauses and the tones of a Chinese text.

Synthesised gibberish is as loud, as long and in the same band as speech; its pitch goes other
ways. Clauses are found by their pauses, the pitch by Praat, the wanted tones by pypinyin; each
syllable is taken to last as long as the others of its clause.
"""

import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import parselmouth
import soundfile
from numpy.typing import NDArray

_STEP_S = 0.01
_PITCH_HZ = (75, 500)
# What is so far below the loudest moment is a pause, re its amplitude.
_QUIET = 0.02

# Chao's five levels at a tone's begin and end (Chao 1930).
_CONTOURS = {1: (5, 5), 2: (3, 5), 3: (2, 1.2), 4: (5, 1), 5: (2.5, 2.5)}


class Heard(NamedTuple):
    """pauses: the longest ones, s, longest first; as many as the text has between clauses.
    likeness: correlation of the pitch with the text's tones, -1 to 1."""

    pauses: list[float]
    likeness: float


def listen(file: Path, text: str) -> Heard:
    read, rate = soundfile.read(file)
    samples = np.asarray(read, np.float64)
    clauses = [clause for clause in re.split("[，,。]", text) if clause]
    pauses, spans = _spans(samples, rate, len(clauses))
    pitch = parselmouth.Sound(samples, rate).to_pitch(_STEP_S, *_PITCH_HZ)
    hertz = pitch.selected_array["frequency"]
    wanted, heard = [], []
    for (begin, end), clause in zip(spans, clauses, strict=True):
        tones = _tones(clause)
        for step in range(begin, min(end, len(hertz))):
            if hertz[step] > 0:
                at = (step - begin) / (end - begin) * len(tones)
                low, high = _CONTOURS[tones[int(at)]]
                wanted.append(low + (high - low) * (at - int(at)))
                heard.append(12 * np.log2(hertz[step]))
    return Heard(pauses, float(np.corrcoef(wanted, heard)[0, 1]))


def _spans(
    samples: NDArray[np.float64], rate: int, clauses: int
) -> tuple[list[float], list[tuple[int, int]]]:
    """The longest pauses, s, and begin and end of what is between them, in steps."""
    window = round(2 * _STEP_S * rate)
    power = np.convolve(samples**2, np.full(window, 1 / window), "same")
    loud = np.sqrt(power[:: round(_STEP_S * rate)])
    sounding = np.flatnonzero(loud > _QUIET * loud.max())
    gaps = np.diff(sounding)
    longest = np.argsort(-gaps, kind="stable")[: clauses - 1]
    edges = [-1, *sorted(longest.tolist()), len(sounding) - 1]
    spans = [(int(sounding[a + 1]), int(sounding[b]) + 1) for a, b in pairwise(edges)]
    return [float(gaps[one]) * _STEP_S for one in longest], spans


def _tones(clause: str) -> list[int]:
    # Its dictionary takes half a second, which every worker would spend to collect.
    from pypinyin import Style, pinyin

    tones = [
        int(syllable[-1])
        for (syllable,) in pinyin(clause, style=Style.TONE3, neutral_tone_with_five=True)
    ]
    # A third tone before another is spoken as a second.
    return [
        2 if tone == 3 and after == 3 else tone
        for tone, after in zip(tones, [*tones[1:], 0], strict=True)
    ]
