"""A unit whose flash is spoilt in one place, and what becomes of it when its power comes on."""

import datetime
import hashlib
import json
import random
import shutil
import struct
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from folders import ON_BOX
from stand import BOARD, START
from waiting import DEADLINE

from noisetamer.base.paths import DRIVERS, micropython
from noisetamer.hub.bus import authority
from noisetamer.unit.files import compiled
from noisetamer.unit.files.partition_image import PARTITION_BYTES, finish, lay_out
from noisetamer.virtual import pipe
from noisetamer.virtual.firmware_process import RESETS, FirmwareProcess, ResetCause, Tier
from noisetamer.workshop.port.session import UNPACK

# The kinds that are no files: blocks of the file system, blocks of the records' partition or all
# of it, and the chip's own memory.
BLOCKS, RECORDS, MEMORY = "blocks", "records", "memory"

HOWS = ("cut", "flipped", "zeroed", "random", "deleted", "swapped")
BLOCK = 4096

_SETTINGS = {
    "unit": "SIM-2611-0001",
    "console": True,
    "calibration": -1.5,
    "equaliser": [1.01, [[0.05, 0.1]]],
    "self_check": {},
    "wifi": {"ssid": "square", "key": "pass phrase"},
}
_HUB = {"host": "127.0.0.1", "port": 1, "name": "hub", "ca": "/hub.der", "secret": "s"}
_POLICY = {"name": "Square", "limit": {"day": 62}, "panel": {"text": "安静 please"}}
_UNPACK = UNPACK.file
_MADE = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
_SELF_CHECK, _HISTORY = "/self_check.json", "/calibration.json"

# A box that is well has said so much in so long; at most so many starts are waited for, as a
# person would who stands before it.
_SECONDS, _UNTIL_US, _STARTS = 5, 20_000_000, 7
_PATIENCE_S = 20  # of this computer, for a box that hangs where no time passes

# The files of each kind, by how their path begins.
_BEGIN = {
    "settings": "/settings.json",
    "policy": "/policy.json",
    "authority": "/hub.der",
    "glyphs": "/fonts/",
    "voices": "/voices/",
    "self-check": _SELF_CHECK,
    "calibration": _HISTORY,
    "code": "/tamer/",
    "microphones": "/microphones/",
    "board file": "/board.py",
    "factory tree": "/factory.tree",
    "start tree": "/start.tree",
    "factory.py": "/factory.py",
    "first.py": "/first.py",
    "main.py": "/main.py",
}
FILES = tuple(_BEGIN)

_LEVELS = struct.pack(pipe.LEVELS_ANSWER, 553, 560, 570, 650)


class Spoiling(NamedTuple):
    """kind: of what; path: on the box, or "" for a block of the flash itself."""

    kind: str
    path: str
    how: str
    seed: int
    other: str


@dataclass
class Outcome:
    """What a box did: starts it took, whether it measured, its last boot record and Seconds, what
    it died of."""

    starts: int = 0
    measures: bool = False
    hung: int = 0
    boot: dict[str, Any] = field(default_factory=dict)
    seconds: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""


def make_chip(folder: Path) -> None:
    """A unit as it hangs in a square: everything on its flash, and a start behind it."""
    content = folder / "content"
    content.mkdir(parents=True)
    certificate = authority.certificates(folder / "ca", ["hub"], _MADE).ca_der
    digest = hashlib.sha256(certificate.read_bytes()).hexdigest()
    settings = {**_SETTINGS, "hub": {**_HUB, "ca_sha256": digest}}
    lay_out(content, BOARD, settings, certificate, _POLICY)
    (content / _SELF_CHECK[1:]).write_text("[[[500, 650, 1]], 0]")
    (content / _HISTORY[1:]).write_text('[{"offset": -1.5}]')
    finish(content, compiled.of_unix_port(), BOARD)
    chip = folder / "chip"
    chip.mkdir()
    flash = chip / "flash"
    with flash.open("wb") as file:
        file.truncate(PARTITION_BYTES)
    burn = [*micropython(), DRIVERS / "burn.py", flash, str(PARTITION_BYTES), content]
    subprocess.run(burn, check=True, timeout=DEADLINE)
    subprocess.run(
        [
            *micropython(),
            ON_BOX / "settle_flash.py",
            DRIVERS,
            flash,
            str(PARTITION_BYTES),
            _UNPACK,
        ],
        check=True,
        timeout=DEADLINE,
    )
    memory = {"boot": 0, "serial": _SETTINGS["unit"].encode().hex()}
    (chip / "nvs").write_text(json.dumps({"tamer": memory}))
    well = start(chip)
    assert well.measures, well.words
    assert well.starts == 1


def spoilings(made: Path, each: dict[str, int], seed: int) -> Iterator[Spoiling]:
    """So many of each kind, by chance. `made`: what `make_chip` filled."""
    chance = random.Random(seed)
    paths = _paths(made)
    everything = [path for of_kind in paths.values() for path in of_kind]
    for kind, n in each.items():
        for i in range(n):
            number = chance.getrandbits(30)
            if kind in (BLOCKS, RECORDS, MEMORY):
                how = ("flipped", "zeroed", "random")[i % 3]
                yield Spoiling(kind, "", how, number, "")
            else:
                path = chance.choice(paths[kind])
                other = chance.choice([other for other in everything if other != path])
                yield Spoiling(kind, path, HOWS[i % len(HOWS)], number, other)


def every_block(made: Path) -> Iterator[Spoiling]:
    """Each block of the file system that is in use, zeroed and with random content."""
    for number in range(len(_used(made / "chip" / "flash"))):
        for how in ("zeroed", "random"):
            yield Spoiling(BLOCKS, str(number), how, number, "")


def spoil(chip: Path, spoiling: Spoiling) -> None:
    """In place."""
    if spoiling.kind == BLOCKS:
        _spoil_block(chip / "flash", spoiling)
    elif spoiling.kind == RECORDS and spoiling.seed % 4 == 0:
        _spoil_all(chip / "journal", spoiling)
    elif spoiling.kind == RECORDS:
        _spoil_block(chip / "journal", spoiling)
    elif spoiling.kind == MEMORY:
        _spoil_memory(chip, spoiling)
    else:
        ran = [*micropython(), ON_BOX / "spoil_file.py", DRIVERS, chip / "flash"]
        ran += [
            str(PARTITION_BYTES),
            spoiling.path,
            spoiling.how,
            str(spoiling.seed),
            spoiling.other,
        ]
        subprocess.run(ran, check=True, timeout=DEADLINE)


def start(chip: Path) -> Outcome:
    """Turn its power on; what ends its life but the end of the test lets its watchdog bite."""
    outcome, cause = Outcome(), ResetCause.POWER_ON
    box = _Box(chip, BOARD, {})
    while outcome.starts < _STARTS and not outcome.measures:
        outcome.starts += 1
        outcome.boot, outcome.seconds, outcome.events = {}, [], []
        box.power_on(START + 30 * outcome.starts, tier=Tier.LEVELS, pace=0.0, cause=cause)
        late = threading.Timer(_PATIENCE_S, _hangs, (box, outcome))
        late.start()
        try:
            cause = _live(box, outcome)
        except (BrokenPipeError, struct.error):
            cause = ResetCause.WATCHDOG
        finally:
            late.cancel()
            box.power_off()
        outcome.words = box.last_words()
        outcome.measures = bool(outcome.boot) and len(outcome.seconds) >= _SECONDS
    return outcome


def judged(made: Path, folder: Path, spoiling: Spoiling, forgotten: str = "") -> Outcome:
    """A copy of the unit, spoilt and started. `forgotten`: by the chip's own memory, too."""
    chip = folder / "chip"
    shutil.rmtree(chip, ignore_errors=True)
    shutil.copytree(made / "chip", chip)
    spoil(chip, spoiling)
    memory = json.loads((chip / "nvs").read_text())
    memory["tamer"].pop(forgotten, None)
    (chip / "nvs").write_text(json.dumps(memory))
    return start(chip)


class _Box(FirmwareProcess):
    def kill(self) -> None:
        """End its process from another thread; whoever reads its messages sees their end."""
        if self._process:
            self._process.kill()


def _paths(made: Path) -> dict[str, list[str]]:
    """The files of each kind, by path on the box."""
    root = made / "content"
    files = ["/" + file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()]
    return {
        kind: sorted(path for path in files if path.startswith(begin))
        for kind, begin in _BEGIN.items()
    }


def _used(flash: Path) -> list[int]:
    """Where the blocks are in which anything is."""
    content = flash.read_bytes()
    return [at for at in range(0, len(content), BLOCK) if any(content[at : at + BLOCK])]


def _spoil_block(flash: Path, spoiling: Spoiling) -> None:
    """One that is in use: by chance, or the one that is named."""
    chance = random.Random(spoiling.seed)
    content = bytearray(flash.read_bytes())
    used = _used(flash)
    at = used[int(spoiling.path)] if spoiling.path else chance.choice(used)
    if spoiling.how == "flipped":
        for _ in range(chance.randint(1, 3)):
            content[at + chance.randrange(BLOCK)] ^= 1 << chance.randrange(8)
    else:
        content[at : at + BLOCK] = (
            bytes(BLOCK) if spoiling.how == "zeroed" else chance.randbytes(BLOCK)
        )
    flash.write_bytes(content)


def _spoil_all(partition: Path, spoiling: Spoiling) -> None:
    size = partition.stat().st_size
    chance = random.Random(spoiling.seed)
    partition.write_bytes(bytes(size) if spoiling.how == "zeroed" else chance.randbytes(size))


def _spoil_memory(chip: Path, spoiling: Spoiling) -> None:
    """A value of the chip's memory, and what it keeps over a reset."""
    chance = random.Random(spoiling.seed)
    (chip / "retained").write_bytes(chance.randbytes(chance.randrange(2000)))
    memory = json.loads((chip / "nvs").read_text())
    values = memory["tamer"]
    key = chance.choice(sorted(values))
    if spoiling.how == "zeroed":
        del values[key]
    elif isinstance(values[key], int):
        values[key] = chance.getrandbits(32) - (1 << 31)
    else:
        file = chip / f"nvs.tamer.{key}"
        blob = bytearray(bytes.fromhex(values[key]) or file.read_bytes())
        if spoiling.how == "random":
            blob = bytearray(chance.randbytes(chance.randrange(300, 3000)))
        else:
            blob[chance.randrange(len(blob))] ^= 1 << chance.randrange(8)
        values[key] = ""
        file.write_bytes(blob)
    (chip / "nvs").write_text(json.dumps(memory))


def _hangs(box: "_Box", outcome: Outcome) -> None:
    outcome.hung += 1
    box.kill()


def _live(box: FirmwareProcess, outcome: Outcome) -> ResetCause:
    for message in box.messages():
        match message.kind:
            case pipe.LEVELS:
                _, most = struct.unpack(pipe.LEVELS_QUERY, message.body)
                if message.us > _UNTIL_US:
                    break
                n = min(most, 20)
                box.answer(bytes((n,)) + n * _LEVELS)
            case pipe.SIDE_CHANNEL:
                answer = (pipe.FOR_EVER, 0, 0, pipe.HEALTHY)
                box.answer(struct.pack(pipe.SIDE_CHANNEL_ANSWER, *answer))
            case pipe.CONSOLE:
                _note(message.body, outcome)
            case kind if kind in RESETS:
                return RESETS[kind]
    return ResetCause.WATCHDOG


def _note(line: bytes, outcome: Outcome) -> None:
    """Of a line on its console, which may be spoilt too, or no record."""
    try:
        said = json.loads(line.decode("utf-8", "replace"))
    except ValueError:
        return
    if said.get("kind") == "boot":
        outcome.boot = said
    elif "kind" in said:
        outcome.events.append(said)
    else:
        outcome.seconds.append(said)
