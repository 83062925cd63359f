"""The root and the key list it signs: `noisetamer keys`. Works without a network; nothing of it
needs a hub."""

import argparse
import time
from datetime import datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from noisetamer.base.errors import UserError
from noisetamer.base.keys.passphrase import add_passphrase, passphrase
from noisetamer.base.output import writing
from noisetamer.base.whole_file import write_whole
from noisetamer.hub.log.partners import read_card
from noisetamer.proof import key_list, public_key, root, rsa, token_key
from noisetamer.proof.notes import verifier_key


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the verb."""
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    what = "make the root: on a computer without a network, kept where it is not"
    making = tasks.add_parser("root", help=what, description=what)
    making.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    add_passphrase(making)
    what = "make a key in a PKCS#11 token, which it never leaves"
    token = tasks.add_parser("token", help=what, description=what)
    token.add_argument("uri", metavar="URI", help="pkcs11:token=...;object=...?module-path=...")
    token.add_argument("--for", dest="purpose", choices=("log", "root"), required=True)
    token.add_argument("--out", type=Path, required=True, metavar="FILE.pub")
    what = "the keys of a list, and whether the root signed it"
    listing = _task(tasks, "list", what)
    listing.add_argument("--root", type=Path, metavar="ROOT.pub", help="verify by it")
    what = "one key more, in a draft"
    adding = _task(tasks, "add", what)
    adding.add_argument("name", metavar="NAME", help="for people: station hub's log")
    adding.add_argument("--role", choices=key_list.ROLES, required=True)
    adding.add_argument(
        "--public", type=Path, required=True, metavar="FILE", help="PEM, or another hub's .card"
    )
    what = "counts from then; a certificate from its own beginning, else now"
    adding.add_argument("--from", dest="since", metavar="TIME", help=what)
    adding.add_argument("--until", metavar="TIME", help="counts until then; for ever")
    what = "a key that counts no more, in a draft; it stays in the list"
    revoking = _task(tasks, "revoke", what)
    revoking.add_argument("name", metavar="NAME")
    revoking.add_argument("--why", required=True, metavar="TEXT")
    revoking.add_argument("--at", metavar="TIME", help="since then; now")
    what = "sign a draft with the root"
    signing = _task(tasks, "sign", what)
    signing.add_argument(
        "--root", required=True, metavar="FOLDER", help="where 'keys root' put it, or pkcs11:..."
    )
    add_passphrase(signing)
    what = "a key's kind and fingerprint, to be compared by telephone"
    showing = tasks.add_parser("show", help=what, description=what)
    showing.add_argument("file", type=Path, metavar="FILE", help="PEM: public key, certificate")


def _task(tasks: argparse._SubParsersAction, name: str, what: str) -> argparse.ArgumentParser:
    parser = tasks.add_parser(name, help=what, description=what)
    parser.add_argument("file", type=Path, metavar="KEYS.list")
    return parser


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where a list is not signed by the root that was given. Raises UserError."""
    tasks = (_root, _token, _list, _add, _revoke, _sign, _show)
    return {task.__name__[1:]: task for task in tasks}[arguments.task](arguments)


def _root(arguments: argparse.Namespace) -> int:
    made = root.make(arguments.out, partial(passphrase, arguments, twice=True))
    print(f"{made}: for everybody; fingerprint:")
    print(public_key.fingerprint(rsa.read_public(made)))
    print(f"{made.with_name(root.PRIVATE)}: for nobody; keep two copies, locked away, offline")
    return 0


def _token(arguments: argparse.Namespace) -> int:
    if arguments.out.exists():
        raise UserError(f"{arguments.out} is there already: name another file with --out.")
    if arguments.purpose == "root":
        token_key.make(arguments.uri, root.BITS)
        key = token_key.RsaToken(arguments.uri).public
    else:
        token_key.make(arguments.uri)
        key = token_key.public(arguments.uri)
    with writing(arguments.out):
        arguments.out.write_bytes(public_key.pem(key))
    print(f"{arguments.out}: for everybody; fingerprint:")
    print(public_key.fingerprint(key))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    keys = key_list.read(arguments.file)
    by = arguments.root and rsa.read_public(arguments.root)
    good = not by or (bool(keys.signature) and keys.is_signed_by(by))
    if by and keys.signature:
        print("signed by this root" if good else "NOT SIGNED BY THIS ROOT, or changed since")
    print("\n".join(key_list.lines(keys)))
    return 0 if good else 1


def _add(arguments: argparse.Namespace) -> int:
    keys = key_list.read(arguments.file) if arguments.file.exists() else key_list.empty()
    until = None if arguments.until is None else _time(arguments.until, "--until")
    draft = key_list.added(
        *(keys, arguments.name, arguments.role, _public(arguments.public, arguments.role)),
        *(_since(arguments), until),
    )
    return _keep_draft(arguments.file, draft)


def _public(file: Path, role: str) -> public_key.PublicKey:
    """Of a PEM file, or of another hub's card, which has both of its keys."""
    if role not in ("log", "witness") or file.suffix != ".card":
        return public_key.read(file)
    card = read_card(file)
    told = card.log if role == "log" else card.witness
    return Ed25519PublicKey.from_public_bytes(verifier_key(told).public)


def _since(arguments: argparse.Namespace) -> int:
    """When the key begins to count: what an authority stamped before it was in the list counts
    as well, so a certificate's from its own beginning."""
    if arguments.since is None and (begin := public_key.begins(arguments.public)) is not None:
        return begin
    return _time(arguments.since, "--from")


def _revoke(arguments: argparse.Namespace) -> int:
    at = _time(arguments.at, "--at")
    draft = key_list.revoked(key_list.read(arguments.file), arguments.name, at, arguments.why)
    return _keep_draft(arguments.file, draft)


def _keep_draft(file: Path, draft: key_list.KeyList) -> int:
    _write(file, draft)
    print(f"{file}: draft of number {draft.number}; now: noisetamer keys sign {file} --root ...")
    return 0


def _sign(arguments: argparse.Namespace) -> int:
    draft = key_list.read(arguments.file)
    if draft.signature:
        raise UserError(
            f"{arguments.file} is signed already: 'keys add' and 'keys revoke' make a draft of it."
        )
    key = root.opened(arguments.root, partial(passphrase, arguments, twice=False))
    signed = draft.signed(key, int(time.time()))
    _write(arguments.file, signed)
    print(f"{arguments.file}: number {signed.number}, {len(signed.keys)} keys, signed by the root")
    print(public_key.fingerprint(key.public))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    key = public_key.read(arguments.file)
    print(public_key.algorithm(key))
    print(public_key.fingerprint(key))
    return 0


def _write(file: Path, keys: key_list.KeyList) -> None:
    with writing(file):
        write_whole(file, keys.text())


def _time(text: str | None, option: str) -> int:
    """Unix s of ISO 8601, local where it names no zone; now where nothing is said."""
    if text is None:
        return int(time.time())
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp())
    except (ValueError, OverflowError, OSError):
        raise UserError(
            f"{option} {text}: give a day or a time as 2026-11-28 or 2026-11-28T21:00+08:00."
        ) from None
