"""The messages that a policy names: whether a box could say them."""

import difflib
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.policy.file import Fault, PolicyFile
from tamer.act import wav
from tamer.board import VOICE_RATE

VOICES = FIRMWARE / "voices"
"""What goes on every box that speaks: the shipped messages, and those added to them."""

# For the nightly self-check: no message for people.
_CHECK_TONE = "tone_"


def named(file: PolicyFile) -> dict[str, str]:
    """{dotted key: message} of those that the box may say. `file` has no faults."""
    policy = file.policy()
    messages = {"firm.message": policy.firm.message}
    if policy.polite.times:
        messages["polite.message"] = policy.polite.message
    for number, arm in enumerate(file.table.get("trial", {}).get("arm", ()), 1):
        for key in ("polite", "firm"):
            if key in arm:
                messages[f"trial.arm[{number}].{key}"] = arm[key]
    return messages


def unspoken(file: PolicyFile, voices: Path = VOICES) -> list[Fault]:
    """Those that no box could say that has this folder of voices. `file` has no faults."""
    longest = file.policy().speaking.longest_message
    faults = []
    for key, message in named(file).items():
        if reason := _wrong(voices, message, longest):
            faults.append(Fault(file.path, file.line(key), key, reason))
    return sorted(faults, key=lambda fault: fault.line)


def must_be_there(file: PolicyFile) -> None:
    """Raises UserError with the first that no box could say."""
    for fault in unspoken(file):
        raise UserError(str(fault))


def _wrong(voices: Path, message: str, longest: int) -> str:
    """As the firmware's `rehearse` finds it at start; "" if it can be said."""
    path = voices / f"{message}.wav"
    again = "make it again (noisetamer voice add)"
    try:
        with path.open("rb") as file:
            seconds = wav.seconds(file, VOICE_RATE)
    except FileNotFoundError:
        return _missing(voices, message)
    except OSError as error:
        return f"{path} cannot be read ({error.strerror or error}): {again}"
    except ValueError as error:
        return f"{path} is no message ({error}): {again}"
    if seconds > longest:
        return (
            f"{message} takes {seconds:.1f} s, speaking.longest_message is {longest} s: name a "
            "shorter one, or allow more"
        )
    return ""


def _missing(voices: Path, message: str) -> str:
    names = sorted(path.stem for path in voices.glob("*.wav"))
    there = [name for name in names if not name.startswith(_CHECK_TONE)]
    close = difflib.get_close_matches(message, there, 1)
    meant = f"did you mean {close[0]}? There is" if close else "there is"
    return (
        f"there is no message {message} in {voices}; {meant}: {', '.join(there) or 'none'}; name "
        f"one of them, or make {message} (noisetamer voice say or voice add)"
    )
