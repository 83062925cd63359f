"""The key list: which keys count, for what, and since when not any more; signed by the root.

    noisetamer keys/v1
    {"issued":…,"keys":[…],"number":…}
    — root <base64 signature over the two lines before, each with its newline>

The second line is canonical JSON. A list without the third line is a draft. Numbers only rise,
and no key is ever taken out: what an old one signed is verified by it for ever.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.proof import public_key, rsa

FILE, HEAD, SIGNED_BY = "keys.list", "noisetamer keys/v1", "— root "

# log: signs checkpoints; witness: cosigns those of others; release: signs firmware besides the
# root; stamp: says for how long a release is the newest; tsa: of an authority's root certificate.
ROLES = ("log", "witness", "release", "stamp", "tsa")
_LARGEST = 1 << 20


@dataclass(frozen=True)
class ListedKey:
    """One key. The key decides what it is, the name is for people.

    public: base64 of its DER; since, until, revoked: Unix s, it counts from `since` to before
    `until` and `revoked`; why: it was revoked.
    """

    name: str
    role: str
    algorithm: str
    public: str
    since: int
    until: int | None = None
    revoked: int | None = None
    why: str = ""

    @property
    def key(self) -> public_key.PublicKey:
        """To verify with."""
        return public_key.from_der(base64.b64decode(self.public))

    def counts_at(self, at: float) -> bool:
        """Whether what it signed at that time (Unix s) is its owner's word."""
        end = min(t for t in (self.until, self.revoked, float("inf")) if t is not None)
        return self.since <= at < end


@dataclass(frozen=True)
class KeyList:
    """number: rising; issued: Unix s; signature: '' of a draft."""

    number: int
    issued: int
    keys: tuple[ListedKey, ...]
    signature: bytes = b""

    def signed_text(self) -> bytes:
        """What the root signs: the first two lines."""
        keys = [{_WRITTEN.get(name, name): at for name, at in asdict(one).items()}
                for one in self.keys]  # fmt: skip
        table = {"number": self.number, "issued": self.issued, "keys": keys}
        line = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"{HEAD}\n{line}\n".encode()

    def text(self) -> bytes:
        """The file."""
        if not self.signature:
            return self.signed_text()
        mark = base64.b64encode(self.signature).decode()
        return self.signed_text() + f"{SIGNED_BY}{mark}\n".encode()

    def signed(self, root: rsa.Signing, at: int) -> "KeyList":
        """By the root, issued then (Unix s)."""
        draft = replace(self, issued=at, signature=b"")
        return replace(draft, signature=root.sign(draft.signed_text()))

    def is_signed_by(self, root: RSAPublicKey) -> bool:
        """Whether that root said all of it."""
        return rsa.verify(root, self.signed_text(), self.signature)

    def find(self, key: public_key.PublicKey, role: str) -> ListedKey | None:
        """The entry of that key in that role."""
        text = public_key.to_text(key)
        return next((one for one in self.keys if (one.public, one.role) == (text, role)), None)

    def draft(self, keys: Sequence[ListedKey]) -> "KeyList":
        """The next one: the number rises with the first change of what is signed."""
        number = self.number + 1 if self.signature else self.number
        return KeyList(number, self.issued, tuple(keys))


# A word of Python cannot be a field's name.
_WRITTEN = {"since": "from"}
_FIELDS = {_WRITTEN.get(one.name, one.name): one.name for one in fields(ListedKey)}
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("name", "role", "algorithm", "public", "why"), (str,)),
    "since": (int,),
    **dict.fromkeys(("until", "revoked"), (int, type(None))),
}


def empty() -> KeyList:
    """Before the first."""
    return KeyList(1, 0, ())


def added(
    keys: KeyList,
    name: str,
    role: str,
    key: public_key.PublicKey,
    since: int,
    until: int | None = None,
) -> KeyList:
    """A draft with one key more. Raises UserError for a name or key that is there."""
    if any(one.name == name for one in keys.keys):
        raise UserError(
            f"The list has a key named {name} already: give the new one another name; the old "
            "one stays, revoked or not."
        )
    if found := keys.find(key, role):
        raise UserError(f"This key is in the list already, as {found.name}.")
    new = ListedKey(name, role, public_key.algorithm(key), public_key.to_text(key), since, until)
    _check_key(new)
    return keys.draft((*keys.keys, new))


def revoked(keys: KeyList, name: str, at: int, why: str) -> KeyList:
    """A draft in which that key counts no more from then on (Unix s). Raises UserError."""
    found = next((one for one in keys.keys if one.name == name), None)
    if found is None:
        there = ", ".join(one.name for one in keys.keys) or "none"
        raise UserError(f"The list has no key named {name}, it has: {there}.")
    if found.revoked is not None and found.revoked <= at:
        raise UserError(f"{name} is revoked already, since an earlier time or the same.")
    new = replace(found, revoked=at, why=why)
    _check_key(new)
    return keys.draft([new if one is found else one for one in keys.keys])


def check_successor(old: KeyList, new: KeyList) -> None:
    """Raises UserError where `new` may not stand in the place of `old`: a lower number, another
    list of the same number, a key gone or another, a revocation undone."""
    if new.number < old.number:
        raise UserError(
            f"This key list has number {new.number}, the one that counts here {old.number}: an "
            "older list would bring back revoked keys; take the newest."
        )
    if new.number == old.number and new.signed_text() != old.signed_text():
        raise UserError(
            f"There are two different key lists with number {new.number}, both signed by the "
            "root: find out who signed the second; sign a further one that has all keys of both."
        )
    there = {one.name: one for one in new.keys}
    for one in old.keys:
        now = there.get(one.name)
        if now is None or replace(now, until=None, revoked=None, why="") != replace(
            one, until=None, revoked=None, why=""
        ):
            raise UserError(
                f"In this key list {one.name} is gone or another key: keys are revoked, never "
                "taken out; what they signed is verified by them."
            )
        if one.revoked is not None and (now.revoked is None or now.revoked > one.revoked):
            raise UserError(f"In this key list {one.name} is not revoked any more: it stays so.")


def parsed(text: bytes) -> KeyList:
    """A list or a draft, in its one form to the byte. Raises ValueError, with a reason."""
    lines = text.decode().split("\n") if len(text) <= _LARGEST else []
    if lines[:1] != [HEAD] or len(lines) not in (3, 4) or lines[-1]:
        raise ValueError(f"a key list is '{HEAD}', a line of JSON and the root's signature")
    table = json_text.loads(lines[1])
    if not isinstance(table, dict) or set(table) != {"number", "issued", "keys"}:
        raise ValueError("it holds other fields than number, issued and keys")
    numbers = _is_whole(table["number"], 1) and _is_whole(table["issued"], 0)
    if not (numbers and isinstance(table["keys"], list)):
        raise ValueError("its number, its time or its keys are none")
    keys = tuple(_listed(one) for one in table["keys"])
    if len({one.name for one in keys}) < len(keys):
        raise ValueError("two keys have one name")
    if len({(one.public, one.role) for one in keys}) < len(keys):
        raise ValueError("one key stands there twice")
    found = KeyList(table["number"], table["issued"], keys, _signature(lines[2]))
    if found.text() != text:
        raise ValueError("it is not written in its one form: it was edited by hand")
    return found


def read(file: Path) -> KeyList:
    """A list or a draft. Raises UserError for what is none."""
    try:
        return parsed(file.read_bytes())
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None
    except ValueError as error:
        raise UserError(f"{file} is no key list: {error}.") from None


def verified(file: Path, root: RSAPublicKey) -> KeyList:
    """One that the root signed. Raises UserError for any other."""
    found = read(file)
    if not found.signature:
        raise UserError(f"{file} is a draft: sign it with 'noisetamer keys sign {file}'.")
    if not found.is_signed_by(root):
        raise UserError(
            f"{file} is not signed by this root: it was changed, or it belongs to another root."
        )
    return found


def _listed(table: Any) -> ListedKey:
    if not isinstance(table, dict) or set(table) != set(_FIELDS):
        raise ValueError(f"a key of it has other fields than {', '.join(_FIELDS)}")
    values = {_FIELDS[name]: value for name, value in table.items()}
    # `type`: True is no 1
    wrong = [name for name, value in values.items() if type(value) not in _TYPES[name]]
    if wrong:
        raise ValueError(f"a key's {_WRITTEN.get(wrong[0], wrong[0])} is {values[wrong[0]]!r}")
    one = ListedKey(**values)
    try:
        _check_key(one)
    except UserError as error:
        raise ValueError(str(error).rstrip(".")) from None
    return one


def _check_key(one: ListedKey) -> None:
    if not one.name.strip() or not one.name.isprintable() or len(one.name) > 100:
        raise UserError("A key's name is 1 to 100 characters that can be printed.")
    if one.role not in ROLES:
        raise UserError(f"{one.name}: there is no role {one.role!r}, there is: {', '.join(ROLES)}")
    try:
        known = public_key.algorithm(one.key)
    except (ValueError, binascii.Error):
        raise UserError(f"{one.name}: its public key cannot be read.") from None
    # base64 has several texts for some bytes: the one form only
    if known != one.algorithm or public_key.to_text(one.key) != one.public:
        raise UserError(f"{one.name}: its public key is not what its algorithm says.")
    if one.role in ("log", "witness") and known != public_key.ED25519:
        raise UserError(f"{one.name}: a {one.role} key is Ed25519, this is {known}.")
    if one.role in ("release", "stamp") and known != public_key.RSA:
        raise UserError(f"{one.name}: a {one.role} key is RSA, this is {known}.")
    if one.since < 0 or (one.until is not None and one.until <= one.since):
        raise UserError(f"{one.name}: it ends before it begins.")
    if one.revoked is not None and one.revoked < 0:
        raise UserError(f"{one.name}: it is revoked at no time.")
    if (one.revoked is not None) != bool(one.why.strip()):
        raise UserError(f"{one.name}: a key that is revoked has a reason, and no other has.")


def _signature(line: str) -> bytes:
    """b'' where the third line is missing."""
    if not line:
        return b""
    if not line.startswith(SIGNED_BY):
        raise ValueError(f"its third line does not begin with '{SIGNED_BY}'")
    try:
        return base64.b64decode(line.removeprefix(SIGNED_BY), validate=True)
    except binascii.Error:
        raise ValueError("its signature is no base64") from None


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
