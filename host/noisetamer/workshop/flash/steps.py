"""What makes a board a unit, step by step."""

import base64
import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from noisetamer.base import json_text
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.unit.files import factory_tree, partition_image
from noisetamer.unit.files.firmware_files import OURS, Firmware, Tree, kernel
from noisetamer.unit.files.partitions import Region
from noisetamer.workshop.flash.square_file import SETTINGS_FILE, Setup
from noisetamer.workshop.port import loader, micropython_image
from noisetamer.workshop.port.chip import ANOTHER_MODULE, ConnectedChip
from noisetamer.workshop.port.errors import ONCE_MORE, BoardError, RaisedError, SilentError
from noisetamer.workshop.port.micropython_image import Image
from noisetamer.workshop.port.session import BOX, IDENTITY, UNPACK
from noisetamer.workshop.steps import Bench, State, Step
from tamer import VERSION
from tamer.record.seal import fingerprint

# In the chip's memory, as serial, mqtt and command are, for which the firmware's `settings` looks:
# by which it chains its records, and, beside it, what it is to take in its place at its next
# start: it tells its hub of that with the old one.
_CHAIN, _CHAIN_NEW = "chain", "chain_new"

# MicroPython's heap with PSRAM is megabytes, without it some hundred kilobytes.
_PSRAM_HEAP = 1 << 20

# A box starts in a few seconds; its kernel's self-test is part of it.
_START_PATIENCE_S = 15
_START_LINES = 200
# Of the REPL, which takes over when main.py ends.
_GREETING = 'Type "help()"'


@dataclass(frozen=True)
class FlashBench(Bench):
    """A board, and all that it is to become."""

    chip: ConnectedChip
    board: BoardFile
    image: Image
    firmware: Firmware
    mpy: int | None
    setup: Setup


def look_at_image(bench: FlashBench) -> State:
    """MicroPython itself, part by part; a board new to us forgets its life before. With it come
    the first files of a board that has none: in one piece they go at the loader's speed.

    A unit keeps its partition table: its files, and what it has not told its hub yet, would go
    with it. From before there was a partition for records it has none; they stay in files.
    """
    esp = bench.connection.loader()
    # Not `passed`: a new MicroPython that failed half-way must not cost a unit its calibration.
    new = not bench.ever_passed("image")
    flash = bench.chip.flash_MB << 20, bench.board.speaks
    image = micropython_image.parted(bench.image, *flash)
    if not new:
        table = loader.partition_table(esp, image.table[1])
        image = micropython_image.for_a_unit(bench.image, table, *flash)
    parts = loader.differing(esp, image.parts)
    facts = {
        "chip": bench.chip.title,
        "image": bench.board.image,
        "micropython": image.version,
        "image_sha256": image.sha256,
        "journal_kB": image.journal.size >> 10 if image.journal else 0,
    }
    if new and not parts:
        # What does not start has no identity to lose.
        with suppress(SilentError, RaisedError):
            _refuse_another_identity(bench)
    files: tuple[loader.Part, ...] = ()
    if image.files and (new or not loader.has_files(bench.connection.loader(), image.files.at)):
        files = _first_files(bench, image.files)
    if not new and not parts and not files:
        return State(facts)
    size = sum(len(content) for _, content in (*parts, *files))

    def mend() -> dict[str, Any]:
        esp = bench.connection.loader()
        if new:
            loader.forget(esp, image)
        there = loader.differing(esp, files[:-1])
        with bench.connection.timed(size):
            loader.write(esp, (*parts, *there, *files[-1:]), bench.connection.progress)
        return {}

    what = f"MicroPython {image.version}" + (" and its first files" if files else "")
    return State(facts, f"write {what}, {size // 1000} kB", mend)


def _first_files(bench: FlashBench, region: Region) -> tuple[loader.Part, ...]:
    """What the box cannot take out of its factory tree, as a file system; without what would
    start before the board is a unit. Its head comes last: until all is there, MicroPython takes
    the flash for blank."""
    if bench.mpy is None:
        return ()
    files = bench.firmware(bench.board.name, bench.chip.name, bench.mpy).files
    later = {*factory_tree.holds(files), *factory_tree.START} - {factory_tree.UNPACKER}
    first = {path: content for path, content in files.items() if path not in later}
    head, *rest = partition_image.file_system(first, region.size)
    return tuple((region.at + at, content) for at, content in (*rest, head))


def look_at_firmware(bench: FlashBench) -> State:
    """The firmware's files: what differs is copied, what is left of an older one removed."""
    session = bench.connection.session()
    _must_have_psram(bench)
    firmware = bench.firmware(bench.board.name, bench.chip.name, session.call(BOX, "mpy"))
    single = [path for path in firmware.files if not path.startswith(OURS)]
    places = [*OURS, *single]
    wanted = {path: hashlib.sha256(text).hexdigest() for path, text in firmware.files.items()}
    facts = {"firmware": VERSION, "files_sha256": _hash(firmware)}
    if session.has_just(wanted, places):
        return State(facts)
    there = session.hashes(places)
    changed = [path for path, sha256 in wanted.items() if there.get(path) != sha256]
    stale = [path for path in there if path not in wanted]
    if not changed and not stale:
        return State(facts)
    # What is in the factory tree the box itself takes out of it: faster than any line.
    in_tree = factory_tree.holds(firmware.files)
    sent = [path for path in changed if path not in in_tree]
    size = sum(len(firmware.files[path]) for path in sent)

    def mend() -> dict[str, Any]:
        for path in stale:
            session.remove(path)
        _put(bench, {path: firmware.files[path] for path in sent}, size)
        if len(sent) < len(changed):
            for _ in session.lines(UNPACK, "unpack"):
                pass
            if not session.has_just(wanted, places):
                there = session.hashes(changed)
                for path in changed:
                    if there.get(path) != wanted[path]:
                        wrong = f"{path} reads back otherwise than it was written"
                        raise BoardError(wrong, ONCE_MORE)
            for folder in _folders(firmware):
                session.call(UNPACK, "settle", folder)
        return {"copied": len(changed), "removed": len(stale)}

    copied = f"copy {len(changed)} files, {size // 1000} kB"
    return State(facts, copied if sent or stale else f"unpack {len(changed)} files", mend)


def look_at_identity(bench: FlashBench) -> State:
    """Serial, secrets and the number that boots count from, in the chip's own memory.

    A key of its chain that it was given later goes beside the one it has: the box itself takes it
    from there.
    """
    session = bench.connection.session()
    if session.call(IDENTITY, "mac") != bench.chip.mac.replace(":", ""):
        raise BoardError(
            f"another board is on its port than the one that began ({bench.chip.mac})",
            "put one board in, leave it in, and run again",
        )
    _refuse_another_identity(bench)
    secrets = bench.secrets
    values = {"serial": bench.serial, "mqtt": secrets.mqtt, "command": secrets.command}
    facts = {"mac": bench.chip.mac}
    *older, newest = bench.chain_keys
    boot = session.call(IDENTITY, "boot")
    counts = boot is not None
    if counts and not bench.passed("identity"):
        # Cut off after it was told what to count from, and before the ledger heard of that.
        facts["boot"] = boot + 1
    is_unit = counts and _keeps(bench, values)
    if not (is_unit and any(_keeps(bench, {_CHAIN: key}) for key in bench.chain_keys)):
        values[_CHAIN] = newest
    if older:
        facts["chain"] = fingerprint(newest)
        values[_CHAIN_NEW] = newest
    if is_unit and _keeps(bench, values):
        return State(facts)

    def mend() -> dict[str, Any]:
        session.call(IDENTITY, "keep", values)
        if not _keeps(bench, values):
            raise BoardError("its memory does not keep what is written to it", ONCE_MORE)
        if counts:
            return {}
        first = bench.ledger.first_boot(bench.serial)
        session.call(IDENTITY, "count_from", first)
        return {"boot": first}

    if is_unit and older:
        return State(facts, f"give {bench.serial} another key for its seal", mend)
    return State(facts, f"make it {bench.serial}", mend)


def _keeps(bench: FlashBench, values: dict[str, str]) -> bool:
    """Whether its memory has just these."""
    wanted = hashlib.sha256("".join(f"{value}\n" for value in values.values()).encode())
    proof = bench.connection.session().call(IDENTITY, "proof", list(values))
    return proof == wanted.hexdigest()


def look_at_setup(bench: FlashBench) -> State:
    """Square, Wi-Fi, hub and policy. What calibration has left in the settings stays there, also
    where only the firmware's copy of them can be read."""
    session = bench.connection.session()
    there_is = _settings(session.read(SETTINGS_FILE))
    before = there_is
    if before is None:
        before = _settings(base64.b64decode(session.call(IDENTITY, "copy", "settings"))) or {}
    # In the field a box checks itself every night, unless told otherwise.
    after = {"self_check": {}, **before, **bench.setup.settings(bench.serial)}
    files = bench.setup.files()
    there = session.hashes(list(files))
    wanted = {
        path: content
        for path, content in files.items()
        if there.get(path) != hashlib.sha256(content).hexdigest()
    }
    if after != there_is:
        wanted[SETTINGS_FILE] = json.dumps(after, ensure_ascii=False).encode()
    facts = bench.setup.facts()
    if not wanted:
        return State(facts)
    size = sum(map(len, wanted.values()))

    def mend() -> dict[str, Any]:
        _put(bench, wanted, size)
        return {}

    return State(facts, "set it up" + (f" for {facts['square']}" if facts["square"] else ""), mend)


def look_at_start(bench: FlashBench) -> State:
    """The firmware starts, is ours, its kernel answers right, the policy is the one it was given;
    the board is left running.
    """
    wanted = kernel(bench.chip.name, bench.connection.session().call(BOX, "mpy"))
    boot = _boot_record(bench)
    bench.connection.release()
    if boot.get("firmware") != VERSION:
        raise BoardError(f"it runs firmware {boot.get('firmware')}, not {VERSION}", ONCE_MORE)
    verdict = str(boot.get("self_test"))
    if boot.get("kernel") != wanted or "answers wrong" in verdict:
        raise BoardError(
            f"it runs the kernel {boot.get('kernel')}, not {wanted} ({verdict})", ONCE_MORE
        )
    if boot.get("policy") != bench.setup.policy_hash:
        fault = boot.get("policy_fault") or boot.get("policy")
        raise BoardError(
            f"it does not take the policy ({fault})",
            "look at it with 'noisetamer policy check', then run again",
        )
    if unspoken := boot.get("unspoken"):
        faults = "; ".join(f"{message}: {wrong}" for message, wrong in unspoken.items())
        raise BoardError(f"it cannot say its messages ({faults})", "flash it again")
    facts = {key: boot.get(key) for key in ("firmware", "kernel", "self_test")}
    # It works, without what it says of its settings that it cannot do or read.
    return State({**facts, "settings": (boot.get("files") or {}).get("settings.json")})


def _left_by_settings(bench: FlashBench) -> str:
    """What the firmware has said at its start of its settings: of bands that its chip has no time
    for, among others."""
    history = bench.ledger.history(bench.serial, "start")
    wrong = history[-1].facts.get("settings") if history else None
    return f"its settings.json: {wrong}" if wrong else ""


def _refuse_another_identity(bench: FlashBench) -> None:
    serial = bench.connection.session().call(IDENTITY, "serial")
    if serial not in ("", bench.serial):
        raise BoardError(
            f"it says it is {serial}, which this ledger does not know of it",
            "use the ledger it was made with, or erase it with 'esptool erase-flash'",
        )


def _must_have_psram(bench: FlashBench) -> None:
    """Where no fuse tells of PSRAM, MicroPython's heap does."""
    if bench.chip.psram_MB is None and bench.board.psram_MB:
        free = bench.connection.session().call(BOX, "free_heap")
        if free < _PSRAM_HEAP:
            raise BoardError(
                f"it has no PSRAM ({free // 1000} kB of heap), the board {bench.board.name} "
                f"needs {bench.board.psram_MB} MB",
                ANOTHER_MODULE,
            )


def _put(bench: FlashBench, files: dict[str, bytes], size: int) -> None:
    session, done = bench.connection.session(), 0

    def moved(more: int) -> None:
        nonlocal done
        done += more
        bench.connection.progress(done, size)

    with bench.connection.timed(size):
        for path, content in files.items():
            try:
                session.put(path, content, moved)
            except RaisedError as error:
                if error.no_room:
                    raise BoardError(
                        f"its file system is full, no room for {path}",
                        "erase it with 'esptool erase-flash' and run again",
                    ) from None
                raise


def _settings(content: bytes | None) -> dict[str, Any] | None:
    """What the box has, None where that is no table."""
    try:
        settings = json_text.loads(content or b"")
    except ValueError:
        return None
    return settings if isinstance(settings, dict) else None


def _boot_record(bench: FlashBench) -> dict[str, Any]:
    """The first record of a start, as the firmware prints it on its console."""
    said = "nothing"
    lines = bench.connection.restarted().console(_START_PATIENCE_S)
    for _, line in zip(range(_START_LINES), lines, strict=False):
        try:
            record = json_text.loads(line)
        except ValueError:
            if _GREETING in line:
                break
            # A traceback's last line is what it is about; the greeting's first comes after it.
            said = line if line and not line.startswith("MicroPython ") else said
            continue
        if isinstance(record, dict) and record.get("kind") == "boot":
            return record
    raise BoardError(f"the firmware does not start; it says: {said[:120]}", ONCE_MORE)


def _folders(firmware: Tree) -> list[str]:
    """All that its files are in."""
    return sorted({path[: path.rindex("/")] for path in firmware.files})


def _hash(firmware: Tree) -> str:
    """One hash of all files and their names."""
    whole = hashlib.sha256()
    for path, content in sorted(firmware.files.items()):
        whole.update(f"{path} {hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]


STEPS: tuple[Step[FlashBench], ...] = (
    Step("image", look_at_image),
    Step("firmware", look_at_firmware),
    Step("identity", look_at_identity),
    Step("setup", look_at_setup),
    Step("start", look_at_start, _left_by_settings),
)
"""In their order. `start` comes last: it leaves the firmware running."""
