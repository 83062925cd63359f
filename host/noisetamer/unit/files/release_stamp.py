"""A release's time stamp as a file beside it: the text that is signed, and the signature in
base64, a line each. Without a young one no box takes the release (`tamer.record.release`)."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.errors import UserError
from tamer.record import release

SUFFIX = ".stamp"

_TEXT = re.compile(r"release ([0-9]{1,10}) ([0-9a-f]{64}) until ([0-9]{1,10})")


@dataclass(frozen=True)
class Stamp:
    """digest: of the manifest, hex; until: Unix s."""

    number: int
    digest: str
    until: int
    signature: bytes

    @property
    def signed_text(self) -> bytes:
        return release.stamp_text(self.number, self.digest, self.until)

    @property
    def signature_text(self) -> str:
        """As the order has it."""
        return base64.b64encode(self.signature).decode()

    def is_signed(self, modulus: bytes) -> bool:
        """Whether the stamp key with this modulus said so."""
        digest = hashlib.sha256(self.signed_text).digest()
        return release.is_signed(digest, self.signature, modulus)

    def text(self) -> bytes:
        """The file."""
        return b"%s\n%s\n" % (self.signed_text, self.signature_text.encode())


def beside(file: Path) -> Path:
    """Where the stamp of a release is."""
    return file.with_name(file.name + SUFFIX)


def read(file: Path) -> Stamp:
    """Raises UserError for what is none."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"{file} cannot be read ({error.strerror or error}): make it with "
            "'noisetamer update stamp'."
        ) from None
    try:
        first, second = text.decode("ascii").split("\n")[:2]
        found = _TEXT.fullmatch(first)
        if found:
            number, digest, until = found.groups()
            stamp = Stamp(int(number), digest, int(until), release.unbase64(second))
            if stamp.text() == text:
                return stamp
    except ValueError:
        pass
    raise UserError(
        f"{file} is no time stamp of a release: make it with 'noisetamer update stamp'."
    )
