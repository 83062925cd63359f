"""Roots and proofs are those of RFC 6962, and of others' code on the same leaves."""

import random
from itertools import pairwise

import pytest
from pymerkle import InmemoryTree

from noisetamer.proof import merkle
from noisetamer.proof.merkle import (
    EMPTY,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    of_leaves,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# Certificate Transparency's own reference: the leaves, and the root after each.
KNOWN = {
    "": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "00": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "10": "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "2021": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "3031": "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "40414243": "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "5051525354555657": "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "606162636465666768696a6b6c6d6e6f": (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    ),
}
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in KNOWN]


def some_leaves(count: int) -> list[bytes]:
    return [leaf_hash(f"leaf {i}".encode()) for i in range(count)]


def test_roots_are_the_known_ones():
    assert root(0, of_leaves([])) == root_of([]) == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for size, expected in enumerate(KNOWN.values(), 1):
        assert root(size, of_leaves(LEAVES)).hex() == expected
        assert root_of(LEAVES[:size]).hex() == expected


def test_proofs_are_those_drawn_in_section_2_1_3():
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l_ = node_hash(g, h), node_hash(i, j)
    node = of_leaves(LEAVES[:7])
    assert root(7, node) == node_hash(k, l_)
    assert inclusion_proof(0, 7, node) == [b, h, l_]
    assert inclusion_proof(3, 7, node) == [c, g, l_]
    assert inclusion_proof(4, 7, node) == [f, j, k]
    assert inclusion_proof(6, 7, node) == [i, k]
    assert consistency_proof(3, 7, node) == [c, d, g, l_]
    assert consistency_proof(4, 7, node) == [l_]
    assert consistency_proof(6, 7, node) == [i, j, k]


def test_each_leaf_of_each_tree_is_proved_in_its_place_and_no_other():
    leaves = some_leaves(20)
    node = of_leaves(leaves)
    for size in range(1, 21):
        top = root(size, node)
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            verify_inclusion(leaves[index], index, size, proof, top)
            others = [(index + 1, size), (index - 1, size), (index, size + 1), (index, size - 1)]
            for place, of in others:
                # a leaf at another end of a path of the same length leads elsewhere
                if merkle_says(leaves[index], place, of, proof) == top:
                    assert (place, of) != (index, size)
                    assert inclusion_proof_shape(place, of) == inclusion_proof_shape(index, size)


def merkle_says(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    try:
        return merkle.root_by_inclusion(leaf, index, size, proof)
    except ProofError:
        return None


def inclusion_proof_shape(index: int, size: int) -> list[bool]:
    """On which side each hash of the path stands."""
    shape: list[bool] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        shape.append(index < middle)
        start, end = (start, middle) if index < middle else (middle, end)
    return shape


def test_each_tree_is_proved_to_have_grown_from_each_before():
    node = of_leaves(some_leaves(33))
    roots = [root(size, node) for size in range(34)]
    for new in range(34):
        for old in range(new + 1):
            proof = consistency_proof(old, new, node)
            verify_consistency(old, new, proof, roots[old], roots[new])


def test_a_changed_leaf_a_changed_proof_and_another_root_prove_nothing():
    leaves = some_leaves(11)
    node = of_leaves(leaves)
    top = root(11, node)
    proof = inclusion_proof(5, 11, node)
    with pytest.raises(ProofError, match="Leaf 5 is not in this tree"):
        verify_inclusion(leaves[6], 5, 11, proof, top)
    with pytest.raises(ProofError, match="too short"):
        verify_inclusion(leaves[5], 5, 11, proof[:-1], top)
    with pytest.raises(ProofError, match="too long"):
        verify_inclusion(leaves[5], 5, 11, [*proof, top], top)
    with pytest.raises(ProofError, match="no leaf 11 in a tree of 11"):
        verify_inclusion(leaves[5], 11, 11, proof, top)
    for place in range(len(proof)):
        changed = list(proof)
        changed[place] = bytes(32)
        with pytest.raises(ProofError):
            verify_inclusion(leaves[5], 5, 11, changed, top)


def test_a_forked_tree_has_no_proof_of_consistency():
    ours, theirs = some_leaves(40), some_leaves(40)
    theirs[7] = leaf_hash(b"something else")
    roots = [root(size, of_leaves(ours)) for size in range(41)]
    other = of_leaves(theirs)
    for old in range(8, 40):
        with pytest.raises(ProofError, match="one was changed"):
            verify_consistency(
                old, 40, consistency_proof(old, 40, other), roots[old], root(40, other)
            )
    with pytest.raises(ProofError, match="Two different trees of size 40"):
        verify_consistency(40, 40, [], roots[40], root(40, other))
    with pytest.raises(ProofError, match="cannot have grown"):
        verify_consistency(41, 40, [], roots[40], root(40, other))


def test_proofs_with_hashes_too_many_or_too_few_are_refused():
    node = of_leaves(some_leaves(40))
    for old in range(1, 40):
        proof = consistency_proof(old, 40, node)
        roots = root(old, node), root(40, node)
        for wrong in ([*proof, bytes(32)], proof[:-1], []):
            with pytest.raises(ProofError):
                verify_consistency(old, 40, wrong, *roots)
    for old in (0, 40):
        with pytest.raises(ProofError, match="no proof is needed"):
            verify_consistency(old, 40, [EMPTY], root(old, node), root(40, node))


def test_who_asks_for_what_is_not_there_is_told():
    with pytest.raises(ValueError, match="no leaf 3 in a tree of 3"):
        inclusion_proof(3, 3, of_leaves(LEAVES))
    with pytest.raises(ValueError, match="no earlier one of 5"):
        consistency_proof(5, 4, of_leaves(LEAVES))


def test_pymerkle_finds_the_same_on_the_same_leaves():
    chance = random.Random(6962)
    entries = [chance.randbytes(chance.randrange(200)) for _ in range(300)]
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    leaves = [leaf_hash(entry) for entry in entries]
    node = of_leaves(leaves)
    sizes = sorted({1, 2, 255, 256, 257, 300, *chance.sample(range(1, 300), 20)})
    for size in sizes:
        assert root(size, node) == tree.get_root(size)
        index = chance.randrange(size)
        theirs = tree.prove_inclusion(index + 1, size).path
        assert sorted(theirs) == sorted([leaves[index], *inclusion_proof(index, size, node)])
    for old, new in pairwise(sizes):
        theirs = tree.prove_consistency(old, new)
        ours = consistency_proof(old, new, node)
        verify_consistency(old, new, ours, theirs.retrieve_prior_state(), tree.get_root(new))
