"""Small releases, signed and stamped by keys that are made once."""

import time
from functools import cache
from pathlib import Path

from noisetamer.proof import public_key, rsa
from noisetamer.unit.files import release_file, release_stamp
from noisetamer.unit.files.release_stamp import Stamp
from tamer.record import release
from tamer.record.release import Header

FILES = {"/tamer/__init__.mpy": b"M\6" + bytes(900), "/board.py": b"BOARD = 1\n"}


@cache
def key(name: str) -> rsa.Key:
    """One of a name: "root", "stamp", another."""
    return rsa.Key.new(2048)


def root_file(folder: Path, name: str = "root") -> Path:
    """root.pub, in a hub's folder."""
    file = folder / f"{name}.pub"
    file.write_bytes(public_key.pem(key(name).public))
    return file


def unsigned(number: int = 2, board: str = "esp32_c3") -> bytes:
    header = Header(number, "0.2.0", board, 12038, rsa.modulus(key("stamp").public), None)
    return release_file.packed(release_file.manifest(header, FILES), FILES)


def signed(number: int = 2, board: str = "esp32_c3", by: str = "root") -> bytes:
    found = release_file.unpacked(unsigned(number, board))
    signature = key(by).sign(found.manifest)
    return release_file.packed(found.manifest, found.files, signature)


def stamped(
    file: Path,
    whole: bytes,
    until: float | None = None,
    by: str = "stamp",
    of: bytes | None = None,
) -> Path:
    """The release at `file`, its stamp beside it. of: what the stamp is of, else the release."""
    file.write_bytes(whole)
    found = release_file.unpacked(of or whole)
    end = int(time.time() + 7 * 86_400 if until is None else until)
    text = release.stamp_text(found.header.number, found.digest, end)
    stamp = Stamp(found.header.number, found.digest, end, key(by).sign(text))
    release_stamp.beside(file).write_bytes(stamp.text())
    return file
