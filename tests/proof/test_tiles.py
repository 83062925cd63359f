"""Tiles and bundles are those of C2SP tlog-tiles, with its own examples."""

import random

import pytest

from noisetamer.proof.merkle import (
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    of_leaves,
    root,
)
from noisetamer.proof.tiles import (
    Tile,
    bundle,
    entries_in,
    hashes_in,
    nodes,
    tile_at,
    tiles_of,
    width,
)


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_says():
    tiles = list(tiles_of(70_000))
    by_level = {level: [t for t in tiles if t.level == level] for level in (None, 0, 1, 2, 3)}
    for level in (None, 0):
        assert [tile.width for tile in by_level[level]] == [256] * 273 + [112]
    assert [tile.width for tile in by_level[1]] == [256, 17]
    assert [tile.width for tile in by_level[2]] == [1]
    assert by_level[3] == []


def test_a_tree_of_256_has_a_full_tile_and_a_partial_one_above():
    paths = [tile.path for tile in tiles_of(256)]
    assert paths == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(None, 0, 3), "tile/entries/000.p/3"),
        (Tile(2, 999, 255), "tile/2/999.p/255"),
        (Tile(63, 1000), "tile/63/x001/000"),
    ],
)
def test_paths(tile: Tile, path: str):
    assert tile.path == path
    assert tile_at(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1",
        "tile/00/001",
        "tile/64/001",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001/",
        "tile/0/001\n",
        "tile/0/../001",
        "tile/0/٠٠١",
        "/tile/0/001",
        "",
    ],
)
def test_what_is_no_path_in_its_one_form_is_refused(path: str):
    with pytest.raises(ValueError, match="is no path of a tile"):
        tile_at(path)


def test_only_tiles_that_change_are_made_again():
    assert list(tiles_of(70_000, 70_000)) == []
    assert [tile.path for tile in tiles_of(258, 255)] == [
        "tile/entries/000",
        "tile/entries/001.p/2",
        "tile/0/000",
        "tile/0/001.p/2",
        "tile/1/000.p/1",
    ]
    whole: dict[tuple[int | None, int], int] = {}
    size = 0
    chance = random.Random(3)
    while size < 140_000:
        grown = size + chance.choice((1, 30, 255, 256, 257, 65_536))
        for tile in tiles_of(grown, size):
            whole[tile.level, tile.place] = tile.width
        size = grown
    assert whole == {(t.level, t.place): t.width for t in tiles_of(size)}


def test_what_ends_where_is_what_pruning_goes_by():
    assert Tile(None, 0).end == Tile(0, 0).end == 256
    assert Tile(1, 1).end == 2 * 65_536


def test_entries_come_out_of_a_bundle_as_they_went_in():
    entries = [b"", b"one", bytes(65_535), "三".encode()]
    assert entries_in(bundle(entries)) == entries
    assert bundle([b"one"]) == b"\x00\x03one"
    with pytest.raises(ValueError, match="65536 bytes"):
        bundle([bytes(65_536)])
    for cut in (b"\x00", b"\x00\x03on", b"\x00\x01a\x00"):
        with pytest.raises(ValueError, match="cut off"):
            entries_in(cut)
    for wrong in (b"", bytes(31), bytes(8193), bytes(8224)):
        with pytest.raises(ValueError, match="bytes"):
            hashes_in(wrong)


def test_proofs_from_tiles_are_those_from_leaves():
    chance = random.Random(256)
    leaves = [leaf_hash(i.to_bytes(4)) for i in range(70_000)]
    node = of_leaves(leaves)
    read: list[Tile] = []

    def content(tile: Tile) -> bytes:
        read.append(tile)
        height = 8 * (tile.level or 0)
        first = tile.place * 256
        return b"".join(node(height, first + i) for i in range(tile.width))

    size = 70_000
    tiled = nodes(size, content)
    assert root(size, tiled) == root(size, node)
    read.clear()
    assert inclusion_proof(69_999, size, tiled) == inclusion_proof(69_999, size, node)
    assert len(set(read)) <= 4, "a proof asks for few tiles"
    for index in (0, 255, 256, 65_535, 65_536, chance.randrange(size)):
        assert inclusion_proof(index, size, tiled) == inclusion_proof(index, size, node)
        assert consistency_proof(index, size, tiled) == consistency_proof(index, size, node)


def test_a_tile_that_is_cut_off_is_named():
    with pytest.raises(ProofError, match=r"tile/0/000.p/3 has 64 bytes, 96 belong there"):
        root(3, nodes(3, lambda tile: bytes(64)))


def test_how_wide_a_tile_is():
    assert [width(70_000, 0, place) for place in (0, 272, 273, 274)] == [256, 256, 112, 0]
