"""A sound file as the microphone would have delivered it: 48 kHz, 24 bits left-aligned in 32."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from noisetamer.base.errors import UserError

METER_RATE = 48_000
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000

_FULL_SCALE = 1 << 23


@dataclass(frozen=True)
class Recording:
    """One channel of a sound file.

    `samples`: float32[n] re full scale (-1..1; float files may go beyond). `rate`: Hz.
    `notes` are sentences for the user on what was chosen or found, mostly none.
    """

    samples: NDArray[np.float32]
    rate: int
    notes: tuple[str, ...] = ()


def read(path: Path, channel: int | None = None) -> Recording:
    """Read one channel (1-based; None takes the first and says so) of any file libsndfile knows.

    Raises UserError where the file is missing, empty, broken or no sound file, where it has no
    such channel or no samples, holds values that are no numbers, or is sampled outside 8 to
    192 kHz.
    """
    _must_be_a_file(path)
    try:
        # By descriptor, not by name: libsndfile then goes by the content, not the suffix.
        with (
            path.open("rb") as file,
            soundfile.SoundFile(file.fileno(), closefd=False) as sound,
        ):
            rate, channels, log = sound.samplerate, sound.channels, sound.extra_info
            _must_be_measurable(path, rate, channels, channel)
            samples = sound.read(dtype="float32", always_2d=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
    except soundfile.LibsndfileError as error:
        raise UserError(
            f"{path}: is not a sound file that can be read ({error.error_string.rstrip('.')}); "
            "give a WAV of 16, 24 or 32 bits or float"
        ) from None
    if not len(samples):
        raise UserError(f"{path}: holds no samples, only a header; record it again")
    chosen = samples[:, (channel or 1) - 1].astype(np.float32)
    _must_be_numbers(path, chosen, rate)
    return Recording(chosen, rate, tuple(_notes(path, channels, channel, log)))


def at_48k(recording: Recording) -> NDArray[np.float32]:
    """float32[n] at 48 kHz, by soxr's "very high quality" (pass band to 0.9 of Nyquist)."""
    if recording.rate == METER_RATE:
        return recording.samples
    return soxr.resample(recording.samples, recording.rate, METER_RATE, quality="VHQ")


def as_microphone_words(samples: NDArray[np.floating]) -> tuple[NDArray[np.int32], int]:
    """Return (words, saturated): int32[n] with 24 bits left-aligned, as I2S delivers them.

    `samples` are re full scale: a sine that reaches 1.0 is a full-scale sine, whose level the
    user states (`--full-scale-db`, dB re 20 µPa). Rounded to the nearest step; what does
    not fit saturates, and `saturated` says how many samples that were.
    """
    steps = np.rint(np.asarray(samples, np.float64) * _FULL_SCALE)
    # +1.0 itself loses one step of 2**23 and is no overload.
    saturated = int(np.count_nonzero(np.abs(steps) > _FULL_SCALE))
    words = np.clip(steps, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int32)
    return words << np.int32(8), saturated


def _must_be_a_file(path: Path) -> None:
    if path.is_dir():
        raise UserError(f"{path}: is a folder; give a sound file in it")
    if not path.exists():
        raise UserError(f"{path}: there is no such file; check its name")
    if not path.is_file():
        raise UserError(f"{path}: is not a plain file; give a sound file")
    if path.stat().st_size == 0:
        raise UserError(f"{path}: is empty (0 bytes); record or copy it again")


def _must_be_measurable(path: Path, rate: int, channels: int, channel: int | None) -> None:
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise UserError(
            f"{path}: is sampled at {rate} Hz; the meter takes {LOWEST_RATE} to {HIGHEST_RATE} Hz"
        )
    if channel is not None and not 1 <= channel <= channels:
        has = "1 channel" if channels == 1 else f"{channels} channels"
        choose = "choose 1" if channels == 1 else f"choose 1 to {channels}"
        raise UserError(f"{path}: has {has}, so there is no channel {channel}; {choose}")


def _must_be_numbers(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    odd = np.flatnonzero(~np.isfinite(samples))
    if len(odd):
        raise UserError(
            f"{path}: holds {len(odd)} values that are no numbers (NaN or infinite), the first "
            f"at {odd[0] / rate:.3f} s; export it again as integers"
        )


def _notes(path: Path, channels: int, channel: int | None, log: str):
    if channels > 1 and channel is None:
        yield f"{path}: has {channels} channels; channel 1 is measured (--channel chooses another)"
    if "data : " in log and "should be" in log.split("data : ", 1)[1].split("\n", 1)[0]:
        yield f"{path}: is shorter than its header says; what is there is measured"
