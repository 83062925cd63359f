"""The key list: which keys count, for what, and since when not any more; signed by the root.

    noisetamer keys/v1
    {"issued":…,"keys":[…],"number":…}
    — root <base64 signature over the two lines before, each with its newline>

The second line is canonical JSON. A list without the third line is a draft. Numbers only rise,
and no key is ever taken out: what an old one signed is verified by it for ever.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noisetamer.base.errors import UserError
from noisetamer.proof import public_key, rsa
from noisetamer.proof.canonical import base64_bytes, base64_text, json_bytes, json_value

FILE, HEAD, SIGNED_BY = "keys.list", "noisetamer keys/v1", "— root "

# log: signs checkpoints; witness: cosigns those of others; release: signs firmware besides the
# root; stamp: says for how long a release is the newest; tsa: of an authority's root certificate;
# permit: signs a hub's permits and the list of those that count no more.
ROLES = ("log", "witness", "release", "stamp", "tsa", "permit")
_LARGEST = 1 << 20
# Beyond it, no calendar goes.
_NEVER = 253_402_300_800


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
        return public_key.from_der(base64_bytes(self.public))

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
        return b"%s\n%s\n" % (HEAD.encode(), json_bytes(table))

    def text(self) -> bytes:
        """The file."""
        if not self.signature:
            return self.signed_text()
        return self.signed_text() + f"{SIGNED_BY}{base64_text(self.signature)}\n".encode()

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
    table = json_value(lines[1].encode())
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
    return KeyList(table["number"], table["issued"], keys, _signature(lines[2]))


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


def lines(keys: KeyList) -> list[str]:
    """What a person reads of it."""
    signed = f"signed {_day(keys.issued)}" if keys.signature else "a draft, not signed"
    said = [f"number {keys.number}, {signed}"]
    for one in keys.keys:
        until = "" if one.until is None else f" until {_day(one.until)}"
        gone = "" if one.revoked is None else f", REVOKED {_day(one.revoked)}: {one.why}"
        said += [
            f"{one.role:8} {one.name}  {one.algorithm}, from {_day(one.since)}{until}{gone}",
            f"         {public_key.fingerprint(one.key)}",
        ]
    return said


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


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
    except ValueError:
        raise UserError(f"{one.name}: its public key cannot be read.") from None
    if known != one.algorithm:
        raise UserError(f"{one.name}: its public key is not what its algorithm says.")
    if one.role in ("log", "witness", "permit") and known != public_key.ED25519:
        raise UserError(f"{one.name}: a {one.role} key is Ed25519, this is {known}.")
    if one.role in ("release", "stamp") and known != public_key.RSA:
        raise UserError(f"{one.name}: a {one.role} key is RSA, this is {known}.")
    if not all(0 <= t < _NEVER for t in (one.since, one.until, one.revoked) if t is not None):
        raise UserError(f"{one.name}: one of its times is none.")
    if one.until is not None and one.until <= one.since:
        raise UserError(f"{one.name}: it ends before it begins.")
    if (one.revoked is not None) != bool(one.why.strip()):
        raise UserError(f"{one.name}: a key that is revoked has a reason, and no other has.")


def _signature(line: str) -> bytes:
    """b'' where the third line is missing."""
    if not line:
        return b""
    if not line.startswith(SIGNED_BY):
        raise ValueError(f"its third line does not begin with '{SIGNED_BY}'")
    try:
        return base64_bytes(line.removeprefix(SIGNED_BY))
    except ValueError:
        raise ValueError("its signature is no base64") from None


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < _NEVER
