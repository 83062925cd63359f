"""Trees as plain files: the tiles and entry bundles of C2SP tlog-tiles (c2sp.org/tlog-tiles).

A tile has up to 256 hashes of one level; each hash of level L + 1 is that of a full tile of level
L. An entry bundle has the entries below a tile of level 0.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from noisetamer.proof.merkle import Node, ProofError, complete

WIDTH = 256
HEIGHT = 8
HASH = 32
LONGEST = 0xFFFF  # bytes of an entry

_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<place>(x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?\Z",
    re.ASCII,
)


class Tile(NamedTuple):
    """level: None of an entry bundle; width: hashes or entries in it, 256 when it is full."""

    level: int | None
    place: int
    width: int = WIDTH

    @property
    def end(self) -> int:
        """The leaf after its last, were it full (the end index of "Pruning")."""
        return (self.place + 1) * WIDTH ** ((self.level or 0) + 1)

    @property
    def path(self) -> str:
        groups = [f"{self.place % 1000:03}"]
        rest = self.place // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level is None else self.level
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{'/'.join(groups)}{partial}"


def tile_at(path: str) -> Tile:
    """Raises ValueError for what is no path of a tile in its one form."""
    if not (found := _PATH.match(path)):
        raise ValueError(f"{path[:100]!r} is no path of a tile")
    level = None if found["level"] == "entries" else int(found["level"])
    place = int(found["place"].replace("x", "").replace("/", ""))
    tile = Tile(level, place, int(found["width"] or WIDTH))
    if tile.path != path:
        raise ValueError(f"{path[:100]!r} is no path of a tile in its one form")
    return tile


def width(size: int, level: int | None, place: int) -> int:
    """How many hashes or entries of a tree of `size` leaves are in that tile; 0: not there."""
    return min(WIDTH, max(0, (size >> HEIGHT * (level or 0)) - place * WIDTH))


def tiles_of(size: int, before: int = 0) -> Iterator[Tile]:
    """The tiles and bundles of a tree, without those that a tree of `before` leaves has as they
    are; bundles first, then level by level."""
    for level in (None, *range(64)):
        had, has = (n >> HEIGHT * (level or 0) for n in (before, size))
        if not has:
            return
        for place in range(had // WIDTH, -(-has // WIDTH)):
            tile = Tile(level, place, width(size, level, place))
            if tile.width != width(before, level, place):
                yield tile


def bundle(entries: Sequence[bytes]) -> bytes:
    """Each with its length before it, 16 bits, big-endian. Raises ValueError."""
    for entry in entries:
        if len(entry) > LONGEST:
            raise ValueError(f"an entry of {len(entry)} bytes: at most {LONGEST}")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def entries_in(data: bytes) -> list[bytes]:
    """Raises ValueError where the lengths do not fit the data."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start])
        if start > len(data) or at > len(data):
            raise ValueError("an entry bundle is cut off")
        found.append(data[start:at])
    return found


def hashes_in(data: bytes) -> list[bytes]:
    """Raises ValueError."""
    if len(data) % HASH or not 0 < len(data) <= WIDTH * HASH:
        raise ValueError(f"a tile of {len(data)} bytes")
    return [data[i : i + HASH] for i in range(0, len(data), HASH)]


def nodes(size: int, read: Callable[[Tile], bytes]) -> Node:
    """The nodes of a tree of `size` leaves, from its tiles. read: the content of one; of a partial
    one, the content of the full one (or a wider) will do.

    What it gives raises ProofError for a tile that is cut off, and what `read` raises.
    """

    @lru_cache(maxsize=64)
    def hashes(level: int, place: int) -> list[bytes]:
        tile = Tile(level, place, width(size, level, place))
        data = read(tile)
        if len(data) < tile.width * HASH:
            raise ProofError(
                f"{tile.path} has {len(data)} bytes, {tile.width * HASH} belong there."
            )
        return hashes_in(data[: tile.width * HASH])

    def node(height: int, place: int) -> bytes:
        level, within = divmod(height, HEIGHT)
        tile, first = divmod(place << within, WIDTH)
        found = hashes(level, tile)[first : first + (1 << within)]
        if len(found) != 1 << within:
            raise ProofError(f"A tree of {size} has no such node.")
        return complete(found)

    return node
