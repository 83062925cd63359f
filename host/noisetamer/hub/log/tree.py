"""The tree of the log as plain files (C2SP tlog-tiles); in memory only its right edge."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub.log.disk import Disk
from noisetamer.proof import merkle
from noisetamer.proof.merkle import complete, leaf_hash
from noisetamer.proof.tiles import (
    HASH,
    HEIGHT,
    WIDTH,
    Tile,
    bundle,
    entries_in,
    hashes_in,
    nodes,
    width,
)

CHECKPOINT = "checkpoint"
"""The newest one, beside `tile/`."""

Entries = Callable[[int, int], Iterable[bytes]]
"""(first, end): the entries of the log from one index to before another."""


def published(folder: Path) -> str | None:
    """The checkpoint that is given out; None where there is none that can be read."""
    try:
        return (folder / CHECKPOINT).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


class Tree:
    """Of one thread at a time. folder: has `tile/`."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.folder = folder
        self.size = 0
        self._disk = disk
        self._entries: list[bytes] = []
        # of each level the hashes of its partial tile
        self._edge: list[list[bytes]] = [[]]

    def load(self, size: int, entries: Entries) -> bytes:
        """Take up the tree of so many leaves, by its entries and its files, of which only the
        right edge is read; its root, b"" where a file is missing. Nothing is written.
        """
        self.size = size
        self._entries = list(entries(size - size % WIDTH, size))
        self._edge = [[leaf_hash(entry) for entry in self._entries]]
        level = 1
        while size >> HEIGHT * level:
            place, wide = divmod(size >> HEIGHT * level, WIDTH)
            hashes: list[bytes] = []
            if wide:
                with suppress(ValueError, UserError):
                    hashes = hashes_in(self.read(Tile(level, place, wide))[: wide * HASH])
            if len(hashes) != wide:
                return b""
            self._edge.append(hashes)
            level += 1
        return self.root() if len(self._entries) == size % WIDTH else b""

    def mend_edge(self) -> None:
        """Write again what of the right edge is not on the disk as it was loaded."""
        self._put_edge([], filled=True, mending=True)
        self._disk.settle()

    def rebuild(self, size: int, entries: Entries) -> bytes:
        """Make all files anew from the entries, where they are not as they should be; the root."""
        self.size = 0
        self._entries, self._edge = [], [[]]
        for first in range(0, size, 64 * WIDTH):
            self.grow(entries(first, min(first + 64 * WIDTH, size)), mending=True)
        return self.root()

    def grow(self, entries: Iterable[bytes], mending: bool = False) -> None:
        """Add leaves; when it returns they are on the disk. Raises OSError: load it again."""
        before = [len(level) for level in self._edge]
        full: list[Tile] = []
        leaves = self._edge[0]
        for entry in entries:
            self._entries.append(entry)
            leaves.append(leaf_hash(entry))
            self.size += 1
            if len(leaves) == WIDTH:
                self._put(Tile(None, self.size // WIDTH - 1), bundle(self._entries), mending)
                self._entries = []
                full += self._fill(mending)
                leaves = self._edge[0]
        self._put_edge(before, bool(full), mending)
        self._disk.settle()
        for tile in full:
            # partial ones may go when the full one is there
            self._disk.remove_folder(self.folder / f"{tile.path}.p")

    def root(self) -> bytes:
        return merkle.root(self.size, nodes(self.size, self._of_edge))

    def read(self, tile: Tile) -> bytes:
        """A tile or bundle; of a partial one the full one, or a wider, will do. Raises UserError
        where none is there."""
        names = [tile.path, tile._replace(width=WIDTH).path]
        for name in names:
            try:
                return (self.folder / name).read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise UserError(
                    f"The log's file {self.folder / name} cannot be read "
                    f"({error.strerror or error}): 'noisetamer hub check' says more."
                ) from None
        wider = [wide for wide in self._partial(tile) if wide > tile.width]
        if wider:
            return self.read(tile._replace(width=min(wider)))
        raise UserError(
            f"The log's file {self.folder / tile.path} is missing: "
            "'noisetamer hub check' says more."
        )

    def entries(self, size: int, first: int = 0) -> Iterator[list[bytes]]:
        """What the entry bundles hold, bundle by bundle from that of leaf `first` on. Raises
        UserError, ValueError."""
        for place in range(first // WIDTH, -(-size // WIDTH)):
            tile = Tile(None, place, width(size, None, place))
            yield entries_in(self.read(tile))[: tile.width]

    def _of_edge(self, tile: Tile) -> bytes:
        return b"".join(self._edge[tile.level or 0])

    def _fill(self, mending: bool) -> list[Tile]:
        """Level 0 is full: write it, and each above that it fills."""
        full = []
        level = 0
        while len(hashes := self._edge[level]) == WIDTH:
            place = (self.size >> HEIGHT * (level + 1)) - 1
            tile = Tile(level, place)
            self._put(tile, b"".join(hashes), mending)
            full += [tile] if level else [tile, Tile(None, place)]
            if len(self._edge) == level + 1:
                self._edge.append([])
            self._edge[level + 1].append(complete(hashes))
            self._edge[level] = []
            level += 1
        return full

    def _put_edge(self, before: list[int], filled: bool, mending: bool) -> None:
        for level, hashes in enumerate(self._edge):
            unchanged = not filled and level < len(before) and len(hashes) == before[level]
            if not hashes or unchanged:
                continue
            place = (self.size >> HEIGHT * level) // WIDTH
            if level == 0:
                tile = Tile(None, place, len(hashes))
                self._put(tile, bundle(self._entries), mending)
            self._put(Tile(level, place, len(hashes)), b"".join(hashes), mending)

    def _put(self, tile: Tile, content: bytes, mending: bool) -> None:
        file = self.folder / tile.path
        if mending:
            with suppress(OSError):
                if file.read_bytes() == content:
                    return
        self._disk.put(file, content)

    def _partial(self, tile: Tile) -> list[int]:
        folder = (self.folder / tile._replace(width=WIDTH).path).with_suffix(".p")
        if not folder.is_dir():
            return []
        return [int(file.name) for file in folder.iterdir() if file.name.isdecimal()]
