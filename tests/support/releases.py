"""Releases as an operator makes them, for a box on the stand."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from stand import BOARD

from noisetamer.base.paths import FIRMWARE
from noisetamer.proof import rsa
from noisetamer.unit.files import release_file
from noisetamer.unit.files.compiled import compiled, of_unix_port
from tamer.record import release
from tamer.record.release import Header

# sys.implementation._mpy of the unix port, & MPY_BITS.
MPY = 2822
_A_DAY = 86400


@cache
def key(name: str) -> rsa.Key:
    """The same for a name, as long as this process lives."""
    return rsa.Key.new(2048 if name.startswith("stamp") else 3072)


def modulus(name: str) -> bytes:
    """Of the `key` of that name."""
    return rsa.modulus(key(name).public)


def root_key(name: str = "root") -> dict[str, bytes]:
    """The file of a box that takes releases."""
    return {"root.key": release.modulus_text(modulus(name)).encode() + b"\n"}


class Made(NamedTuple):
    """whole: the file. told: of the order `update`, what it says of it."""

    whole: bytes
    told: dict[str, Any]


def files_of(content: Path) -> dict[str, bytes]:
    """What a release has of the folder that a stand has laid out."""
    files = {"/" + p.relative_to(content).as_posix(): p for p in content.rglob("*") if p.is_file()}
    return {path: file.read_bytes() for path, file in files.items() if release.is_firmware(path)}


def changed(path: str, **replaced: str) -> bytes:
    """A module of the firmware, other words in it: `old=new`, or `end=...` after all of it."""
    source = (FIRMWARE / path).read_text()
    for old, new in replaced.items():
        if old == "end":
            source += new
        else:
            assert old in source
            source = source.replace(old, new)
    code = compiled(source.encode(), path, of_unix_port())
    assert code is not None
    return code


def version(text: str) -> dict[str, bytes]:
    """The file that says which firmware it is."""
    return {
        "/tamer/__init__.mpy": changed(
            "tamer/__init__.py", **{'VERSION = "0.1.0"': f'VERSION = "{text}"'}
        )
    }


def made(
    files: Mapping[str, bytes],
    now: int,
    number: int = 7,
    *,
    firmware: str = "0.2.0",
    board: str = BOARD,
    mpy: int = MPY,
    root: str = "root",
    stamp: str = "stamp",
    stamped_by: str | None = None,
    fresh: int = _A_DAY,
    new_root: str | None = None,
) -> Made:
    """Of these files. fresh: s from `now` on that its stamp holds. root, stamp: names of keys."""
    header = Header(
        number, firmware, board, mpy, modulus(stamp), modulus(new_root) if new_root else None
    )
    text = release_file.manifest(header, files)
    whole = release_file.packed(text, files, key(root).sign(text))
    return Made(whole, told(number, text, now + fresh, stamped_by or stamp))


def told(number: int, manifest: bytes, until: int, stamp: str) -> dict[str, Any]:
    digest = hashlib.sha256(manifest).hexdigest()
    signature = key(stamp).sign(release.stamp_text(number, digest, until))
    return {
        "release": number,
        "manifest": digest,
        "fresh": until,
        "stamp": base64.b64encode(signature).decode(),
    }
