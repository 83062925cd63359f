"""The rows of log.sqlite, within a transaction of whoever has it open."""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from noisetamer.base import database
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.leaf import Leaf, content_of

# Older checkpoints: the first of each hour is kept.
_ALL_KEPT_SECONDS = 86_400


def origin(connection: database.Connection) -> tuple[str, bytes]:
    """What the log is called now, and by which key it signs."""
    return connection.execute("SELECT name, public FROM origin ORDER BY id DESC").fetchone()


def size(connection: database.Connection) -> int:
    """How many leaves there are, signed or not."""
    (last,) = connection.execute("SELECT max(n) FROM leaf").fetchone()
    return 0 if last is None else last + 1


def entries(connection: database.Connection, first: int, end: int) -> list[bytes]:
    """Those of leaves from one index to before another."""
    found = connection.execute(
        "SELECT kind, at, digest FROM leaf WHERE n>=? AND n<? ORDER BY n", (first, end)
    )
    return [Leaf(*row).entry for row in found]


def append(
    connection: database.Connection, contents: Iterable[Mapping[str, Any]], now: int
) -> list[int]:
    """Add leaves, as `Log.append` says; their indexes. now: Unix s."""
    first = n = size(connection)
    leaves, batches = [], []
    for given in contents:
        fields = dict(given)
        kind, at = fields.pop("kind"), fields.pop("at", now)
        content = content_of(kind, at, os.urandom(16), fields)
        about = "" if kind == "batch" else subject(fields)
        leaves.append((n, kind, at, hashlib.sha256(content).digest(), about, content))
        if kind == "batch":
            unit, boot = fields["unit"], fields["boot"]
            batches.append((unit, boot, fields["last"], n, fields["first"]))
        n += 1
    connection.executemany("INSERT INTO leaf VALUES(?,?,?,?,?,?)", leaves)
    connection.executemany("INSERT INTO batch VALUES(?,?,?,?,?)", batches)
    return list(range(first, n))


def forget(
    connection: database.Connection, indexes: Iterable[int], why: str, now: int
) -> list[int]:
    """Delete contents, within a transaction of the caller; those that were there, of which one
    leaf says so. now: Unix s."""
    gone = [
        n
        for n in sorted(set(indexes))
        if connection.execute(
            "UPDATE leaf SET content=NULL WHERE n=? AND content IS NOT NULL", (n,)
        ).rowcount
    ]
    if gone:
        append(
            connection,
            [{"kind": "deletion", "what": "contents", "indexes": gone, "why": why}],
            now,
        )
    return gone


def subject(fields: Mapping[str, Any]) -> str:
    """What a leaf is looked up by."""
    for name in ("incident", "unit"):
        if fields.get(name) is not None:
            return str(fields[name])
    return ""


def put_back(connection: database.Connection, leaves: Sequence[Leaf]) -> tuple[int, int]:
    """Have all rows as they were signed; how many were missing, and how many were others."""
    missing = changed = 0
    for n, leaf in enumerate(leaves):
        row = connection.execute("SELECT kind, at, digest FROM leaf WHERE n=?", (n,)).fetchone()
        if row is None:
            missing += 1
            connection.execute(
                "INSERT INTO leaf VALUES(?,?,?,?,'',NULL)", (n, leaf.kind, leaf.at, leaf.digest)
            )
        elif Leaf(*row) != leaf:
            changed += 1
            connection.execute(
                "UPDATE leaf SET kind=?, at=?, digest=? WHERE n=?",
                (leaf.kind, leaf.at, leaf.digest, n),
            )
    return missing, changed


def newest(connection: database.Connection) -> tuple[int, str, float] | None:
    """(size, note, when it was signed) of the last checkpoint."""
    return connection.execute(
        "SELECT size, note, at FROM checkpoint ORDER BY id DESC LIMIT 1"
    ).fetchone()


def add_checkpoint(connection: database.Connection, at: float, note: str) -> None:
    """at: when it was signed, Unix s; note: signed."""
    connection.execute(
        "INSERT INTO checkpoint(at, size, note) VALUES(?,?,?)",
        (at, checkpoint_in(note).size, note),
    )


def thin_out(connection: database.Connection, now: float) -> None:
    """Of checkpoints older than a day the first of each hour stays."""
    connection.execute(
        "DELETE FROM checkpoint WHERE at<? AND id NOT IN"
        " (SELECT min(id) FROM checkpoint GROUP BY CAST(at / 3600 AS INTEGER))",
        (now - _ALL_KEPT_SECONDS,),
    )
