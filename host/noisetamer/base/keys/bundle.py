"""The secrets bundle: units and their secrets on the way from a ledger to a hub.

Sealed with a passphrase (scrypt, AES-256-GCM): it may go by mail or on a stick; send the
passphrase through another channel.
"""

import base64
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.base.keys.vault import UnitSecrets

SHORTEST_PASSPHRASE = 10

_KIND, _VERSION = "noisetamer hand-over", 2
# RFC 7914's interactive cost doubled twice: a guess takes 64 MiB.
_COST, _BLOCK, _PARALLEL = 1 << 16, 8, 1
_SALT_BYTES, _NONCE_BYTES = 16, 12


@dataclass(frozen=True)
class BundledUnit:
    """One unit, as the hub needs it. replaces: the serial whose secrets end with this;
    first_link: in hex, with which its chain begins; newer_chain: keys of its chain that it was
    given since its first, in their order.
    """

    serial: str
    square: str
    claim: str
    replaces: str | None
    secrets: UnitSecrets = field(repr=False)
    first_link: str = ""
    newer_chain: tuple[str, ...] = field(default=(), repr=False)


def write(file: Path, units: list[BundledUnit], passphrase: str) -> None:
    """Raises UserError for a passphrase that is too short, or when the disk does not take it."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UserError(
            f"The passphrase is too short: take at least {SHORTEST_PASSPHRASE} characters."
        )
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    plain = json.dumps([asdict(unit) for unit in units], ensure_ascii=False).encode()
    sealed = AESGCM(_derived(passphrase, salt)).encrypt(nonce, plain, _KIND.encode())
    body = {
        "kind": _KIND,
        "version": _VERSION,
        "salt": _text(salt),
        "nonce": _text(nonce),
        "sealed": _text(sealed),
    }
    try:
        file.write_text(json.dumps(body, indent=1) + "\n", encoding="ascii")
    except OSError as error:
        raise UserError(
            f"{file} cannot be written ({error.strerror or error}): choose another place."
        ) from None


def read(file: Path, passphrase: Callable[[], str]) -> list[BundledUnit]:
    """passphrase: asked for only where the file is one that it may open.

    Raises UserError for another file, another version or another passphrase.
    """
    salt, nonce, sealed = _sealed(file)
    try:
        plain = AESGCM(_derived(passphrase(), salt)).decrypt(nonce, sealed, _KIND.encode())
    except InvalidTag:
        raise UserError(
            f"{file} does not open: the passphrase is another one, or the file has been changed."
        ) from None
    except ValueError:
        raise _no_bundle(file) from None
    try:
        return [_unit(table) for table in json_text.loads(plain)]
    except (ValueError, KeyError, TypeError):
        raise _no_bundle(file) from None


def _sealed(file: Path) -> list[bytes]:
    """Salt, nonce and what is sealed."""
    try:
        body: dict[str, Any] = json_text.loads(file.read_bytes())
        if body["kind"] != _KIND:
            raise ValueError
        if body["version"] > _VERSION:
            raise UserError(f"{file} was written by a newer Noise Tamer: use the newer one here.")
        return [_bytes(body[name]) for name in ("salt", "nonce", "sealed")]
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None
    except (ValueError, KeyError, TypeError):
        raise _no_bundle(file) from None


def _no_bundle(file: Path) -> UserError:
    return UserError(f"{file} is no hand-over file: make one with 'noisetamer ledger hand-over'.")


def _unit(table: dict[str, Any]) -> BundledUnit:
    secrets = UnitSecrets(**table["secrets"])
    newer = table.get("newer_chain", [])
    if not isinstance(newer, list):
        raise TypeError
    unit = BundledUnit(**{**table, "secrets": secrets, "newer_chain": tuple(newer)})
    texts = [
        unit.first_link,
        *unit.newer_chain,
        unit.serial,
        unit.square,
        unit.claim,
        unit.replaces or "",
        *asdict(unit.secrets).values(),
    ]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return unit


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt, 32, _COST, _BLOCK, _PARALLEL).derive(passphrase.encode())


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
