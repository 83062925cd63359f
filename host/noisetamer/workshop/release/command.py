"""`noisetamer update build | sign | stamp-key | stamp | show`: releases, signed offline."""

import argparse
import re
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.keys.passphrase import add_passphrase, passphrase
from noisetamer.base.language import say
from noisetamer.base.output import spare, writing
from noisetamer.base.private_file import write_private
from noisetamer.base.whole_file import write_whole
from noisetamer.proof import public_key, root, rsa
from noisetamer.unit.files import release_file, release_stamp
from noisetamer.unit.files.release_stamp import Stamp
from noisetamer.workshop.release import about, make
from noisetamer.workshop.release.make import Wanted
from tamer.record import release

STAMP_KEY, STAMP_PUBLIC = "stamp.key", "stamp.pub"
SUFFIX = ".release"

_SPAN = re.compile(r"(\d{1,4})([dhm])")
_UNITS = {"d": 86_400, "h": 3600, "m": 60}


def add_options(tasks: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = "make a release of the firmware that is here"
    build = tasks.add_parser("build", help=what, description=what)
    build.add_argument(
        "--out", required=True, metavar="FILE", help="or a folder, as for several boards"
    )
    build.add_argument("--number", type=int, required=True, metavar="N", help="rising for ever")
    build.add_argument(
        "--board", action="append", required=True, metavar="NAME", help="may be repeated"
    )
    build.add_argument(
        "--stamp-key", type=Path, required=True, metavar="STAMP.pub", help="of 'update stamp-key'"
    )
    build.add_argument(
        "--new-root", type=Path, metavar="ROOT.pub", help="the boxes' root from now on"
    )
    build.add_argument("--policy", metavar="FILE", help="in place of each box's own")
    build.add_argument(
        "--voices", metavar="NAMES", help="messages, with commas between; all: every one"
    )
    build.add_argument(
        "--simulated", action="store_true", help="for boxes that this computer simulates"
    )
    build.add_argument("--since", type=Path, metavar="OLD", help="say what is another there")
    what = "sign releases with the root, on the computer where it is"
    sign = _task(tasks, "sign", what)
    sign.add_argument("--key", required=True, metavar="ROOT", help="root.key, its folder, pkcs11:")
    add_passphrase(sign)
    what = "make the key of time stamps: it stays with whoever rolls out"
    keys = tasks.add_parser("stamp-key", help=what, description=what)
    keys.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    what = "say that releases are the newest for a while, which boxes want to hear"
    stamp = _task(tasks, "stamp", what)
    stamp.add_argument("--key", type=Path, required=True, metavar="STAMP.key")
    stamp.add_argument("--for", dest="lasts", default="7d", metavar="SPAN", help="7d, at most 8d")
    what = "what a release is, and whether the root signed it"
    show = _task(tasks, "show", what)
    show.add_argument("--root", type=Path, metavar="ROOT.pub", help="verify by it")


def _task(
    tasks: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    parser = tasks.add_parser(name, help=what, description=what)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    return parser


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where a release is not signed by the root that was given. Raises UserError."""
    tasks = {"build": _build, "sign": _sign, "stamp-key": _stamp_key, "stamp": _stamp}
    return {**tasks, "show": _show}[arguments.task](arguments)


def _build(arguments: argparse.Namespace) -> int:
    wanted = Wanted(
        arguments.number,
        rsa.read_public(arguments.stamp_key),
        rsa.read_public(arguments.new_root) if arguments.new_root else None,
        arguments.policy,
        tuple(arguments.voices.split(",")) if arguments.voices else (),
        arguments.simulated,
    )
    boards = list(dict.fromkeys(arguments.board))
    old = release_file.read(arguments.since)[1] if arguments.since else None
    if old and old.header.number >= wanted.number:
        raise UserError(
            f"{arguments.since} is release {old.header.number}: numbers only rise, say "
            f"--number {old.header.number + 1} or more."
        )
    files: dict[str, Path] = {}
    for board in boards:
        file = Path(arguments.out)
        if len(boards) > 1 or file.is_dir() or arguments.out.endswith("/"):
            file = file / f"noisetamer-{wanted.number}-{board}{SUFFIX}"
        files[board] = file
    inputs = arguments.stamp_key, arguments.new_root, arguments.since, arguments.policy
    spare(map(Path, filter(None, inputs)), *files.values())
    made = {board: make.made(board, wanted) for board in boards}
    for board, whole in made.items():
        file = files[board]
        _write(file, whole)
        found = release_file.unpacked(whole)
        _tell(file, about.lines(found, len(whole)))
        if old and old.header.board == board:
            print("\n".join(map(say, about.changes(old.files, found.files))))
    return 0


def _sign(arguments: argparse.Namespace) -> int:
    found = {file: release_file.read(file) for file in arguments.files}
    for file, (whole, one) in found.items():
        _tell(file, about.lines(one, len(whole))[:2])
    key = root.opened(arguments.key, partial(passphrase, arguments, twice=False))
    for file, (_, one) in found.items():
        _write(file, release_file.packed(one.manifest, one.files, key.sign(one.manifest)))
    print(say("signed by the root: {key}", key=public_key.fingerprint(key.public)))
    return 0


def _stamp_key(arguments: argparse.Namespace) -> int:
    private, public = arguments.out / STAMP_KEY, arguments.out / STAMP_PUBLIC
    for file in (private, public):
        if file.exists():
            raise UserError(f"{file} is there already: name another folder.")
    key = rsa.Key.new(make.STAMP_BITS)
    with writing(arguments.out):
        arguments.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(private, key.pem())
    _write(public, public_key.pem(key.public))
    print(say("{file}: for whoever rolls out, readable by its owner only", file=private))
    what = "{file}: for 'update build', and for the key list (noisetamer keys add --role stamp)"
    print(say(what, file=public))
    return 0


def _stamp(arguments: argparse.Namespace) -> int:
    lasts = _seconds(arguments.lasts)
    if lasts > release.MOST_FRESH:
        raise UserError(
            f"--for {arguments.lasts}: no box takes a stamp that holds longer than "
            f"{release.MOST_FRESH // 86_400} days."
        )
    try:
        pem = arguments.key.read_bytes()
    except OSError as error:
        raise UserError(f"{arguments.key} cannot be read ({error.strerror or error}).") from None
    key = rsa.opened(pem, None, arguments.key)
    until = int(time.time()) + lasts
    for file in arguments.files:
        _, found = release_file.read(file)
        if found.header.stamp != rsa.modulus(key.public):
            raise UserError(
                f"{arguments.key} is not the stamp key that {file} names: give that one, or build "
                "and sign the release anew with this one."
            )
        text = release.stamp_text(found.header.number, found.digest, until)
        stamp = Stamp(found.header.number, found.digest, until, key.sign(text))
        _write(release_stamp.beside(file), stamp.text())
        at = f"{datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M}"
        print(say("{file}: until {at} UTC", file=release_stamp.beside(file), at=at))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    by = arguments.root and rsa.read_public(arguments.root)
    good = True
    for file in arguments.files:
        whole, found = release_file.read(file)
        signed = by and found.is_signed(rsa.modulus(by))
        _tell(file, about.lines(found, len(whole), by if signed else None))
        if by and not signed:
            good = False
            print(say("NOT SIGNED BY THIS ROOT"))
    return 0 if good else 1


def _tell(file: Path, lines: list[str]) -> None:
    print("\n".join([str(file), *map(say, lines)]))


def _seconds(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if not found or not int(found[1]):
        raise UserError(f"--for {text}: give days or hours, as 7d or 36h.")
    return int(found[1]) * _UNITS[found[2]]


def _write(file: Path, content: bytes) -> None:
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, content)
