"""The root: the one key that says which other keys count, kept where no network is."""

import os
from collections.abc import Callable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.keys.bundle import SHORTEST_PASSPHRASE
from noisetamer.base.output import writing
from noisetamer.base.private_file import write_private
from noisetamer.proof import public_key, rsa, token_key

BITS = 3072
PRIVATE, PUBLIC = "root.key", "root.pub"


def make(folder: Path, passphrase: Callable[[], str]) -> Path:
    """A new root in `folder`, sealed: root.key for nobody else, root.pub for everybody.

    passphrase: asked for only where the root can be put there. The file of the public key.
    Raises UserError where there is one already, for a passphrase that is too short, and for what
    the disk refuses.
    """
    private, public = folder / PRIVATE, folder / PUBLIC
    for file in (private, public):
        if os.path.lexists(file):
            raise UserError(
                f"{file} is there already: a root that is overwritten signs nothing any more; "
                "name another folder."
            )
    secret = passphrase()
    if len(secret) < SHORTEST_PASSPHRASE:
        raise UserError(
            f"The passphrase is too short: take at least {SHORTEST_PASSPHRASE} characters."
        )
    key = rsa.Key.new(BITS)
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(private, key.pem(secret))
        public.write_bytes(public_key.pem(key.public))
    return public


def opened(place: str | Path, passphrase: Callable[[], str]) -> rsa.Signing:
    """The root in a folder, in the file itself, or in a token (pkcs11:...). passphrase: asked for
    where it is sealed.

    Raises UserError where there is none, and for another passphrase.
    """
    if token_key.is_uri(str(place)):
        return token_key.RsaToken(str(place))
    file = Path(place)
    file = file / PRIVATE if file.is_dir() else file
    try:
        pem = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"{file} cannot be read ({error.strerror or error}): "
            "name the folder that 'noisetamer keys root' made."
        ) from None
    return rsa.opened(pem, passphrase() if rsa.is_sealed(pem) else None, file)
