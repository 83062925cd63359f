"""A WAV file of the user's as a loop: any rate, any number of channels (the mean of all)."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.square.levels import RATE

LONGEST_S = 300  # keeps the loop of one source below 60 MB
_EDGE_S = 0.01
_SEAM_S = 0.25


def recording(path: Path) -> NDArray[np.float64]:
    """The file at 48 kHz, cut to whole seconds with a crossfade at the seam; under 1 s is padded.

    Raises ValueError with the end of a sentence that begins with the file's name.
    """
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else _refuse_missing(path)


def _refuse_missing(path: Path) -> NDArray[np.float64]:
    raise ValueError(f"does not exist (looked in {path.parent}); check the name")


@lru_cache(maxsize=16)
def _read(path: Path, modified_ns: int) -> NDArray[np.float64]:
    # Slow to load: not for a square without recordings.
    import soxr

    from noisetamer.sound.recording.blocks import opened

    parts, count = [], 0
    try:
        with opened(path) as file:
            rate = file.rate
            for block in file.blocks():
                count += len(block)
                if count <= LONGEST_S * rate:
                    parts.append(block.mean(axis=1, dtype=np.float64))
    except UserError as why:
        raise ValueError("cannot be read as a sound file; save it as WAV again") from why
    seconds = count / rate
    if seconds > LONGEST_S:
        raise ValueError(
            f"lasts {seconds:.0f} s; cut it to {LONGEST_S} s or shorter, it repeats anyway"
        )
    if seconds < 0.1:
        raise ValueError(f"lasts {seconds:.2f} s; give at least 0.1 s")
    samples = np.concatenate(parts)
    if not np.isfinite(samples).all() or not samples.any():
        raise ValueError("holds only silence or invalid numbers; record it again")
    return _seamless(soxr.resample(samples, rate, RATE, "VHQ"))


def _seamless(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = max(len(samples) // RATE, 1) * RATE
    over = min(len(samples) - whole, round(_SEAM_S * RATE))
    if over > _EDGE_S * RATE:
        fade = np.linspace(0, 1, over)
        loop = samples[:whole].copy()
        loop[:over] = np.sqrt(fade) * loop[:over] + np.sqrt(1 - fade) * samples[whole:][:over]
        return loop
    loop = samples[:whole].copy()
    edge = round(_EDGE_S * RATE)
    loop[:edge] *= np.linspace(0, 1, edge)
    loop[-edge:] *= np.linspace(1, 0, edge)
    return np.pad(loop, (0, whole - len(loop)))
