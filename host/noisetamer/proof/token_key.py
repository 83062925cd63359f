"""Private keys in a PKCS#11 token, of which no file has a copy: Ed25519 (CKM_EDDSA) for a log, RSA
(CKM_SHA256_RSA_PKCS) for the root.

A key is named by its URI (RFC 7512):

    pkcs11:token=LABEL;object=LABEL?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:PIN

`pin-source` is a file that only its owner may read; a PIN within the URI is refused, since
everybody on the computer can read a command line.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from noisetamer.base.errors import UserError
from noisetamer.proof import rsa

if TYPE_CHECKING:
    from pkcs11.types import Session

T = TypeVar("T")

SCHEME = "pkcs11:"
_PATH = {"token", "serial", "object", "id"}
_QUERY = {"module-path", "pin-source"}
# id-Ed25519 (RFC 8410), as PKCS#11's CKA_EC_PARAMS has it
_ED25519 = bytes.fromhex("06032b6570")


class TokenError(UserError):
    """A token that is away, or does not do what it should."""


@dataclass(frozen=True)
class Place:
    """Where a key is. module: the token's library; pin_file: None asks for no PIN."""

    uri: str
    module: Path
    pin_file: Path | None
    token: str = ""
    serial: str = ""
    object: str = ""
    id: bytes = b""


def is_uri(text: str) -> bool:
    """Whether it names a key in a token, and no file."""
    return text.startswith(SCHEME)


def parsed(uri: str) -> Place:
    """Raises UserError."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    where = _attributes(path, ";", _PATH)
    how = _attributes(query, "&", _QUERY)
    if not where.get("token") and not where.get("serial"):
        raise UserError(f"{uri}: names no token; say pkcs11:token=LABEL;object=LABEL?...")
    if not where.get("object") and not where.get("id"):
        raise UserError(f"{uri}: names no key; say object=LABEL, or id=%01, of it.")
    if not how.get("module-path"):
        raise UserError(
            f"{uri}: names no library of the token; say ?module-path=/usr/lib/.../NAME.so, and "
            "put all of it into quotes."
        )
    pin = how.get("pin-source", "")
    return Place(
        uri,
        Path(unquote(how["module-path"])),
        Path(unquote(pin.removeprefix("file://").removeprefix("file:"))) if pin else None,
        unquote(where.get("token", "")),
        unquote(where.get("serial", "")),
        unquote(where.get("object", "")),
        unquote_to_bytes(where.get("id", "")),
    )


def _attributes(text: str, between: str, known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(between)):
        name, _, value = part.partition("=")
        if name in ("pin-value", "pin"):
            raise UserError(
                "A PIN does not belong into a command line: everybody on this computer reads it. "
                "Put it into a file that only its owner may read: pin-source=file:FILE"
            )
        if name not in known or name in found:
            raise UserError(
                f"{name!r} is nothing that names a key in a token, or stands there twice; there "
                f"is {', '.join(sorted(known))}."
            )
        found[name] = value
    return found


def _pin(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        about = file.stat()
        pin = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The token's PIN cannot be read from {file} ({error}).") from None
    if about.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or about.st_uid not in (0, os.geteuid()):
        raise UserError(
            f"{file} holds a PIN and others may read it: chmod 600 {file}, and let it belong to "
            "whoever runs this."
        )
    if not pin:
        raise UserError(f"{file} holds no PIN: write it into the first line.")
    return pin


# {(library, token): the PIN that it refused}: not tried again, for the third locks the token.
_refused: dict[tuple[Path, str, str], bytes] = {}


# Tokens' libraries work in a thread of their own: they leave errors in OpenSSL's queue of their
# thread (softhsm asks for an engine that is not there), and Python's ssl takes what it finds in
# its own thread's for an error of the certificate that it reads.
_thread = ThreadPoolExecutor(1, "token")


@dataclass
class _Token:
    """One session, opened again where the token was away meanwhile; from any thread."""

    place: Place
    _session: "Session | None" = None

    def do(self, what: "Callable[[Session], T]", writing: bool = False) -> T:
        """Raises TokenError."""
        return _thread.submit(self._do, what, writing).result()

    def _do(self, what: "Callable[[Session], T]", writing: bool) -> T:
        try:
            from pkcs11 import exceptions
        except ImportError:
            raise UserError(
                "Keys in a token want python-pkcs11: pip install 'noisetamer[pkcs11]'"
            ) from None
        for last in (False, True):
            try:
                if self._session is None or writing:
                    self._session = self._open(writing)
                return what(self._session)
            except (exceptions.PKCS11Error, RuntimeError, OSError) as error:
                self._session = None
                lasting = (
                    exceptions.PinIncorrect,
                    exceptions.PinLocked,
                    exceptions.NoSuchKey,
                    exceptions.MultipleObjectsReturned,
                )
                if last or isinstance(error, lasting):
                    raise TokenError(self._sentence(error)) from None
        raise AssertionError

    def _open(self, writing: bool) -> "Session":
        import pkcs11
        from pkcs11 import exceptions

        wanted: dict[str, Any] = {}
        if self.place.token:
            wanted["token_label"] = self.place.token
        if self.place.serial:
            wanted["token_serial"] = self.place.serial.encode()
        token = pkcs11.lib(str(self.place.module)).get_token(**wanted)
        pin = _pin(self.place.pin_file)
        which = self.place.module, self.place.token, self.place.serial
        mark = hashlib.sha256((pin or "").encode()).digest()
        if _refused.get(which) == mark:
            raise exceptions.PinIncorrect
        try:
            return token.open(rw=writing, user_pin=pin)
        except exceptions.UserAlreadyLoggedIn:
            # another key of the same token, in this process
            return token.open(rw=writing)
        except exceptions.PinIncorrect:
            _refused[which] = mark
            raise

    def _sentence(self, error: Exception) -> str:
        said = {
            "NoSuchToken": "there is no such token: is it plugged in?",
            "MultipleTokensReturned": "several tokens are called so: add serial=",
            "NoSuchKey": "the token has no such key: 'noisetamer keys token' makes one",
            "MultipleObjectsReturned": "several keys are called so: add id=",
            "PinIncorrect": "the PIN is wrong, and not tried again before its file is another",
            "PinLocked": "the PIN is locked: unlock it by the token's own tool",
            "MechanismInvalid": "this token does not know such keys (Ed25519, RSA)",
            "UserNotLoggedIn": "the token wants a PIN: pin-source=file:FILE",
        }
        name = type(error).__name__
        what = said.get(name) or f"{name}{f' ({error})' if str(error) else ''}"
        return f"The key {self.place.uri.partition('?')[0]} cannot be used: {what}"


def _wanted(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if place.object:
        found["label"] = place.object
    if place.id:
        found["id"] = place.id
    return found


class Ed25519Token:
    """Signs notes: `signer.Signer`."""

    def __init__(self, uri: str, name: Callable[[bytes], str]) -> None:
        """name: of the key in notes, by its public half. Raises UserError."""
        self._token = _Token(parsed(uri))
        self.public = self._token.do(_ed25519_public(self._token.place))
        self.name = name(self.public)
        self.sign(b"noisetamer: is this the key's other half?")

    def sign(self, message: bytes) -> bytes:
        """64 bytes, good by `public`. Raises TokenError."""

        def signed(session: "Session") -> bytes:
            from pkcs11 import KeyType, Mechanism, ObjectClass

            key: Any = session.get_key(
                object_class=ObjectClass.PRIVATE_KEY,
                key_type=KeyType.EC_EDWARDS,
                **_wanted(self._token.place),
            )
            return bytes(key.sign(message, mechanism=Mechanism.EDDSA))

        signature = self._token.do(signed)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            raise TokenError(_other_half(self._token.place)) from None
        return signature


class RsaToken:
    """Signs as the root: `rsa.Signing`."""

    def __init__(self, uri: str) -> None:
        """Raises UserError."""
        self._token = _Token(parsed(uri))
        self.public: RSAPublicKey = self._token.do(_rsa_public(self._token.place))

    def sign(self, message: bytes) -> bytes:
        """As long as the modulus. Raises TokenError."""

        def signed(session: "Session") -> bytes:
            from pkcs11 import KeyType, Mechanism, ObjectClass

            key: Any = session.get_key(
                object_class=ObjectClass.PRIVATE_KEY,
                key_type=KeyType.RSA,
                **_wanted(self._token.place),
            )
            return bytes(key.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS))

        signature = self._token.do(signed)
        if not rsa.verify(self.public, message, signature):
            raise TokenError(_other_half(self._token.place))
        return signature


def make(uri: str, rsa_bits: int = 0) -> None:
    """A new pair in the token, which never leaves it; Ed25519, or RSA of so many bits.

    Raises UserError, also where a key of that name is there.
    """
    place = parsed(uri)
    if not place.object:
        raise UserError(f"{uri}: say how the key is called: object=LABEL")

    def made(session: "Session") -> bool:
        from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

        there = {Attribute.LABEL: place.object, Attribute.CLASS: ObjectClass.PRIVATE_KEY}
        if list(session.get_objects(there)):
            return False
        names: dict[str, Any] = {"label": place.object, "store": True}
        names["id"] = place.id or os.urandom(8)
        if rsa_bits:
            session.generate_keypair(KeyType.RSA, rsa_bits, **names)
            return True
        parameters: Any = session.create_domain_parameters(
            KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519}, local=True
        )
        parameters.generate_keypair(mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, **names)
        return True

    if not _Token(place).do(made, writing=True):
        raise UserError(f"The token has a key {place.object} already: choose another object=.")


def public(uri: str) -> Ed25519PublicKey:
    """The public half of an Ed25519 key. Raises UserError."""
    return Ed25519PublicKey.from_public_bytes(Ed25519Token(uri, lambda _: "").public)


def _ed25519_public(place: Place) -> "Callable[[Session], bytes]":
    def read(session: "Session") -> bytes:
        from pkcs11 import Attribute, KeyType, ObjectClass

        key = session.get_key(
            object_class=ObjectClass.PUBLIC_KEY, key_type=KeyType.EC_EDWARDS, **_wanted(place)
        )
        # A DER OCTET STRING; some tokens give the point itself.
        return bytes(key[Attribute.EC_POINT])[-32:]

    return read


def _rsa_public(place: Place) -> "Callable[[Session], RSAPublicKey]":
    def read(session: "Session") -> RSAPublicKey:
        from pkcs11 import Attribute, KeyType, ObjectClass

        key = session.get_key(
            object_class=ObjectClass.PUBLIC_KEY, key_type=KeyType.RSA, **_wanted(place)
        )
        exponent, modulus = (
            int.from_bytes(key[name]) for name in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS)
        )
        return RSAPublicNumbers(exponent, modulus).public_key()

    return read


def _other_half(place: Place) -> str:
    return (
        f"The key {place.uri.partition('?')[0]} cannot be used: what it signs is not good by the "
        "public key that is called so; two pairs may have one name: add id="
    )
