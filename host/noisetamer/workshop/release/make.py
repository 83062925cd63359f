"""A release made of the firmware that is here: for one board, without its signature yet."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noisetamer.base.errors import UserError
from noisetamer.proof import rsa
from noisetamer.unit.boards import board_file
from noisetamer.unit.files import compiled, firmware_files, release_file
from noisetamer.unit.policy import file as policy_file
from noisetamer.unit.policy.messages import VOICES, unspoken
from noisetamer.unit.voice import catalogue
from noisetamer.workshop.release import fixed_files, room
from tamer import VERSION
from tamer.record import release
from tamer.record.release import Header

STAMP_BITS = 2048


@dataclass(frozen=True)
class Wanted:
    """number: of the release; stamp: who may say that it is the newest; root: the next one, None:
    it stays; policy: a file or a shipped name; voices: names of messages, all of them for "all";
    simulated: for boxes on this computer."""

    number: int
    stamp: RSAPublicKey
    root: RSAPublicKey | None = None
    policy: str | None = None
    voices: tuple[str, ...] = ()
    simulated: bool = False


def made(board: str, wanted: Wanted) -> bytes:
    """The file, not signed: the same bytes for the same firmware, wherever it is made.

    Raises UserError for a board that is none, files that no release changes, and what does not
    fit the board's flash.
    """
    if not 0 < wanted.number <= release.MOST_NUMBER:
        raise UserError(f"--number {wanted.number}: releases count from 1 on, and only rise.")
    if wanted.stamp.key_size != STAMP_BITS:
        raise UserError(
            f"The stamp key has {wanted.stamp.key_size} bits, boxes want RSA-{STAMP_BITS}: make "
            "one with 'noisetamer update stamp-key'."
        )
    fixed_files.must_be_as_on_boxes()
    found = board_file.read(board)
    mpy = _mpy(found.chip, wanted.simulated)
    tree = firmware_files.tree(board, found.chip, mpy)
    files = {path: text for path, text in tree.files.items() if release.is_firmware(path)}
    files |= _given(wanted, found.speaks)
    header = Header(
        *(wanted.number, VERSION, board, mpy & release.MPY_BITS),
        *(rsa.modulus(wanted.stamp), rsa.modulus(wanted.root) if wanted.root else None),
    )
    try:
        whole = release_file.packed(release_file.manifest(header, files), files)
    except ValueError as error:
        raise UserError(f"The release for {board} cannot be made: {error}.") from None
    room.must_fit(found, tree.files | files, len(whole))
    return whole


def _mpy(chip: str, simulated: bool) -> int:
    mpy = compiled.mpy_on(chip, simulated)
    if mpy is None:
        if simulated:
            raise UserError("MicroPython on this computer loads no compiled files.")
        raise UserError(f"MicroPython for the {chip} loads no compiled files.")
    return mpy


def _given(wanted: Wanted, speaks: bool) -> dict[str, bytes]:
    """What is people's own once it is on the box."""
    found: dict[str, bytes] = {}
    if wanted.policy is not None:
        read = policy_file.load(wanted.policy)
        if faults := read.faults() or unspoken(read):
            raise UserError("; ".join(map(str, faults)))
        found[release.POLICY] = policy_file.on_box(read.table)
    if wanted.voices:
        there = catalogue.entries(VOICES)
        names = list(there) if wanted.voices == ("all",) else wanted.voices
        for name in names:
            if name not in there:
                raise UserError(f"There is no message {name}: there is {', '.join(there)}.")
            if speaks:
                found[f"/voices/{name}.wav"] = catalogue.file_of(VOICES, name).read_bytes()
    return found
