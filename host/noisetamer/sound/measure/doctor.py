"""The signal doctor over a recording or a raw capture of the I2S driver: `noisetamer doctor`."""

import argparse
import json
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.sound.measure import background
from noisetamer.sound.recording.microphone import as_microphone_words
from noisetamer.sound.recording.recording import (
    HIGHEST_RATE,
    LOWEST_RATE,
    Recording,
    channels_apart,
    read,
)
from tamer.hear.diagnosis.advice import Finding
from tamer.hear.diagnosis.diagnose import Diagnosis

# INMP441: -26 dBFS at 94 dB, 33 dB(A) of its own noise.
INMP441_FULL_SCALE, INMP441_FLOOR = 120.0, 33.0

# Frames a block: prime, so that no computed tone falls in step with it.
_BLOCK = 2399
# Of a long file, evenly spread blocks of this many seconds in all are looked at.
_LONGEST = 60
# Frames.
_SHORTEST = 4096

# Of a long file, so many spans of so many s show the background of a silent place.
_SPANS, _SPAN_S = 20, 3
# What a microphone takes to settle after its start, s.
_SETTLES = 0.5
# With these alone, the words are sound, and have a level.
_OF_SOUND = {"wrong rate", "clipping", "DC offset", "dull microphone", "noise floor"}
# 32-bit words of full scale.
_FULL_SCALE = 2.0**31


def doctor(
    path: Path,
    *,
    raw: bool | None = None,
    channels: int = 1,
    rate: int = 48_000,
    slot: int = 1,
    full_scale: float = INMP441_FULL_SCALE,
    floor: float | None = None,
    elapsed: float | None = None,
    quiet: bool = False,
    channel: int | None = None,
) -> list[Finding]:
    """What is wrong with a file, the leading finding first; empty where nothing is.

    A raw capture (`raw`, by default where the name ends in .raw) is little-endian int32 words as
    read from the driver, of `channels` and `rate` in Hz; a sound file says both itself. `slot`:
    where the microphone should be, 1 (left) or 2. full_scale: level of a full-scale sine, dB re
    20 µPa. floor: the microphone's own noise, dB(A); None: INMP441's for a raw capture, and not
    judged for a sound file. elapsed: s the capture took. quiet: the place was silent.
    channel: of a sound file, the one that is looked at, alone.
    Raises UserError where the file or an option cannot be used.
    """
    path = Path(path)
    if elapsed is not None and not 0 < elapsed < float("inf"):
        raise UserError(f"--seconds {elapsed:g}: give the time above 0 s that the capture took")
    if not np.isfinite([full_scale, 0.0 if floor is None else floor]).all():
        raise UserError("--full-scale-db and --floor-db: give levels in dB, such as 120 and 33")
    from_driver = _is_raw(path) if raw is None else raw
    of_file: list[Finding] = []
    if from_driver:
        words, bits = _raw_words(path, channels, rate), 24
        floor = INMP441_FLOOR if floor is None else floor
    else:
        heard = _sound(path, channel)
        words = _words(heard)
        rate, bits = heard[0].rate, 24 if heard[0].subtype == "PCM_24" else None
        of_file = list(_of_file(heard[min(slot, len(heard)) - 1]))
    if not 1 <= slot <= words.shape[1]:
        raise UserError(f"{path}: has no slot {slot}; choose 1 (left) or, of two channels, 2")
    if len(words) < _SHORTEST:
        raise UserError(f"{path}: holds {len(words)} samples; give at least {_SHORTEST}")
    diagnosis = Diagnosis(
        channels=words.shape[1],
        slot=slot - 1,
        rate=rate,
        full_scale=full_scale,
        floor=floor,
        bits=bits,
        from_driver=from_driver,
        window=_BLOCK,
    )
    one_in = 1 + len(words) // (_LONGEST * rate)
    for number, at in enumerate(range(0, len(words), _BLOCK)):
        block = words[at : at + _BLOCK]
        if number % one_in:
            diagnosis.skip(len(block))
        else:
            diagnosis.listen(array("i", block.tobytes()), block.size)
    found = diagnosis.findings(elapsed=elapsed)
    if "channels swapped" in {one.code for one in found}:
        of_file = [one for one in of_file if one.code != "open channel"]
    found = [*of_file, *found]
    if not quiet or floor is None or {one.code for one in found} - _OF_SOUND:
        return found
    in_silence = _background(words[:, slot - 1], rate, full_scale, floor)
    if in_silence:
        # It says more than an even hiss that the diagnosis may have found already.
        found = [one for one in found if one.code != in_silence.code] + [in_silence]
    return found


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `noisetamer doctor` takes."""
    parser.add_argument("file", type=Path, help="a sound file, or a raw I2S capture (.raw)")
    parser.add_argument(
        "--raw", action="store_true", default=None, help="FILE is raw whatever its name"
    )
    parser.add_argument("--channels", type=int, choices=(1, 2), default=1, help="of a raw file")
    parser.add_argument("--rate", type=int, default=48_000, metavar="HZ", help="of a raw file")
    parser.add_argument(
        "--slot", type=int, default=1, metavar="N", help="the microphone's: 1 left, 2 right"
    )
    parser.add_argument(
        "--channel", type=int, metavar="N", help="of a sound file: look at this one alone"
    )
    parser.add_argument(
        "--full-scale-db",
        type=float,
        default=INMP441_FULL_SCALE,
        metavar="DB",
        help="level of a full-scale sine, dB re 20 µPa (default %(default)g: INMP441)",
    )
    parser.add_argument(
        "--floor-db",
        type=float,
        metavar="DB",
        help="the microphone's own noise, dB(A) (raw: 33, INMP441; without it a sound file is "
        "not judged for noise floor and dullness)",
    )
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="time the capture took, to judge the rate"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="the place was silent: judge any noise floor"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run_command(args: argparse.Namespace) -> int:
    """Print the findings with their fixes. 0: nothing wrong, 1: something is."""
    findings = doctor(
        args.file,
        raw=args.raw,
        channels=args.channels,
        rate=args.rate,
        slot=args.slot,
        full_scale=args.full_scale_db,
        floor=args.floor_db,
        elapsed=args.seconds,
        quiet=args.quiet,
        channel=args.channel,
    )
    not_judged = _not_judged(args)
    if args.json:
        report = {
            "file": str(args.file),
            "findings": [finding._asdict() for finding in findings],
            "not_judged": not_judged,
        }
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return int(bool(findings))
    for finding in findings:
        print(f"{say(f'{finding.code}: {finding.wrong}')}\n  {say(finding.fix)}")
    if not findings:
        print(say("nothing wrong"))
    for what in not_judged:
        print(say("not judged: {what}", what=what))
    return int(bool(findings))


def _not_judged(args: argparse.Namespace) -> list[str]:
    what = []
    if args.seconds is None:
        what.append("rate (give --seconds)")
    raw = _is_raw(args.file) if args.raw is None else args.raw
    if not raw:
        what.append("low bits and right shift (give a .raw capture)")
        if args.floor_db is None:
            what.append("noise floor and dullness (give --floor-db)")
    return what


def _background(
    words: NDArray[np.int32], rate: int, full_scale: float, floor: float
) -> Finding | None:
    """What is heard above the microphone's own noise in a silent place; None where nothing is.

    words: int32[frames].
    """
    settled = words[round(_SETTLES * rate) :]
    span = min(len(settled), _SPAN_S * rate)
    if len(settled) <= _LONGEST * rate:
        starts, span = np.array([0]), len(settled)
    else:
        starts = np.linspace(0, len(settled) - span, _SPANS).astype(int)
    if span < _SETTLES * rate:
        return None
    waves = [settled[at : at + span] / _FULL_SCALE for at in starts]
    levels = full_scale + np.concatenate([background.levels(wave, rate) for wave in waves])
    level = 10 * np.log10(np.mean(10 ** (levels / 10)))
    if level <= floor + background.MOST_ABOVE_OWN_NOISE:
        return None
    like, do = background.likeness(waves[0], rate, levels)
    wrong = (
        f"The background is {level:.0f} dB(A), {level - floor:.0f} dB over the microphone's own "
        f"noise; {like}."
    )
    return Finding("noise floor", wrong, f"{do[0].upper()}{do[1:]}.")


def _is_raw(path: Path) -> bool:
    return path.suffix.lower() == ".raw"


def _raw_words(path: Path, channels: int, rate: int) -> NDArray[np.int32]:
    """int32[frames, channels], mapped, not read."""
    if path.is_dir():
        raise UserError(f"{path}: is a folder; give a file in it")
    if not path.is_file():
        raise UserError(f"{path}: there is no such file; give a raw capture or a sound file")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise UserError(f"--rate {rate}: give {LOWEST_RATE} to {HIGHEST_RATE} Hz")
    if channels not in (1, 2):
        raise UserError(f"--channels {channels}: give 1 or 2")
    size = path.stat().st_size
    if size == 0:
        raise UserError(f"{path}: is empty (0 bytes); capture it again")
    if size % (4 * channels):
        raise UserError(
            f"{path}: {size} bytes are no whole frames of {4 * channels} bytes; "
            "give --channels as captured, or capture it again"
        )
    try:
        return np.memmap(path, "<i4", "r").reshape(-1, channels)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None


def _sound(path: Path, channel: int | None) -> list[Recording]:
    """The channel asked for, or both."""
    first = read(path, channel or 1)
    if channel is not None or len(first.channel_levels) == 1:
        return [first]
    if (count := len(first.channel_levels)) > 2:
        raise UserError(
            f"{path}: has {count} channels; give a file of 1 or 2, or choose one with --channel"
        )
    return [first, read(path, 2)]


def _words(heard: list[Recording]) -> NDArray[np.int32]:
    """int32[frames, 1 or 2]."""
    length = min(len(each.samples) for each in heard)
    return np.stack([as_microphone_words(each.samples[:length])[0] for each in heard], axis=1)


def _of_file(recording: Recording) -> Iterator[Finding]:
    """What the meter notes of the same file."""
    if recording.unfinished:
        yield Finding(
            "unfinished file",
            f"As a file it {recording.unfinished}.",
            "Keep it as it is, and look at the recorder's power and its memory card.",
        )
    if louder := channels_apart(recording.channel_levels, recording.channel):
        other, apart = louder
        softer = f"{apart:.0f} dB softer than" if np.isfinite(apart) else "silent beside"
        yield Finding(
            "open channel",
            f"Channel {recording.channel} is {softer} channel {other}: an open or dead input.",
            f"Measure channel {other} (--channel {other}), and look at the recorder's inputs.",
        )
    whole = (0.0, len(recording.samples) / recording.rate)
    if recording.zeros and recording.zeros[0] != whole:
        begin, end = recording.zeros[0]
        more = len(recording.zeros) - 1
        yield Finding(
            "exact zeros",
            f"Holds exact zeros from {begin:.3f} to {end:.3f} s"
            + (f", and {more} times more." if more else "."),
            "No microphone delivers them: the recorder lost power or data; measure the rest "
            "(--from, --to).",
        )
