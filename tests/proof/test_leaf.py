"""An entry tells nothing private; a content has one form, and its digest stands in the entry."""

import hashlib
import json

import pytest

from noisetamer.proof.leaf import (
    Leaf,
    LeafError,
    content_in,
    content_of,
    leaf_in,
    leaf_of,
    records_digest,
)

CONTENT = content_of("order", 1_800_000_000, bytes(range(16)), {"by": "王芳", "unit": "SIM-0001"})


def test_what_is_hashed_as_a_leaf_has_kind_time_and_digest_only():
    leaf = leaf_of(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert leaf.entry.decode() == f"noisetamer-leaf/v1\norder\n1800000000\n{digest}\n"
    assert leaf_in(leaf.entry) == leaf == Leaf("order", 1_800_000_000, bytes.fromhex(digest))


def test_a_content_is_canonical_json():
    assert CONTENT.decode() == (
        '{"at":1800000000,"by":"王芳","kind":"order",'
        '"salt":"000102030405060708090a0b0c0d0e0f","unit":"SIM-0001"}'
    )
    assert content_in(CONTENT)["by"] == "王芳"


@pytest.mark.parametrize(
    "content",
    [
        CONTENT + b"\n",
        CONTENT.replace(b":", b": ", 1),
        CONTENT.replace("王芳".encode(), b"\\u738b\\u82b3"),
        CONTENT.replace(b'"at":1800000000', b'"at":1800000000.0'),
        CONTENT.replace(b'"at":1800000000', b'"at":true'),
        CONTENT.replace(b'"at":1800000000', b'"at":-1'),
        CONTENT.replace(b'"order"', b'"other"'),
        CONTENT.replace(b'"at"', b'"by":"a","at"'),
        CONTENT.replace(b"0f", b"0F"),
        CONTENT[:-1],
        b"[]",
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_other_contents_are_refused(content: bytes):
    with pytest.raises(LeafError, match="content of the log"):
        leaf_of(content)


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        leaf_of(CONTENT).entry[:-1],
        leaf_of(CONTENT).entry + b"\n",
        leaf_of(CONTENT).entry.replace(b"/v1", b"/v2"),
        leaf_of(CONTENT).entry.replace(b"order", b"other"),
        leaf_of(CONTENT).entry.replace(b"\n1", b"\n01"),
        leaf_of(CONTENT).entry.replace(b"\n1", b"\n\xd9\xa1"),
        leaf_of(CONTENT).entry.upper(),
    ],
)
def test_other_entries_are_refused(entry: bytes):
    with pytest.raises(LeafError, match="is no entry"):
        leaf_in(entry)


def test_records_cannot_be_cut_otherwise_and_have_the_same_digest():
    assert records_digest([b"ab", b"c"]) == hashlib.sha256(b"\0\2ab\0\1c").hexdigest()
    assert records_digest([b"ab", b"c"]) != records_digest([b"a", b"bc"])
    assert json.loads(CONTENT)["kind"] == "order"
