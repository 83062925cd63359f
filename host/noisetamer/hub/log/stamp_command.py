"""`noisetamer hub stamps`: by whom this hub's log is stamped, and what is stamped."""

import argparse
from contextlib import closing
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.base.zones import in_utc
from noisetamer.hub.log.stamps import AUTHORITY_FILE, Stamps, named, set_authority
from noisetamer.hub.people.people import note_command
from noisetamer.proof import public_key

_MOST = 24


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the task."""
    tasks = parser.add_subparsers(dest="stamps", required=True, metavar="WHAT")
    by = tasks.add_parser("by", help="an authority (RFC 3161), asked every hour from now on")
    by.add_argument("url", metavar="URL")
    by.add_argument(
        "--chain",
        type=Path,
        required=True,
        metavar="FILE",
        help="PEM: its root, and what is between the root and who stamps",
    )
    tasks.add_parser("none", help="ask nobody any more; what is stamped stays")
    tasks.add_parser("list", help="what is stamped, and what is not yet, and why")
    tasks.add_parser("ask", help="ask now for what is not stamped yet")
    for task in tasks.choices.values():
        task.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """0; 1 where something was asked for and is not stamped. Raises UserError."""
    data: Path = arguments.data
    if not database.exists(data / "hub.sqlite"):
        raise UserError(f"No hub has run in {data} yet: start it once.")
    if arguments.stamps == "by":
        try:
            pem = arguments.chain.read_bytes()
        except OSError as error:
            raise UserError(f"{arguments.chain} cannot be read ({error.strerror}).") from None
        # what is refused is written down nowhere as named
        named(arguments.url, pem)
        note_command(data, "stamps_by", arguments.url, {})
        root = set_authority(data, arguments.url, pem).chain[0]
        print(f"{arguments.url}: stamps count when they lead to {root.subject.rfc4514_string()}")
        print(f"  valid until {root.not_valid_after_utc:%Y-%m-%d}, key")
        print(f"  {public_key.fingerprint(public_key.of(root))}")
        return 0
    if arguments.stamps == "none":
        note_command(data, "stamps_by", "none", {})
        (data / AUTHORITY_FILE).unlink(missing_ok=True)
        print(f"{data}: asks no authority any more")
        return 0
    with closing(Stamps(data)) as stamps:
        if arguments.stamps == "ask":
            if stamps.authority() is None:
                raise UserError("No authority is named: noisetamer hub stamps by URL --chain FILE")
            for one in stamps.waiting():
                stamps.ask_again(one.text)
        return _list(stamps)


def _list(stamps: Stamps) -> int:
    authority, stamped, waiting = stamps.authority(), stamps.all(), stamps.waiting()
    print(f"asked: {authority.url if authority else 'nobody'}")
    for one in waiting:
        said = f": {one.said}" if one.said else ""
        print(f"  {one.size} leaves, not stamped yet ({in_utc(one.since)}){said}")
    for one in stamped[:_MOST]:
        print(f"  {one.size} leaves, stamped {in_utc(one.at)}")
    if len(stamped) > _MOST:
        print(f"  and {counted(len(stamped) - _MOST, 'one', '{}')} before")
    return int(authority is not None and bool(waiting))
