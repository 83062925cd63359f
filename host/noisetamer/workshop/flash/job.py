"""What a run is to do, and what its ports share while it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from noisetamer.base.keys.vault import Vault
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.unit.files.firmware_files import Firmware
from noisetamer.workshop.flash.square_file import Setup
from noisetamer.workshop.flash.steps import FlashBench
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.port.connection import Traffic
from noisetamer.workshop.port.micropython_image import Image
from noisetamer.workshop.steps import Ask, Step

IDENTIFY = "identify"


@dataclass(frozen=True)
class FlashJob:
    """What every board of a run is to become. firmware: its files for a board file, a chip and
    what .mpy files the box takes; setup: None for what the ledger has of a unit, or nothing;
    replaces: the serial whose place the board takes; dry: only look; rekey: units that are one
    already have another key for their chain from their next start on; mpy: what the image's
    MicroPython should say in sys.implementation._mpy: for that a board without files gets its
    first ones in one piece; None: not known, they are copied one by one.
    """

    board: BoardFile
    image: Image
    firmware: Firmware
    batch: Batch
    setup: Setup | None
    steps: Sequence[Step[FlashBench]]
    baud: int
    replaces: str | None = None
    dry: bool = False
    rekey: bool = False
    mpy: int | None = None


@dataclass(frozen=True)
class Progress:
    """Where a port is: in which step and which part of it, how much is done of all, bytes/s."""

    port: str
    serial: str
    step: str
    done: int = 0
    of: int = 0
    speed: float = 0.0
    doing: str = ""


@dataclass(frozen=True)
class RunContext:
    """What all ports of a run share. claim_mac: False for a MAC another port has; report: gets
    every port's progress, in its thread, and may end its work by raising; ask: puts a question to
    the technician, None where nobody is there.
    """

    ledger: Ledger
    vault: Vault
    claim_mac: Callable[[str], bool]
    report: Callable[[Progress], None]
    ask: Ask | None = None


@dataclass
class FlashOutcome:
    """How it ended on one port. fault: of the program, which says nothing about the board; left:
    what is to be done yet though it passed, "" where nothing; broken: whether the unit failed
    burn-in before, which no flashing mends; plan: what a dry run would have
    done; changed: whether anything was done; seconds: from begin to end, traffic's of them on the
    line; cpu: this computer's, s.
    """

    port: str
    serial: str = ""
    mac: str = ""
    passed: bool = False
    step: str = IDENTIFY
    reason: str = ""
    fault: str = ""
    left: str = ""
    broken: bool = False
    changed: bool = False
    plan: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    traffic: Traffic = field(default_factory=Traffic)
