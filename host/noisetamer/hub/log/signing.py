"""The keys that this hub signs with: its log's, in a file or a token, and its witness's."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from noisetamer.hub.log import witness
from noisetamer.proof.signer import KeySigner, Signer, file_signer, log_name

LOG_KEY = "log.key"


def log_signer(data: Path, hub: str, place: str = "") -> Callable[[], Signer]:
    """Opens the log's key. hub: how it is called; place: a file, or pkcs11:...; '' is the file in
    the hub's folder, made where it is missing. What it returns raises UserError."""
    if not place:
        return lambda: file_signer(data / LOG_KEY, hub)
    # only now: most hubs have no token, and need not wait for what speaks to one
    from noisetamer.proof import token_key

    if token_key.is_uri(place):
        return lambda: token_key.Ed25519Token(place, lambda public: log_name(hub, public))
    return lambda: file_signer(Path(place), hub)


def witness_signer(data: Path, hub: str) -> Callable[[], Signer]:
    """Opens the witness's key, made where it is missing. It is another than the log's: a
    cosigner's key signs nothing else (c2sp.org/tlog-cosignature)."""

    def opened() -> KeySigner:
        signer = file_signer(data / witness.KEY, hub)
        mark = hashlib.sha256(signer.public).hexdigest()[:8]
        signer.name = f"{hub}/witness/{mark}"
        return signer

    return opened
