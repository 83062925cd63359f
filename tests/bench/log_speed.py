"""How many leaves a second the log takes, fsynced and signed, beside pymerkle on the same leaves.

    python tests/bench/log_speed.py [LEAVES]

Batches of 100 and of 3,000, of contents as a unit's batch of records has. "signed": a checkpoint
with its files after each batch; "each second": batches are on the disk at once, signed each
second (the hub does it each minute). pymerkle's trees keep the same entries: in memory, and in
SQLite with one commit a batch; they sign nothing and write no tiles. CPU and time are told; ratios
are what to compare, and what a machine's fsync costs is told besides. At the end what a leaf takes
on the disk, and so a thousand units in a year.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymerkle import InmemoryTree, SqliteTree

from noisetamer.hub.log.log import Log
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.signer import KeySigner
from noisetamer.proof.tiles import entries_in, tiles_of

KEY = KeySigner(Ed25519PrivateKey.generate(), "hub.example/noisetamer/01234567")
UNITS, DAYS = 1000, 365
# A leaf each ten minutes, and in a loud evening some more.
LEAVES_A_DAY = 150


def contents(count: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": "batch",
            "unit": f"NT1-2611-{n % 1000:04}",
            "boot": 7,
            "first": 60 * n + 1,
            "last": 60 * n + 60,
            "count": 60,
            "records": f"{n:064x}",
            "link": f"{n:032x}",
            "chain": "whole",
            "received": [1_800_000_000 + n, 1_800_000_600 + n],
        }
        for n in range(count)
    ]


def batches(found: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    return (found[at : at + size] for at in range(0, len(found), size))


def timed(what: str, count: int, work: Callable[[], object]) -> float:
    """Leaves a second, told."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    took, spent = time.perf_counter() - began, time.process_time() - cpu
    print(f"{what:58}{count / took:10,.0f}/s {spent / count * 1e6:8.1f} µs of CPU a leaf")
    return count / took


def fsync_cost(folder: Path) -> float:
    """s, of the median of 50."""
    took = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return sorted(took)[25]


def ours(folder: Path, found: list[dict[str, Any]], size: int, signed: bool) -> None:
    folder.mkdir()
    with closing(Log(folder / "log", folder / "log.sqlite", KEY)) as log:
        last = time.perf_counter()
        for some in batches(found, size):
            log.append(some)
            if signed or time.perf_counter() - last >= 1:
                log.checkpoint()
                last = time.perf_counter()
        log.checkpoint()


def entries(folder: Path, count: int) -> list[bytes]:
    return [
        entry
        for tile in tiles_of(count)
        if tile.level is None
        for entry in entries_in((folder / "log" / tile.path).read_bytes())
    ]


def in_sqlite(file: Path, found: list[bytes], size: int) -> bytes:
    tree = SqliteTree(str(file))
    try:
        tree.con.execute("PRAGMA synchronous=FULL")
        for at in range(0, len(found), size):
            tree.append_entries(found[at : at + size])
        return tree.get_root()
    finally:
        tree.close()


def in_memory(found: list[bytes]) -> bytes:
    tree = InmemoryTree()
    tree.append_entries(found)
    return tree.get_root()


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    found = contents(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{count:,} leaves; an fsync here takes {fsync_cost(folder) * 1e3:.1f} ms")
        rates = {}
        for size in (100, 3000):
            for signed in (True, False):
                how = "signed" if signed else "each second"
                place = folder / f"{size}-{signed}"
                rates[size, signed] = timed(
                    f"ours, batches of {size}, {how}",
                    count,
                    lambda place=place, size=size, signed=signed: ours(place, found, size, signed),
                )
        place = folder / "3000-True"
        plain = entries(place, count)
        for size in (100, 3000):
            rate = timed(
                f"pymerkle, SQLite, batches of {size}, not signed",
                count,
                lambda size=size: in_sqlite(folder / f"{size}.db", plain, size),
            )
            print(f"{'':20}ours, signed: {rates[size, True] / rate:.1f} times as many")
        rate = timed("pymerkle, in memory, not signed", count, lambda: in_memory(plain))
        print(f"{'':20}ours, batches of 3000, signed: {rates[3000, True] / rate:.2f} of that")
        note = (place / "log" / "checkpoint").read_text()
        same = checkpoint_in(note).root == in_memory(plain)
        print(f"the same root: {'yes' if same else 'NO'}")
        files, file = size_of(place / "log"), (place / "log.sqlite").stat().st_size
        leaf = (files + file) / count
        year = UNITS * DAYS * LEAVES_A_DAY * leaf
        print(
            f"on the disk {leaf:.0f} bytes a leaf: {files / count:.0f} of files, "
            f"{file / count:.0f} of log.sqlite; {UNITS} units, {LEAVES_A_DAY} leaves a day "
            f"each: {year / 1e9:.1f} GB a year"
        )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
