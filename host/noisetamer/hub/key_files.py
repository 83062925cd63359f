"""The root and the key list, as this hub holds to them: root.pub and keys.list in its folder."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noisetamer.base.errors import UserError
from noisetamer.base.whole_file import write_whole
from noisetamer.proof import key_list, public_key, root, rsa
from noisetamer.proof.key_list import KeyList


def root_of(data: Path) -> RSAPublicKey | None:
    """None before one was installed. Raises UserError for a file that is spoilt."""
    file = data / root.PUBLIC
    return rsa.read_public(file) if file.exists() else None


def keys_of(data: Path) -> KeyList | None:
    """The list that counts; None before one was installed. Raises UserError for a file that is
    spoilt, or is not signed by the root."""
    by = root_of(data)
    if by is None or not (data / key_list.FILE).exists():
        return None
    return key_list.verified(data / key_list.FILE, by)


def check(data: Path, file: Path, root_file: Path, replacing: str = "") -> KeyList:
    """The list in `file`, where it may stand in the place of the one that counts.

    root_file: root.pub; replacing: the fingerprint of a new root, where the old one was lost or
    stolen. Raises UserError.
    """
    by = rsa.read_public(root_file)
    new = key_list.verified(file, by)
    here = root_of(data)
    if here is not None and here != by:
        mark = public_key.fingerprint(by)
        if mark.replace(" ", "") != replacing.replace(" ", "").lower():
            raise UserError(
                f"{root_file} is another root than the one this hub holds to "
                f"({public_key.fingerprint(here)[:19]}...). If the root was replaced, compare "
                f"the new one's fingerprint with whoever made it and say --replace-root '{mark}'."
            )
    elif (old := keys_of(data)) is not None:
        key_list.check_successor(old, new)
    return new


def install(data: Path, new: KeyList, root_file: Path) -> None:
    """Put there what was checked; of a root that is replaced, its files stay beside, by its
    fingerprint: what it vouched for was good by it. Raises UserError."""
    by, here = rsa.read_public(root_file), root_of(data)
    try:
        if here is not None and here != by:
            mark = public_key.fingerprint(here)[:9].replace(" ", "")
            for name in (root.PUBLIC, key_list.FILE):
                old = data / name
                if old.exists():
                    old.replace(data / f"{old.stem}-{mark}{old.suffix}")
        # the list first: a list without its root counts for nothing, and is put there again
        write_whole(data / key_list.FILE, new.text())
        write_whole(data / root.PUBLIC, public_key.pem(by))
    except OSError as error:
        raise UserError(f"{data} cannot be written ({error.strerror or error}).") from None
