"""One channel of a sound file, and what has to be known of it before its level is believed."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from noisetamer.base.errors import UserError
from noisetamer.sound.recording import plain, zeros
from noisetamer.sound.recording.plain import Kind, PlainWav, Stretch
from noisetamer.sound.recording.span import Span
from noisetamer.sound.recording.statement import Statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from noisetamer.sound.recording.blocks import OpenRecording

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000

# Zeros that are handed on at a time.
_ZEROS = 1 << 16

# dB by which another channel is louder: worth a word; and no microphone beside another.
_UNLIKE, _UNCONNECTED = 20.0, 40.0


@dataclass(frozen=True)
class Passage:
    """What is to be known of one channel of a sound file besides its samples.

    `rate`: Hz. `frames`: how many they are.
    `notes` are sentences for the user on what was chosen or found, mostly none.
    `statement` is what the file says of itself; `begins`: of the first sample, where known.
    `channel_levels`: dB re full scale of each channel, -inf where it is dead; of a file with one,
    what it is does not matter.
    `zeros`: begin and end, s, of runs of exact zeros; the last is left out of the samples where
    the file ends in it. `unfinished`: how its header does not fit what is there, else "".
    """

    rate: int
    notes: tuple[str, ...] = ()
    channel: int = 1
    subtype: str = ""
    statement: Statement = field(default_factory=Statement)
    begins: datetime | None = None
    channel_levels: tuple[float, ...] = ()
    zeros: tuple[tuple[float, float], ...] = ()
    unfinished: str = ""
    frames: int = 0


@dataclass(frozen=True)
class Recording(Passage):
    """The same with its `samples`: float32[n] re full scale (-1..1; float files may go beyond)."""

    samples: "NDArray[np.float32]" = field(kw_only=True)


class Listener(Protocol):
    """Takes the samples of one channel as they are read."""

    def begin(self, rate: int, subtype: str, width: int) -> Kind:
        """A channel begins: what is its samples' kind to be? What came before is void.

        width: bytes a sample where they may be "bare", as they lie in the file; else 0."""
        ...

    def take(self, samples: Any) -> None:
        """The next ones, kind[n], valid until it returns; "bare" a `Stretch`, and zeros bytes."""
        ...


class _Whole:
    """Keeps all."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.float32]] = []

    def begin(self, rate: int, subtype: str, width: int) -> Kind:
        self._parts = []
        return "float32"

    def take(self, samples: "NDArray") -> None:
        self._parts.append(samples.copy())

    @property
    def samples(self) -> "NDArray[np.float32]":
        import numpy as np

        return np.concatenate(self._parts) if self._parts else np.empty(0, np.float32)


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
    whole = _Whole()
    passage = stream(path, whole, channel, span, begins)
    return Recording(**vars(passage), samples=whole.samples)


def stream(
    path: Path,
    listener: Listener,
    channel: int | None = None,
    span: Span | None = None,
    begins: datetime | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Passage:
    """The same, without ever holding more than a block: `listener` takes the samples, and takes
    them anew where another channel turns out to be the one, or where a plain file is cut in what
    was just given. progress(share that is done)."""

    def hear(number: int) -> _Heard:
        how = (path, listener, number, span, begins, progress, channel)
        with suppress(EOFError):
            return _hear(*how)
        # It was cut in what was just read: what is left is heard from its begin.
        try:
            return _hear(*how)
        except EOFError:
            raise UserError(
                f"{path}: was cut twice while it was read; measure it when nothing writes it"
            ) from None

    heard = hear(channel or 1)
    chosen = channel or _sounding(heard.levels)
    if chosen != (channel or 1):
        heard = hear(chosen)
    _must_be_numbers(path, heard)
    runs, rate = heard.runs, heard.rate
    return Passage(
        rate,
        tuple(f"{path}: {note}" for note in _notes(heard, channel, chosen, runs)),
        chosen,
        heard.subtype,
        heard.statement,
        heard.begins,
        heard.levels,
        tuple((begin / rate, end / rate) for begin, end in runs),
        heard.note,
        heard.frames,
    )


def channels_apart(levels: tuple[float, ...], channel: int) -> tuple[int, float] | None:
    """(another channel, dB by which it is louder) where nothing is connected to this one."""
    loudest = _loudest(levels)
    apart = levels[loudest] - levels[channel - 1] if levels[loudest] > -math.inf else 0.0
    return (loudest + 1, apart) if apart >= _UNCONNECTED else None


def _loudest(levels: tuple[float, ...]) -> int:
    """Counted from 0; the first whose samples are no numbers, which is refused later."""
    return max(range(len(levels)), key=lambda i: (math.isnan(levels[i]), levels[i]))


@dataclass
class _Heard:
    rate: int
    subtype: str
    statement: Statement
    begins: datetime | None
    levels: tuple[float, ...]
    note: str
    missing: float  # s that were asked for and are not there
    runs: list[tuple[int, int]]
    length: int  # samples that were read
    odd: int
    first_odd: int

    @property
    def frames(self) -> int:
        """Samples without the zeros at their end."""
        return self.runs[-1][0] if _ends_in_zeros(self.runs, self.length) else self.length


def _hear(
    path: Path,
    listener: Listener,
    channel: int,
    span: Span | None,
    begins: datetime | None,
    progress: Callable[[float], None],
    must_be: int | None,
) -> _Heard:
    """Raises EOFError where it is cut before the end of what was just given."""
    with _opened(path) as sound:
        _must_be_measurable(sound, must_be)
        rate, own = sound.rate, begins or sound.statement.begins
        first, end = (span or Span()).frames(own, rate)
        kind = listener.begin(rate, sound.subtype, sound.width)
        runs, count = zeros.Runs(rate), 0
        expected = max(1, (sound.frames if end is None else end) - first)
        for samples in _parts(sound, channel, first, end, kind):
            if not sound.odd:
                _give(listener, samples, runs, kind, sound.width)
            count += len(samples)
            progress(min(1.0, count / expected))
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
        found = runs.found()
        if not _ends_in_zeros(found, count):
            _give_zeros(listener, runs.open, kind, sound.width)
        own = own + timedelta(seconds=first / rate) if own else None
        return _Heard(
            rate,
            sound.subtype,
            sound.statement,
            own,
            sound.levels,
            sound.note,
            0.0 if end is None else (end - first - count) / rate,
            found,
            count,
            sound.odd,
            sound.first_odd,
        )


@contextmanager
def _opened(path: Path) -> "Iterator[PlainWav | OpenRecording]":
    """Raises UserError, also from within, where it is no sound file that can be read."""
    with plain.opened(path) as sound:
        if sound:
            yield sound
            return
    # With libsndfile, for which plain files need not wait.
    from noisetamer.sound.recording import blocks

    with blocks.opened(path) as sound:
        yield sound


def _parts(
    sound: "PlainWav | OpenRecording", channel: int, first: int, end: int | None, kind: Kind
) -> "Iterator[NDArray | Stretch]":
    """kind[n] of frames `first` to `end`."""
    if not isinstance(sound, PlainWav):
        yield from sound.channel(channel, first, end, kind)
    elif kind == "bare":
        yield from sound.stretches(first, end)
    else:
        # Plain, and wanted as numbers all the same.
        from noisetamer.sound.recording import blocks

        with blocks.opened(sound.path) as unpacked:
            yield from unpacked.channel(channel, first, end, kind)
            sound.note = unpacked.note


def _give(
    listener: Listener,
    samples: "NDArray | Stretch",
    runs: zeros.Runs,
    kind: Kind,
    width: int,
) -> None:
    """All but the zeros at the end, which may be a place that was never written."""
    before = runs.open
    runs.add(samples)
    if runs.open < before + len(samples):
        _give_zeros(listener, before, kind, width)
        listener.take(samples[: len(samples) - runs.open])


def _give_zeros(listener: Listener, count: int, kind: Kind, width: int) -> None:
    for at in range(0, count, _ZEROS):
        part = min(_ZEROS, count - at)
        if kind == "bare":
            listener.take(bytes(width * part))
            continue
        import numpy as np

        listener.take(np.zeros(part, kind))


def _ends_in_zeros(runs: list[tuple[int, int]], length: int) -> bool:
    return bool(runs) and runs[-1][1] == length and runs[-1][0] > 0


def _sounding(levels: tuple[float, ...]) -> int:
    """Channel 1, or the loudest where nothing is connected to it."""
    louder = channels_apart(levels, 1)
    return louder[0] if louder else 1


def _must_be_measurable(sound: "PlainWav | OpenRecording", channel: int | None) -> None:
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


def _must_be_numbers(path: Path, heard: _Heard) -> None:
    if heard.odd:
        raise UserError(
            f"{path}: holds {heard.odd} values that are no numbers (NaN or infinite), the "
            f"first at {heard.first_odd / heard.rate:.3f} s; export it again as integers"
        )


def _notes(
    heard: _Heard, wanted: int | None, chosen: int, runs: list[tuple[int, int]]
) -> Iterator[str]:
    levels, count = heard.levels, len(heard.levels)
    if louder := channels_apart(levels, 1 if wanted is None else chosen):
        yield _of_unconnected(louder, wanted)
    elif count > 1 and wanted is None:
        yield f"has {count} channels; channel 1 is taken (--channel chooses another)"
        loudest = _loudest(levels)
        if levels[loudest] - levels[0] >= _UNLIKE:
            yield f"channel {loudest + 1} is {levels[loudest] - levels[0]:.0f} dB louder"
    if heard.note:
        yield heard.note
    if heard.missing > 0:
        yield f"ends {heard.missing:.1f} s before --to; what is there is taken"
    rate, length = heard.rate, heard.length
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
        if math.isfinite(apart)
        else f"channel {quiet} is dead, channel {other} is not"
    )
    if wanted is None:
        return f"{what}; channel {other} is taken (--channel chooses another)"
    return f"{what}; --channel {other} takes the other"
