"""`noisetamer hub witness`: who witnesses this hub's log, and whose logs it witnesses.

A hub that runs takes up what is changed here within a second.
"""

import argparse
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.base.zones import in_utc
from noisetamer.hub import address
from noisetamer.hub.log import schema, witness
from noisetamer.hub.log.partners import Partner, Partners, read_card, write_card
from noisetamer.hub.log.signing import witness_signer
from noisetamer.hub.people import page_address
from noisetamer.hub.people.people import note_command
from noisetamer.proof import notes, public_key
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.notes import COSIGNATURE, NoteError, VerifierKey

# checkpoints, a day of them
_LOOKED_AT = 1440
_AUTHORITY = Path("certificates") / "page-ca.pem"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the task."""
    tasks = parser.add_subparsers(dest="witness", required=True, metavar="WHAT")
    card = tasks.add_parser("card", help="what another hub is given, as a file")
    card.add_argument("file", type=Path, metavar="FILE")
    adding = tasks.add_parser("add", help="another hub by its card, or any witness by its key")
    adding.add_argument("what", metavar="CARD|NAME")
    adding.add_argument("--name", default="", help="how a card's hub is called here")
    adding.add_argument("--url", default="", help="before /add-checkpoint")
    adding.add_argument(
        "--witness", dest="witness_key", default="", metavar="KEY", help="NAME+ID+KEY that cosigns"
    )
    adding.add_argument("--log", default="", metavar="KEY", help="NAME+ID+KEY of a log to witness")
    adding.add_argument(
        "--certificate", type=Path, metavar="FILE", help="PEM that vouches for its address"
    )
    tasks.add_parser("list", help="who there is, what was cosigned last, what did not fit")
    removing = tasks.add_parser("remove", help="one that is neither asked nor answered any more")
    removing.add_argument("name", metavar="NAME")
    for task in tasks.choices.values():
        task.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> None:
    """Raises UserError."""
    data: Path = arguments.data
    if not database.exists(data / "hub.sqlite"):
        raise UserError(f"No hub has run in {data} yet: start it once.")
    partners = Partners(data)
    if arguments.witness == "card":
        own = _own(data)
        write_card(arguments.file, own)
        print(
            f"{arguments.file}: for whoever runs the other hub; to be compared with what it says"
        )
        _print_marks(own)
    elif arguments.witness == "add":
        partner = _asked(arguments)
        own = _own(data)
        if own.witness == partner.witness or own.log == partner.log:
            raise UserError(
                f"{arguments.what} is this hub's own: a witness is another hub, of other people."
            )
        partners.add(partner)
        note_command(data, "witness_added", partner.name, {"url": partner.url})
        print(f"{partner.name}: compare with its operator, by telephone")
        _print_marks(partner)
    elif arguments.witness == "remove":
        gone = partners.remove(arguments.name)
        note_command(data, "witness_removed", gone.name, {"url": gone.url})
        print(f"{gone.name}: is not asked any more, and its log not cosigned")
    else:
        _list(data, partners)


def _asked(arguments: argparse.Namespace) -> Partner:
    file = Path(arguments.what)
    if arguments.witness_key or arguments.log:
        try:
            pem = arguments.certificate.read_text() if arguments.certificate else ""
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{arguments.certificate} cannot be read ({error}).") from None
        return Partner(arguments.what, arguments.url, arguments.witness_key, arguments.log, pem)
    card = read_card(file)
    # behind another address than the hub knows of itself
    return replace(card, url=arguments.url or card.url, name=arguments.name or card.name)


def _own(data: Path) -> Partner:
    told = address.told(data)
    key = _log_key(data)
    url = page_address.noted(data)
    if told is None or key is None or not url:
        raise UserError(f"The hub of {data} has no log yet: start it, and try again.")
    signer = witness_signer(data, told[0])()
    cosigns = VerifierKey(signer.name, signer.public, COSIGNATURE)
    authority = data / _AUTHORITY
    pem = ""
    if url.startswith("https:") and authority.exists():
        pem = authority.read_text(encoding="ascii")
    return Partner(told[0], url, str(cosigns), str(key), pem)


def _log_key(data: Path) -> VerifierKey | None:
    """Of this hub's log as it is called now; None before there is one."""
    file = data / schema.FILE
    if not database.exists(file):
        return None
    with closing(database.reader(file)) as connection:
        row = connection.execute("SELECT name, public FROM origin ORDER BY id DESC").fetchone()
    return VerifierKey(*row) if row else None


def _print_marks(one: Partner) -> None:
    for what, key in (("log", one.log_key), ("witness", one.witness_key)):
        if key:
            mark = public_key.fingerprint(Ed25519PublicKey.from_public_bytes(key.public))
            print(f"  {what:8}{key.name}")
            print(f"          {mark}")


def _list(data: Path, partners: Partners) -> None:
    for one in partners.all():
        print(f"{one.name}  {one.url}")
        if key := one.witness_key:
            print(f"  witnesses us: {_last_word(data, key)}")
        for held in witness.held(data / witness.FILE):
            if one.log_key_for(held.origin):
                print(f"  we witness {held.origin}: {held.size} leaves, {in_utc(held.at)}")
        if one.log_key and not any(
            one.log_key_for(held.origin) for held in witness.held(data / witness.FILE)
        ):
            print("  we witness its log: it has shown none yet")
    for one in witness.conflicts(data / witness.FILE):
        why = {"fork": "two trees of one size", "proof": "it has not grown from what was cosigned"}
        print(f"! {in_utc(one.at)} {one.origin}: {why[one.why]}; both as they were signed:")
        print(one.held + one.shown)


def _last_word(data: Path, key: VerifierKey) -> str:
    for note in _checkpoints(data):
        try:
            (word,) = notes.verify(notes.parse(note), [key])
        except NoteError:
            continue
        size = checkpoint_in(note).size
        return f"cosigned {size} leaves, {in_utc(word.time or 0)}"
    return "has cosigned nothing lately; /health says why"


def _checkpoints(data: Path) -> list[str]:
    """The newest first."""
    if not database.exists(data / schema.FILE):
        return []
    query = "SELECT note FROM checkpoint ORDER BY id DESC LIMIT ?"
    with closing(database.reader(data / schema.FILE)) as connection:
        return [note for (note,) in connection.execute(query, (_LOOKED_AT,))]
