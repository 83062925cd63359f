"""Releases and their stamps, held to everything that a box holds them to, before any box hears of
them; policies and messages, which go the same way."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noisetamer.base.errors import UserError
from noisetamer.hub.orders.policies import HASH_DIGITS
from noisetamer.hub.orders.voices import Voices
from noisetamer.hub.updates.loads import POLICY, UPDATE, VOICE, Body, Load
from noisetamer.proof import rsa
from noisetamer.proof.key_list import KeyList
from noisetamer.unit.files import release_file, release_stamp
from noisetamer.unit.files.release_file import Release
from noisetamer.unit.policy import file as policy_file
from noisetamer.unit.policy.messages import unspoken
from tamer.record import orders, release

Bodies = dict[str, bytes]
"""{SHA-256: what is sent}"""


def of_releases(
    files: Iterable[Path], root: RSAPublicKey, keys: KeyList | None, now: float
) -> tuple[Load, Bodies]:
    """One release, a file for each board, each with its stamp beside it.

    keys: the hub's key list, None where it has none: what is revoked there signs nothing here;
    now: Unix s. Raises UserError for whatever a box would refuse.
    """
    bodies, kept, untils, about = [], {}, [], {}
    numbers: set[tuple[int, str]] = set()
    for file in files:
        whole, found = release_file.read(file)
        header = found.header
        if not found.is_signed(rsa.modulus(root)):
            said = (
                "is not signed yet: noisetamer update sign"
                if found.signature is None
                else ("is not signed by the root that this hub holds to, or was changed since")
            )
            raise UserError(f"{file} {said}.")
        stamp = _stamp(file, found, keys, now)
        digest = hashlib.sha256(whole).hexdigest()
        if header.board in {body.board for body in bodies}:
            raise UserError(f"{file} is the second one for {header.board}: give one a board.")
        fields = {
            "release": header.number,
            "manifest": found.digest,
            "fresh": stamp.until,
            "stamp": stamp.signature_text,
        }
        must_be_sent(UPDATE, fields, whole)
        bodies.append(Body(header.board, fields, digest, len(whole)))
        kept[digest] = whole
        untils.append(stamp.until)
        numbers.add((header.number, header.firmware))
        about[header.board] = {"manifest": found.digest, "files": len(found.files)}
    if len(numbers) > 1:
        told = ", ".join(f"{number} ({firmware})" for number, firmware in sorted(numbers))
        raise UserError(f"These files are of several releases: {told}; push them one by one.")
    ((number, firmware),) = numbers
    return Load(
        UPDATE,
        f"release {number}",
        tuple(bodies),
        number,
        min(untils),
        {"firmware": firmware, "boards": about},
    ), kept


def of_policy(name: str) -> tuple[Load, Bodies]:
    """A policy, by its file or the name of a shipped one. Raises UserError."""
    read = policy_file.load(name)
    if faults := read.faults() or unspoken(read):
        raise UserError("; ".join(map(str, faults)))
    body = policy_file.on_box(read.table)
    mark = read.policy().hash[:HASH_DIGITS]
    return _of_body(POLICY, f"policy {read.table.get('name') or name} ({mark})", {}, body)


def of_voice(name: str, data: Path) -> tuple[Load, Bodies]:
    """A message of this hub, or one that is shipped. Raises UserError."""
    voices = Voices(data / "voices")
    body = voices.wav_of(name)
    if body is None:
        there = ", ".join(one.name for one in voices.messages())
        raise UserError(f"There is no message {name}: there is {there}.")
    return _of_body(VOICE, f"message {name}", {"message": name}, body)


def must_be_sent(verb: str, fields: dict[str, object], body: bytes) -> None:
    """Raises UserError where no box would take it as an order."""
    sizes = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    if wrong := orders.wrong_field({**fields, **sizes, "verb": verb}):
        raise UserError(
            f"No box takes it: {wrong} is {json.dumps({**fields, **sizes}.get(wrong))[:40]}."
        )


def _of_body(verb: str, name: str, fields: dict[str, object], body: bytes) -> tuple[Load, Bodies]:
    must_be_sent(verb, fields, body)
    digest = hashlib.sha256(body).hexdigest()
    return Load(verb, name, (Body("", fields, digest, len(body)),)), {digest: body}


def _stamp(file: Path, found: Release, keys: KeyList | None, now: float) -> release_stamp.Stamp:
    """The one beside it, which holds. Raises UserError."""
    name = release_stamp.beside(file)
    stamp = release_stamp.read(name)
    key = found.header.stamp
    if key is None:
        raise UserError(f"{file} names no stamp key: build it with --stamp-key.")
    if (stamp.number, stamp.digest) != (found.header.number, found.digest):
        raise UserError(f"{name} is of another release than {file}: noisetamer update stamp.")
    if not stamp.is_signed(key):
        raise UserError(f"{name} is not signed by the stamp key that {file} names.")
    if stamp.until <= now:
        raise UserError(f"{name} has run out: noisetamer update stamp {file} makes another.")
    if stamp.until > now + release.MOST_FRESH:
        raise UserError(f"{name} holds longer than any box believes: make one for at most 8 days.")
    listed = [one for one in keys.keys if one.role == "stamp"] if keys else []
    if keys and listed:
        public = rsa.of_modulus(key)
        entry = keys.find(public, "stamp")
        if entry is None:
            raise UserError(f"The stamp key that {file} names is not in this hub's key list.")
        if not entry.counts_at(now):
            raise UserError(
                f"The stamp key {entry.name} that {file} names counts no more "
                f"({entry.why or 'its time is over'}): build the release anew with another."
            )
    return stamp
