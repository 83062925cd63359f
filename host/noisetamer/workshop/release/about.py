"""A release in words: what it is, what is in it, and what is another than in a former one."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noisetamer.proof import public_key
from noisetamer.unit.files.release_file import Release
from tamer.record import release


def lines(found: Release, size: int, by: RSAPublicKey | None = None) -> list[str]:
    """What it is. by: the root that is known to have signed it."""
    header = found.header
    firmware = [path for path in found.files if release.is_firmware(path)]
    given = [path for path in found.files if release.is_given(path)]
    told = [
        f"release {header.number} for {header.board}: firmware {header.firmware}, "
        f"{len(firmware)} files, {size / 1000:.0f} kB",
        f"manifest {found.digest}",
        _signed(found, by),
    ]
    if given:
        told.append(f"besides, once: {', '.join(path[1:] for path in given)}")
    if header.root:
        told.append("it brings the boxes a new root key: no release by the old one is taken then")
    return told


def _signed(found: Release, by: RSAPublicKey | None) -> str:
    if by is not None:
        return f"signed by the root: {public_key.fingerprint(by)}"
    return "signed (by whom: --root ROOT.pub)" if found.signature else "not signed yet"


def changes(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[str]:
    """What is new, another, or gone."""
    told = [f"+ {path[1:]}  {len(new[path])} bytes" for path in sorted(new.keys() - old.keys())]
    for path in sorted(new.keys() & old.keys()):
        if new[path] != old[path]:
            told.append(f"~ {path[1:]}  {len(old[path])} -> {len(new[path])} bytes")
    told += [f"- {path[1:]}" for path in sorted(old.keys() - new.keys())]
    return told or ["no file is another"]
