"""The log through power cuts: what a checkpoint names is there, whatever is lost."""

import random
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from cut_disk import CutDisk, PowerCutError
from growing_log import signer

from noisetamer.hub.log.comparison import compare
from noisetamer.hub.log.disk import Disk
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.tree import CHECKPOINT
from noisetamer.proof import merkle, notes
from noisetamer.proof.checkpoint import Checkpoint, checkpoint_of
from noisetamer.proof.merkle import leaf_hash, verify_consistency
from noisetamer.proof.notes import NoteError
from noisetamer.proof.tiles import Tile, entries_in, nodes, tiles_of

KEY = signer("hub/noisetamer/0")
MORE = (1, 2, 30, 224, 255, 256, 257, 300)


def lives(folder: Path, seed: int, cuts: int, disk: Callable[..., Disk] = CutDisk) -> int:
    """One log whose power is cut so often, at a step that chance says; how many leaves it has.

    Raises AssertionError where something that was signed or acknowledged is not there.
    """
    chance = random.Random(seed)
    shown: list[Checkpoint] = []
    acknowledged = 0
    for _ in range(cuts):
        cut = disk(chance.randrange(60), chance)
        log = Log(folder / "log", folder / "log.sqlite", KEY, lambda: 1_800_000_000, cut)
        with closing(log), suppress(PowerCutError):
            while True:
                more = chance.choice(MORE)
                log.append({"kind": "look", "by": str(n)} for n in range(more))
                acknowledged += more
                shown.append(checkpoint_of(notes.parse(log.checkpoint()).text))
        _as_published(folder / "log")
        log = Log(folder / "log", folder / "log.sqlite", KEY, lambda: 1_800_000_000)
        with closing(log):
            assert log.size == acknowledged, "an acknowledged leaf is gone"
            assert log.origin == KEY.name
            now = checkpoint_of(notes.parse(log.checkpoint()).text)
            for old in shown[-3:]:
                proof = log.consistency(old.size, now.size)
                verify_consistency(old.size, now.size, proof, old.root, now.root)
            shown.append(now)
        ill = [said.text for said in compare(folder) if said.ill]
        assert not ill, ill
    return acknowledged


def _as_published(folder: Path) -> None:
    """What the checkpoint on the disk names is on the disk, before anybody mends anything."""
    try:
        told = checkpoint_of(notes.parse((folder / CHECKPOINT).read_bytes()).text)
    except FileNotFoundError:
        return
    except NoteError as error:
        raise AssertionError(f"a checkpoint was torn: {error}") from None
    leaves: list[bytes] = []

    def read(tile: Tile) -> bytes:
        for path in (tile.path, tile._replace(width=256).path):
            with suppress(FileNotFoundError):
                return (folder / path).read_bytes()
        raise AssertionError(f"{tile.path} of {told.size} leaves is not there")

    for tile in tiles_of(told.size):
        content = read(tile)
        if tile.level is None:
            leaves += [leaf_hash(entry) for entry in entries_in(content)[: tile.width]]
    assert merkle.root_of(leaves) == told.root, "bundles are not those that were signed"
    if told.size:
        assert merkle.root(told.size, nodes(told.size, read)) == told.root
