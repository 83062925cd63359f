"""What a person wants said, typed or spoken, as a message of the box. Pure but for espeak-ng."""

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
import soundfile
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.unit.voice import adpcm, espeak
from noisetamer.unit.voice.prepare import RATE, Prepared, prepare

LONGEST_TEXT = 120
"""Characters: about what can be said in the longest message."""

LONGEST_S = 15.0
"""Of a recording, s; so long is a message at most."""

LARGEST_RECORDING = 4 * 1024 * 1024
"""Bytes: 15 s at 96 kHz and 16 bits, with room."""

RATES = 8_000, 96_000
"""Hz, of a recording."""

# The mean square of the loudest tenth of a second, dB re full scale: below it nobody spoke near
# the microphone. A phone at arm's length gives -40 and more.
_QUIETEST_DB = -50.0
_WINDOW_S = 0.1


@dataclass(frozen=True)
class Message:
    """As the box plays it. wav: IMA ADPCM; length in s; loudness in LUFS; text: what is said, ""
    where that is not known; made: by whom."""

    wav: bytes
    length: float
    loudness: float
    text: str
    made: str


def of_text(text: str, reader: str = "zh") -> Message:
    """Spoken by espeak-ng, in the language of its characters; where they tell none, as those of a
    number, in the reader's, "zh" or "en".

    Raises UserError where it is empty or too long, or what would be said is not the text.
    """
    text = " ".join(text.split())
    if not text:
        raise UserError("there is no text to say")
    if len(text) > LONGEST_TEXT:
        raise UserError(f"the text has {len(text)} characters, at most {LONGEST_TEXT} can be said")
    tells = any(one.isascii() and one.isalpha() for one in text)
    language = espeak.language_of(text)
    speech = espeak.say(text, language if tells or language == "zh" else reader)
    made = prepare(speech.samples, speech.rate, "the text")
    return _message(made, text, speech.made)


def of_recording(recording: bytes) -> Message:
    """Of a WAV, mono, as the browser records it while the button is held.

    Raises UserError where it is no such WAV, too long, clipped, silent, or no speech.
    """
    sound, rate = _read(recording)
    _must_be_near(sound, rate)
    return _message(prepare(sound, rate, "the recording"), "", "hold to talk")


@cache
def get_ready() -> None:
    """Load what the first message of a process would otherwise wait a second for."""
    t = np.arange(RATE) / RATE
    prepare(0.1 * np.sin(2 * np.pi * 1000 * t), RATE, "a tone")


def played(wav: bytes) -> bytes:
    """A message's WAV for browsers, which know no IMA ADPCM."""
    try:
        sound, rate = soundfile.read(io.BytesIO(wav), dtype="int16")
    except soundfile.LibsndfileError as error:
        raise UserError(f"the message cannot be read ({error})") from None
    out = io.BytesIO()
    soundfile.write(out, sound, rate, format="WAV", subtype="PCM_16")
    return out.getvalue()


def _message(made: Prepared, text: str, by: str) -> Message:
    return Message(adpcm.wav(made.samples, RATE), made.length, made.loudness, text, by)


def _read(recording: bytes) -> tuple[NDArray[np.float64], int]:
    if len(recording) > LARGEST_RECORDING:
        raise UserError(f"the recording is larger than {LARGEST_RECORDING} bytes")
    try:
        with soundfile.SoundFile(io.BytesIO(recording)) as file:
            rate, channels = file.samplerate, file.channels
            if channels != 1 or not RATES[0] <= rate <= RATES[1]:
                raise UserError(
                    f"the recording has {channels} channels at {rate} Hz; one channel at "
                    f"{RATES[0]} to {RATES[1]} Hz is taken"
                )
            # a little more, so that what is too long is said to be
            sound = np.asarray(file.read(int((LONGEST_S + 1) * rate)), np.float64)
    except soundfile.LibsndfileError:
        raise UserError("the recording is no sound file") from None
    if not np.isfinite(sound).all():
        raise UserError("the recording holds values that are no numbers")
    return sound, rate


def _must_be_near(sound: NDArray[np.float64], rate: int) -> None:
    window = round(_WINDOW_S * rate)
    whole = len(sound) // window * window
    if not whole:
        raise UserError("the recording is too short; hold the button while you speak")
    powers = np.square(sound[:whole]).reshape(-1, window).mean(axis=1)
    loudest = 10 * np.log10(powers.max() + 1e-20)
    if loudest < _QUIETEST_DB:
        raise UserError(
            f"the recording is as good as silent ({loudest:.0f} dB re full scale); "
            "hold the microphone nearer, and see that it is not switched off"
        )
