"""Merkle trees of RFC 6962, section 2.1: roots, proofs of inclusion and of consistency.

A tree is read through one function, `Node`: the hash of a complete subtree, by its height and its
place among those of that height; the leaves are those of height 0. So the same code makes proofs
from a list of leaves and from tiles on a disk (`tiles.nodes`).
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from noisetamer.base.errors import UserError

# (height, place): MTH(D[place * 2**height : (place + 1) * 2**height])
Node = Callable[[int, int], bytes]

EMPTY = hashlib.sha256(b"").digest()


class ProofError(UserError):
    """What should prove something does not."""


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete(hashes: Sequence[bytes]) -> bytes:
    """The hash above 2**n hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def of_leaves(leaves: Sequence[bytes]) -> Node:
    """leaves: their hashes."""
    return lambda height, place: complete(leaves[place << height : (place + 1) << height])


class Edge:
    """A tree that only grows, of which no more is kept than its root needs."""

    def __init__(self) -> None:
        self.size = 0
        self._hashes: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """leaf: its hash."""
        self.size += 1
        self._hashes.append(leaf)
        count = self.size
        while not count & 1:
            right = self._hashes.pop()
            self._hashes.append(node_hash(self._hashes.pop(), right))
            count >>= 1

    def root(self) -> bytes:
        if not self._hashes:
            return EMPTY
        found = self._hashes[-1]
        for left in self._hashes[-2::-1]:
            found = node_hash(left, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root above these hashes of leaves, however many they are."""
    edge = Edge()
    for leaf in leaves:
        edge.add(leaf)
    return edge.root()


def root(size: int, node: Node) -> bytes:
    """The Merkle Tree Hash of the first `size` leaves."""
    return _span(0, size, node) if size else EMPTY


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]) of section 2.1.1, from the leaf upwards. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            proof.append(_span(middle, end, node))
            end = middle
        else:
            proof.append(_span(start, middle, node))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """PROOF(old, D[new]) of section 2.1.2; empty where old is 0 or new. Raises ValueError."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} has no earlier one of {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end = 0, new
    whole = True  # the old tree is the left one all the way: its root is known to who asks
    while old != end:
        middle = start + _left(end - start)
        if old <= middle:
            proof.append(_span(middle, end, node))
            end = middle
        else:
            proof.append(_span(start, middle, node))
            start = middle
            whole = False
    if not whole:
        proof.append(_span(start, end, node))
    return proof[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that `proof` leads to from the hash of a leaf (RFC 9162, 2.1.3.2). Raises
    ProofError where it has not the length that index and size ask for."""
    if not 0 <= index < size:
        raise ProofError(f"There is no leaf {index} in a tree of {size}.")
    found = leaf
    place, last = index, size - 1
    for hash_ in proof:
        if last == 0:
            raise ProofError(f"The proof of leaf {index} of {size} is too long.")
        if place & 1 or place == last:
            found = node_hash(hash_, found)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            found = node_hash(found, hash_)
        place >>= 1
        last >>= 1
    if last:
        raise ProofError(f"The proof of leaf {index} of {size} is too short.")
    return found


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> None:
    """leaf: its hash; expected: the root. Raises ProofError."""
    if root_by_inclusion(leaf, index, size, proof) != expected:
        raise ProofError(f"Leaf {index} is not in this tree of {size}.")


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """That the tree of size `new` has that of size `old` at its beginning (RFC 9162, 2.1.4.2).

    Raises ProofError.
    """
    if not 0 <= old <= new:
        raise ProofError(f"A tree of {new} cannot have grown from one of {old}.")
    if old in (0, new):
        if proof:
            raise ProofError(f"From {old} to {new} no proof is needed, and one is there.")
        if old_root != (new_root if old == new else EMPTY):
            raise ProofError(f"Two different trees of size {old}.")
        return
    rest = list(proof)
    if old & (old - 1) == 0:  # a complete tree: its root is the first hash
        rest.insert(0, old_root)
    if not rest:
        raise ProofError(f"The proof from {old} to {new} is too short.")
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    found_old = found_new = rest[0]
    for hash_ in rest[1:]:
        if last == 0:
            raise ProofError(f"The proof from {old} to {new} is too long.")
        if place & 1 or place == last:
            found_old = node_hash(hash_, found_old)
            found_new = node_hash(hash_, found_new)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            found_new = node_hash(found_new, hash_)
        place >>= 1
        last >>= 1
    if last:
        raise ProofError(f"The proof from {old} to {new} is too short.")
    if found_old != old_root or found_new != new_root:
        raise ProofError(f"The tree of {new} has not grown from that of {old}: one was changed.")


def _left(size: int) -> int:
    """The largest power of two below size (RFC 6962's k); size: 2 or more."""
    return 1 << (size - 1).bit_length() - 1


def _span(start: int, end: int, node: Node) -> bytes:
    """MTH(D[start:end]); start is a multiple of the largest power of two within."""
    size = end - start
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return node(height, start >> height)
    middle = start + _left(size)
    return node_hash(_span(start, middle, node), _span(middle, end, node))
