"""The folder of a hub in which an evening has happened: two boxes, an incident, a picture."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from evening import EAST, WEST, Evening
from scripted_unit import START
from waiting import DEADLINE

from noisetamer.hub import address
from noisetamer.hub.cameras.album import Album, Asked
from noisetamer.hub.cameras.decode import Picture
from noisetamer.hub.cameras.take import Taken
from noisetamer.hub.evidence.proofs import opened_log
from noisetamer.hub.orders.ledger import Ledger
from noisetamer.hub.people.people import People
from noisetamer.hub.registry import Units
from noisetamer.hub.squares.squares import Squares
from noisetamer.proof import key_list, public_key, root, rsa
from tamer.judge import policy
from tamer.record.reading import OWN_VOICE, WIND

SQUARE = "东门广场"
BEGIN, END = START, START + 1500
LOUD, QUIET = START + 600, START + 700
HOLE = range(START + 900, START + 920)
WINDY = range(START + 1000, START + 1010)
SPOKEN = (range(LOUD + 4, LOUD + 14), range(LOUD + 34, LOUD + 44))
POLICY = policy.read({}).hash[:12]


ROOT = rsa.Key.new(1024)
"""Of the operator of this hub."""


@dataclass
class HubFolder:
    """folder: as `--data` names it; incident: its number."""

    folder: Path
    incident: int
    evening: Evening


def evening(folder: Path) -> HubFolder:
    """One that has happened in this folder."""
    folder.mkdir(exist_ok=True)
    units = Units(folder / "units.sqlite")
    for unit, name in ((EAST, "东"), (WEST, "西")):
        units.enrol(unit, name=name, square=SQUARE)
    Squares(folder / "squares.sqlite")
    Ledger(folder / "orders.sqlite").close()
    People(folder / "people.sqlite").close()
    address.write(folder, "hub.example", 8883)
    found = Evening(folder)
    for unit in (EAST, WEST):
        found.store_only("boot", unit, BEGIN, reset="power on", policy=POLICY)
        found.store_only("clock", unit, BEGIN, boot_at=BEGIN - 30, source="hub", step=1500)
    for t in range(BEGIN, END, 10):
        found.now = found.steady = t + 10.0
        _told(found, t)
        for unit in (EAST, WEST):
            _seconds(found, unit, t)
    found.wait(DEADLINE)
    album = Album(folder)
    picture = Picture(b"\xff\xd8 not really", 640, 360, "none")
    asked = Asked("k", found.noise.id, SQUARE, "start", LOUD)
    album.keep(asked, Taken(LOUD + 1.0, picture, "snapshot", None, ()), "none", 30)
    list_keys(folder)
    return HubFolder(folder, found.noise.id, found)


def list_keys(folder: Path, *more: tuple[str, public_key.PublicKey]) -> None:
    """The root has signed that the log's key is this hub's. more: (role, key)."""
    with closing(opened_log(folder)) as log:
        key = Ed25519PublicKey.from_public_bytes(log.key.public)
    listed = key_list.empty()
    for role, one in (("log", key), *more):
        listed = key_list.added(listed, f"{role} of the town", role, one, 0)
    (folder / root.PUBLIC).write_bytes(public_key.pem(ROOT.public))
    (folder / key_list.FILE).write_bytes(listed.signed(ROOT, START).text())


def _told(found: Evening, t: int) -> None:
    """What the eastern box did."""
    words = {"message": "polite_zh", "number": 1}
    firm = {"message": "warning_zh", "number": 2}
    if t == LOUD:
        _stage(found, LOUD, "green", "amber", 648)
        _stage(found, LOUD + 2, "amber", "red", 702)
        _stage(found, LOUD + 4, "red", "polite", 705)
        found.store_only("warning", EAST, LOUD + 4, stage="polite", volume=-3, **words)
    elif t == LOUD + 20:
        found.store_only("spoken", EAST, LOUD + 14, **words)
        outcome = {"stage": "polite", "effective": False, "after": 20}
        found.store_only("outcome", EAST, LOUD + 34, **outcome, **words)
        _stage(found, LOUD + 34, "polite", "firm", 709)
        found.store_only("warning", EAST, LOUD + 34, stage="firm", **firm)
    elif t == QUIET:
        found.store_only("spoken", EAST, LOUD + 44, **firm)
        outcome = {"stage": "firm", "effective": True, "after": 50}
        found.store_only("outcome", EAST, QUIET, **outcome, **firm)
        _stage(found, QUIET, "firm", "green", 552)
    found.look()


def _stage(found: Evening, t: int, before: str, after: str, level: int) -> None:
    change = {"from": before, "to": after, "limit": 650, "level": level, "policy": POLICY}
    found.store_only("stage", EAST, t, **change)


def _seconds(found: Evening, unit: str, t: int) -> None:
    if t in HOLE and unit == EAST:
        return
    loud = 700 if LOUD <= t < QUIET else 545
    levels = [loud + (7 * second) % 11 for second in range(t, t + 10)]
    flags = 0
    if unit == EAST and any(t in span for span in SPOKEN):
        flags = OWN_VOICE
    elif t in WINDY:
        flags = WIND
    found.store_only("seconds", unit, t, LAeq=levels, flags=flags)
