"""A small firmware and a release of it, for what is done to a box a thousand times."""

import hashlib
import json
import random
from pathlib import Path

import releases
from stand import BOARD, START
from unix_port import run

from noisetamer.base.paths import DRIVERS, FIRMWARE
from noisetamer.unit.files import factory_tree

HOWS = ("good", "deaf", "crashes")

_NOISE = random.Random(1)
_OLD = {
    "/main.py": b"import tamer\n",
    "/first.py": b"first\n",
    "/factory.py": _NOISE.randbytes(900),
    "/board.py": b"BOARD = 1\n",
    "/tamer/a.mpy": _NOISE.randbytes(5000),
    "/tamer/b.mpy": b"b" * 300,
    "/tamer/sub/old.mpy": _NOISE.randbytes(2100),
    # A folder is imported before a module of its name, even an empty one.
    "/tamer/grows.mpy": b"g" * 200,
    "/tamer/shrinks/__init__.mpy": b"s" * 200,
}
_NEW = {
    "/board.py": b"BOARD = 1\n",
    "/tamer/a.mpy": _NOISE.randbytes(4100),
    "/tamer/b.mpy": b"b" * 300,
    "/tamer/more/new.mpy": _NOISE.randbytes(600),
    "/tamer/grows/__init__.mpy": b"g" * 300,
    "/tamer/shrinks.mpy": b"s" * 300,
}
_GIVEN = {"/policy.json": b'{"name": "x"}', "/voices/v.wav": _NOISE.randbytes(700)}
_POLICY, _VOICE = b'{"name": "y"}', _NOISE.randbytes(500)


def lay_out(folder: Path) -> None:
    """All that on_box/update_cut_short.py wants."""
    trees = {f"/{name}": tree for name, tree in factory_tree.trees(_OLD, BOARD).items()}
    own = {"/policy.json": _POLICY, "/voices/v.wav": _VOICE}
    old = {**_OLD, **own, **trees}
    made = releases.made({**_NEW, **_GIVEN}, START)
    start = {path: _OLD[path] for path in factory_tree.START}
    new = {**start, **_NEW, **_GIVEN, "/factory.tree": made.whole}
    new["/start.tree"] = trees["/start.tree"]
    key = {f"/{name}": content for name, content in releases.root_key().items()}
    for path, content in {**old, **key}.items():
        file = folder / "flash" / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (folder / "release").write_bytes(made.whole)
    (folder / "order.json").write_text(json.dumps(made.told))
    for name, files in (("old", old), ("new", new)):
        digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
        (folder / f"{name}.json").write_text(json.dumps(digests))


def cut_short(folder: Path, how: str, first: int, step: int) -> tuple[int, int, int]:
    """(writes of an update, how often the old firmware was left, the new one)."""
    cut = (FIRMWARE, DRIVERS, folder, how, str(first), str(step))
    writes, old, new = json.loads(run("update_cut_short.py", *cut))
    return writes, old, new


def poisoned(folder: Path, seed: int, n: int) -> dict[str, int]:
    """How often each reason was told of so many releases that are not as they were made."""
    return json.loads(run("update_poisoned.py", FIRMWARE, folder, str(seed), str(n)))
