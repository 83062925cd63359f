"""Why a file is refused as a recording, in one sentence with what to do."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from noisetamer.base.errors import UserError


def must_be_a_file(path: Path) -> None:
    """Raises UserError where it is missing, empty or something else."""
    with reading(path):
        if path.is_dir():
            raise UserError(f"{path}: is a folder; give a sound file in it")
        if path.is_symlink() and not path.exists():
            raise UserError(f"{path}: is a link to a file that is gone; give the file")
        if not path.exists():
            raise UserError(f"{path}: there is no such file; check its name")
        if not path.is_file():
            raise UserError(f"{path}: is not a plain file; give a sound file")
        if path.stat().st_size == 0:
            raise UserError(f"{path}: is empty (0 bytes); record or copy it again")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raises UserError, naming `path`, in place of an OSError in the body."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None


def of_content(path: Path, reason: str) -> str:
    """Of a file that libsndfile does not read, for its reason."""
    head = b""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(512)
    for kind, marks in _PACKED.items():
        if any(head[at : at + len(mark)] == mark for at, mark in marks):
            return (
                f"is {kind}, which is not read here; make a WAV of it and give that: "
                f'ffmpeg -i "{path.name}" "{path.stem}.wav"'
            )
    if len(head) == 512 and not any(head):
        return (
            "begins with zeros where its header should be, as a recorder that lost power leaves "
            "it; give it one, with rate, bits and channels as you record, such as: "
            f'ffmpeg -f s24le -ar 48000 -ac 1 -i "{path.name}" "{path.stem}-mended.wav"'
        )
    return (
        f"is not a sound file that can be read ({reason}); "
        "give a WAV of 16, 24 or 32 bits or float"
    )


# Of phones and old dictation machines: what libsndfile does not know.
_PACKED = {
    "a phone's recording (M4A, MP4 or 3GP)": [(4, b"ftyp")],
    "a phone's recording (AMR)": [(0, b"#!AMR")],
    "an AAC recording": [(0, b"\xff\xf1"), (0, b"\xff\xf9")],
    "a Windows Media recording (WMA)": [(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")],
    "a Matroska or WebM recording": [(0, b"\x1a\x45\xdf\xa3")],
    "a DSD recording": [(0, b"DSD "), (0, b"FRM8")],
}
