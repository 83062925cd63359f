"""One channel of a sound file, and what has to be known of it before its level is believed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.recording import zeros
from noisetamer.sound.recording.blocks import OpenRecording, opened
from noisetamer.sound.recording.span import Span
from noisetamer.sound.recording.statement import Statement

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000

# dB by which another channel is louder: worth a word; and no microphone beside another.
_UNLIKE, _UNCONNECTED = 20.0, 40.0


@dataclass(frozen=True)
class Recording:
    """One channel of a sound file.

    `samples`: float32[n] re full scale (-1..1; float files may go beyond). `rate`: Hz.
    `notes` are sentences for the user on what was chosen or found, mostly none.
    `statement` is what the file says of itself; `begins`: of the first sample, where known.
    `channel_levels`: dB re full scale of each channel, -inf where it is dead.
    `zeros`: begin and end, s, of runs of exact zeros; the last is left out of the samples where
    the file ends in it. `unfinished`: how its header does not fit what is there, else "".
    """

    samples: NDArray[np.float32]
    rate: int
    notes: tuple[str, ...] = ()
    channel: int = 1
    subtype: str = ""
    statement: Statement = field(default_factory=Statement)
    begins: datetime | None = None
    channel_levels: tuple[float, ...] = ()
    zeros: tuple[tuple[float, float], ...] = ()
    unfinished: str = ""


def read(
    path: Path,
    channel: int | None = None,
    span: Span | None = None,
    begins: datetime | None = None,
) -> Recording:
    """Read one channel (1-based) of any file libsndfile knows, and WAVs it does not.

    None takes the first and says so, or the loudest where the first is dead or open. span: a part
    of it; begins: of the file, where the user knows better than the file. Raises UserError where
    the file is missing, empty, broken or no sound file, where it has no such channel or no
    samples, holds values that are no numbers, or is sampled outside 8 to 192 kHz.
    """
    heard = _hear(path, channel or 1, span, begins, must_be=channel)
    chosen = channel or _sounding(heard.levels)
    if chosen != (channel or 1):
        heard = _hear(path, chosen, span, begins)
    samples, rate = heard.samples, heard.rate
    _must_be_numbers(path, samples, rate)
    runs = zeros.runs(samples, rate)
    if runs and runs[-1][1] == len(samples) and runs[-1][0] > 0:
        samples = samples[: runs[-1][0]]
    return Recording(
        samples,
        rate,
        tuple(f"{path}: {note}" for note in _notes(heard, channel, chosen, runs)),
        chosen,
        heard.subtype,
        heard.statement,
        heard.begins,
        heard.levels,
        tuple((begin / rate, end / rate) for begin, end in runs),
        heard.note,
    )


def channels_apart(levels: tuple[float, ...], channel: int) -> tuple[int, float] | None:
    """(another channel, dB by which it is louder) where nothing is connected to this one."""
    loudest = int(np.argmax(levels))
    apart = levels[loudest] - levels[channel - 1] if levels[loudest] > -np.inf else 0.0
    return (loudest + 1, apart) if apart >= _UNCONNECTED else None


@dataclass(frozen=True)
class _Heard:
    samples: NDArray[np.float32]
    rate: int
    subtype: str
    statement: Statement
    begins: datetime | None
    levels: tuple[float, ...]
    note: str
    missing: float  # s that were asked for and are not there


def _hear(
    path: Path,
    channel: int,
    span: Span | None,
    begins: datetime | None,
    must_be: int | None = None,
) -> _Heard:
    with opened(path) as sound:
        _must_be_measurable(sound, must_be)
        rate, own = sound.rate, begins or sound.statement.begins
        first, end = (span or Span()).frames(own, rate)
        parts, count = [], 0
        sums = np.zeros((2, sound.channels))
        for block in sound.blocks(first, end):
            parts.append(block[:, channel - 1].copy())
            count += len(block)
            sums += block.sum(axis=0, dtype=float), np.square(block, dtype=float).sum(axis=0)
        if not count and first:
            since = f"; it begins at {own:%H:%M:%S}" if own else ""
            raise UserError(
                f"{path}: ends before {first / rate:g} s after its begin{since}; "
                "choose an earlier --from"
            )
        if not count:
            raise UserError(
                f"{path}: holds no samples, only a header; copy it from the recorder again"
            )
        own = own + timedelta(seconds=first / rate) if own else None
        return _Heard(
            np.concatenate(parts),
            rate,
            sound.subtype,
            sound.statement,
            own,
            _levels(sums / count),
            sound.note,
            0.0 if end is None else (end - first - count) / rate,
        )


def _levels(means: NDArray[np.float64]) -> tuple[float, ...]:
    """dB of what changes, from mean and mean square of each channel."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = means[1] - np.square(means[0])
        # What float32 leaves of a constant is no sound.
        sounds = variance > 1e-12 * means[1]
        return tuple(np.where(sounds, 10 * np.log10(np.abs(variance)), -np.inf).tolist())


def _sounding(levels: tuple[float, ...]) -> int:
    """Channel 1, or the loudest where nothing is connected to it."""
    louder = channels_apart(levels, 1)
    return louder[0] if louder else 1


def _must_be_measurable(sound: OpenRecording, channel: int | None) -> None:
    if not LOWEST_RATE <= sound.rate <= HIGHEST_RATE:
        raise UserError(
            f"{sound.path}: is sampled at {sound.rate} Hz; the meter takes {LOWEST_RATE} to "
            f"{HIGHEST_RATE} Hz; bring it to 48000: "
            f'ffmpeg -i "{sound.path.name}" -ar 48000 "{sound.path.stem}-48k.wav"'
        )
    if channel is not None and not 1 <= channel <= sound.channels:
        has = "1 channel" if sound.channels == 1 else f"{sound.channels} channels"
        choose = "choose 1" if sound.channels == 1 else f"choose 1 to {sound.channels}"
        raise UserError(f"{sound.path}: has {has}, so there is no channel {channel}; {choose}")


def _must_be_numbers(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    odd = np.flatnonzero(~np.isfinite(samples))
    if len(odd):
        raise UserError(
            f"{path}: holds {len(odd)} values that are no numbers (NaN or infinite), the first "
            f"at {odd[0] / rate:.3f} s; export it again as integers"
        )


def _notes(
    heard: _Heard, wanted: int | None, chosen: int, runs: list[tuple[int, int]]
) -> Iterator[str]:
    levels, count = heard.levels, len(heard.levels)
    if louder := channels_apart(levels, 1 if wanted is None else chosen):
        yield _of_unconnected(louder, wanted)
    elif count > 1 and wanted is None:
        yield f"has {count} channels; channel 1 is taken (--channel chooses another)"
        loudest = int(np.argmax(levels))
        if levels[loudest] - levels[0] >= _UNLIKE:
            yield f"channel {loudest + 1} is {levels[loudest] - levels[0]:.0f} dB louder"
    if heard.note:
        yield heard.note
    if heard.missing > 0:
        yield f"ends {heard.missing:.1f} s before --to; what is there is taken"
    rate, length = heard.rate, len(heard.samples)
    if runs == [(0, length)]:
        yield "holds nothing but exact zeros, which no microphone delivers"
        return
    if runs and runs[-1][1] == length:
        yield (
            f"ends in {(length - runs[-1][0]) / rate:.3f} s of exact zeros, as a place set aside "
            "and never written; they are left out"
        )
        runs = runs[:-1]
    if runs:
        yield (
            f"holds exact zeros at {zeros.told(runs, rate)}, as a dropout leaves them; they count "
            "as silence (--from and --to leave them out)"
        )


def _of_unconnected(louder: tuple[int, float], wanted: int | None) -> str:
    other, apart = louder
    quiet = wanted or 1
    what = (
        f"channel {other} is {apart:.0f} dB louder than channel {quiet}, which is an open or dead "
        "input"
        if np.isfinite(apart)
        else f"channel {quiet} is dead, channel {other} is not"
    )
    if wanted is None:
        return f"{what}; channel {other} is taken (--channel chooses another)"
    return f"{what}; --channel {other} takes the other"
