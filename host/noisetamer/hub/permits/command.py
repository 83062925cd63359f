"""A permit, verified without a network: `noisetamer permit verify`."""

import argparse
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.proof import key_list, permit_document, public_key, rsa
from noisetamer.proof.permit_document import (
    PERMIT,
    REVOCATIONS,
    DocumentError,
    Signed,
    Verdict,
)

LONGEST_FILE = 1000 * permit_document.LONGEST


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the verb."""
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    what = "whether a permit is true, and holds; asks nobody"
    verifying = tasks.add_parser("verify", help=what, description=what)
    verifying.add_argument(
        "permit", metavar="FILE|TEXT", help="the permit, or what its QR code says"
    )
    by = verifying.add_mutually_exclusive_group(required=True)
    by.add_argument(
        "--key", type=Path, metavar="FILE.pem", help="the hub's key of permits: /permit/key there"
    )
    by.add_argument("--root", type=Path, metavar="ROOT.pub", help="with --keys: its list has them")
    verifying.add_argument("--keys", type=Path, metavar="KEYS.list")
    verifying.add_argument("--on", type=_date, metavar="DATE", help="whether it held then; today")
    verifying.add_argument(
        "--revocations",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the list of those taken back: /permit/revocations at the hub; of several the newest",
    )


def run_command(arguments: argparse.Namespace) -> int:
    """0: true, and nothing known speaks against it; 1: it is not, or does not hold. Raises
    UserError for what cannot be read."""
    if (arguments.root is None) != (arguments.keys is None):
        raise UserError("--root and --keys go together: the list counts by its root's signature.")
    try:
        permit = permit_document.read(permit_document.text_of(_text(arguments.permit)))
        if permit.kind != PERMIT:
            raise DocumentError("form", "This is a list of revocations, and no permit.")
        keys = _keys(arguments, permit)
        key = permit_document.signed_by(permit, keys)
    except DocumentError as error:
        print(say(str(error)))
        return 1
    lists = [_list(file, key) for file in arguments.revocations]
    day = arguments.on or _today(permit.claims["zone"])
    verdict = permit_document.judge(permit, permit_document.newest(lists), day)
    for line in _said(verdict):
        print(line)
    return 0 if verdict.holds else 1


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text} is no date: write it like 2026-11-24.") from None


def _keys(arguments: argparse.Namespace, permit: Signed) -> list[bytes]:
    """Those that counted when it was signed. Raises UserError."""
    if arguments.key:
        key = public_key.read(arguments.key)
        if not isinstance(key, Ed25519PublicKey):
            raise UserError(f"{arguments.key} is no Ed25519 key: permits are signed with one.")
        return [key.public_bytes_raw()]
    listed = key_list.verified(arguments.keys, rsa.read_public(arguments.root))
    return [
        one.key.public_bytes_raw()
        for one in listed.keys
        if one.role == "permit"
        and isinstance(one.key, Ed25519PublicKey)
        and one.counts_at(permit.claims["iat"])
    ]


def _list(file: Path, key: bytes) -> Signed:
    """Raises UserError: what is wrong with a list says nothing of the permit."""
    try:
        found = permit_document.read(_content(file))
        permit_document.signed_by(found, [key])
        if found.kind != REVOCATIONS:
            raise DocumentError("form", "This is a permit, and no list of revocations.")
        return found
    except DocumentError:
        raise UserError(
            f"{file} is no list of revocations by the key that signed this permit: take it from "
            "the same hub anew."
        ) from None


def _said(verdict: Verdict) -> list[str]:
    claims = verdict.claims
    days = ", ".join(map(say, claims["days"])) or say("every day")
    lines = [
        say("true: signed by {key}, {at}", key=claims["iss"], at=_time(claims, claims["iat"])),
        say("permit {number}: {group}", number=claims["jti"], group=claims["group"]),
        f"  {claims['square']}, {claims['place']}",
        f"  {days} {claims['from']}-{claims['to']}, {claims['first']} - {claims['last']}",
        f"  {claims['limit'] / 10:g} dB",
    ]
    if verdict.early:
        lines.append(say("does not hold yet: its first day is {day}", day=claims["first"]))
    if verdict.over:
        lines.append(say("does not hold any more: its last day was {day}", day=claims["last"]))
    if verdict.as_of is None:
        lines.append(say("whether it was revoked is not known: give the list by --revocations"))
    elif verdict.revoked is not None:
        word = "replaced by a newer one" if verdict.why == "replaced" else "revoked"
        at = _time(claims, verdict.revoked)
        lines.append(say("does not hold: {word} since {at}", word=say(word), at=at))
    else:
        at = _time(claims, verdict.as_of)
        number = verdict.list_number
        lines.append(
            say("not known to be revoked as of {at} (list {number})", at=at, number=number)
        )
    return lines


def _text(word: str) -> str:
    """What was given itself, or what a file of that name holds. Raises UserError."""
    try:
        is_file = Path(word).is_file()
    except (OSError, ValueError):  # too long for a name
        is_file = False
    return _content(Path(word)) if is_file else word


def _content(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(LONGEST_FILE + 1).decode("ascii", "replace").strip()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None


def _today(zone: int) -> date:
    return datetime.fromtimestamp(time.time() + zone, UTC).date()


def _time(claims: Any, at: int) -> str:
    return f"{datetime.fromtimestamp(at + claims['zone'], UTC):%Y-%m-%d %H:%M}"
