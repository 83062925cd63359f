"""The log at its first use: whether what is there was signed, and under which name it goes on."""

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.log import book
from noisetamer.hub.log.schema import SCHEMA
from noisetamer.hub.log.tree import Tree, published
from noisetamer.hub.trouble import Trouble
from noisetamer.proof import merkle, notes
from noisetamer.proof.checkpoint import Checkpoint, checkpoint_in
from noisetamer.proof.leaf import Leaf, leaf_in
from noisetamer.proof.merkle import leaf_hash
from noisetamer.proof.notes import NoteError, VerifierKey
from noisetamer.proof.signer import Signer


def take_up(
    connection: database.Connection, tree: Tree, key: Signer, now: float
) -> tuple[bool, list[Trouble]]:
    """Is this the log that was signed last? In a transaction; whether `tree` is its tree now, and
    what was mended. tree: not loaded; now: Unix s. Raises UserError, OSError."""
    taken, said = False, []
    row = connection.execute("SELECT name, public FROM origin ORDER BY id DESC").fetchone()
    # no row: of a damaged file that was repaired
    connection.execute("INSERT INTO state VALUES(1, 0, NULL, 1) ON CONFLICT(id) DO NOTHING")
    restored, repaired = connection.execute("SELECT restored, repaired FROM state").fetchone()
    shown, newest = published(tree.folder), book.newest(connection)
    why = ""
    if row is None:
        # a log whose file was taken away must not begin again under the same name
        why = "lost" if shown and _is_of(shown, key) else "new"
    elif restored is not None:
        why = "restored"
    elif row[1] != key.public:
        why = "key"
    else:
        if shown and _is_of(shown, key, row[0]):
            size = checkpoint_in(shown).size
            if not newest or size > newest[0]:
                book.add_checkpoint(connection, now, shown)
                newest = size, shown, now
        if newest:
            found = _as_signed(connection, tree, checkpoint_in(newest[1]), bool(repaired))
            taken, said = found is not None, found or []
            why = "" if taken else "damaged"
    connection.execute("UPDATE state SET repaired=0")
    if why:
        begun = _begin(connection, tree, key, why, shown or (newest[1] if newest else None), now)
        if why != "new":
            taken = True
            said.append(Trouble(f"log_{why}", {"origin": begun}, ill=False))
    return taken, said


def note_restored(file: Path, at: float) -> None:
    """This log.sqlite is an older one, of a backup: what was signed since is not in it, so it goes
    on under a name of its own. at: Unix s. Raises UserError."""
    with closing(database.opened(file, SCHEMA)) as connection:
        connection.execute("UPDATE state SET restored=?", (int(at),))


def note_repaired(file: Path) -> None:
    """This log.sqlite was made anew from a damaged one. Raises UserError."""
    with closing(database.opened(file, SCHEMA)) as connection:
        connection.execute("UPDATE state SET repaired=1")


def _begin(
    connection: database.Connection, tree: Tree, key: Signer, why: str, last: str | None, at: float
) -> str:
    """Go on under a name that no log had, which it gives; the first leaf under it is `start`.

    The tree goes on: a proof of consistency leads from the old checkpoint to every new one.
    """
    now = int(at)
    name = key.name if why in ("new", "key") else f"{key.name}/{now}"
    had = {each for (each,) in connection.execute("SELECT name FROM origin")}
    while name in had:
        now += 1
        name = f"{key.name}/{now}"
    size = book.size(connection)
    connection.execute(
        "INSERT INTO origin(name, public, size) VALUES(?,?,?)", (name, key.public, size)
    )
    connection.execute("UPDATE state SET restored=NULL")
    if why in ("lost", "damaged"):
        # not to be mixed with what comes
        with suppress(FileNotFoundError):
            (tree.folder / "tile").rename(tree.folder / f"tile-{now}")
    if why != "new":
        told = {"kind": "start", "why": why, "origin": name, "checkpoint": last}
        book.append(connection, [told], int(at))
        # signed under the new name before anything else is
        tree.rebuild(size + 1, lambda first, end: book.entries(connection, first, end))
        text = Checkpoint(name, size + 1, tree.root()).text
        note = str(notes.note(text, [notes.sign(text, key, name)]))
        book.add_checkpoint(connection, at, note)
    return name


def _as_signed(
    connection: database.Connection, tree: Tree, signed: Checkpoint, repaired: bool
) -> list[Trouble] | None:
    """Take up the tree that was signed last. Rows and files each give it; where one of them does
    not, it is mended by the other. What was; None where neither gives it.

    repaired: look at all rows, and not at the tree's right edge only."""

    def entries(first: int, end: int) -> Iterable[bytes]:
        return book.entries(connection, first, end)

    if tree.load(signed.size, entries) == signed.root and not repaired:
        tree.mend_edge()
        return []
    if merkle.root_of(map(leaf_hash, entries(0, signed.size))) == signed.root:
        tree.rebuild(signed.size, entries)
        return [] if repaired else [Trouble("log_files", {}, ill=False)]
    leaves = _leaves_in(tree, signed)
    if leaves is None:
        return None
    missing, changed = book.put_back(connection, leaves)
    tree.load(signed.size, entries)
    told = {"missing": str(missing), "changed": str(changed)}
    return [Trouble("log_rows", told, ill=False)]


def _leaves_in(tree: Tree, signed: Checkpoint) -> Sequence[Leaf] | None:
    """What the tree's files hold; None where that is not what was signed."""
    try:
        found = [entry for each in tree.entries(signed.size) for entry in each]
        if merkle.root_of(map(leaf_hash, found)) == signed.root:
            return [leaf_in(entry) for entry in found]
    except (ValueError, OSError, UserError):
        pass
    return None


def _is_of(note: str, key: Signer, name: str | None = None) -> bool:
    """Whether this key signed it, as the log of that name (or of any)."""
    try:
        parsed = notes.parse(note)
        origin = checkpoint_in(note).origin
        notes.verify(parsed, [VerifierKey(origin, key.public)])
    except NoteError:
        return False
    return name is None or origin == name
