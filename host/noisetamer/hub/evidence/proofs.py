"""What is proved of a bundle's leaves: that they are in the log, who saw it, and when."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import untouched
from noisetamer.base.errors import UserError
from noisetamer.hub import address
from noisetamer.hub.evidence import keys
from noisetamer.hub.evidence.container import Folder
from noisetamer.hub.key_files import keys_of
from noisetamer.hub.log import schema
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.outside import Outside
from noisetamer.hub.log.signing import LOG_KEY, log_signer
from noisetamer.hub.log.stamps import Stamped, Stamps, authority_of
from noisetamer.hub.store.soundness import STORE
from noisetamer.proof import token_key
from noisetamer.proof.canonical import base64_text
from noisetamer.proof.checkpoint import checkpoint_in, checkpoint_of
from noisetamer.proof.notes import parse


def opened_log(data: Path, place: str = "") -> Log:
    """The log of a hub, beside it or without one. place: of its key, as of `signing.log_signer`.
    Raises UserError."""
    if not database.exists(data / STORE):
        raise UserError(f"{data}: is no data folder of a hub; give the one of its --data")
    return Log(data / "log", data / schema.FILE, log_signer(data, _name(data), place))


def must_be_its_key(data: Path, place: str) -> None:
    """Raises UserError unless this is the key that the log was signed by last. Only a hub that
    starts lets it go on under another: a path that was mistyped must not."""
    file, key = data / schema.FILE, Path(place) if place else data / LOG_KEY
    if not database.exists(file):
        return
    with untouched(file) as connection:
        row = connection.execute("SELECT public FROM origin ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return
    if not token_key.is_uri(place) and not key.exists():
        raise UserError(
            f"{key} is not there: a bundle is signed by the key of the hub's log; name it with "
            "--log-key"
        )
    if log_signer(data, _name(data), place)().public != row[0]:
        raise UserError(
            f"{place or key} is not the key that the hub's log was signed by: name that with "
            "--log-key; a hub that starts with another goes on under it"
        )


class Proofs:
    """Of one bundle, whose members lie in a folder."""

    def __init__(self, folder: Folder, log: Log, data: Path) -> None:
        self._folder = folder
        self._log = log
        self._data = data
        self._listed = keys_of(data)
        self._earlier: list[Stamped] = []

    def earlier(self, indexes: Sequence[int]) -> None:
        """Checkpoints that were stamped before: of every leaf the first that has it, for it was
        there by then. They are in the manifest. indexes: rising."""
        with closing(Stamps(self._data)) as stamps:
            stamped = sorted(stamps.all(self._log.size), key=lambda one: one.size)
        root = stamped[-1].root if stamped else ""
        covered = 0
        for index in indexes:
            if index < covered:
                continue
            for one in stamped:
                if one.size > index and one.root == root and (note := self._note(one)):
                    self._earlier.append(one)
                    self._folder.put(f"checkpoints/{one.size}", note.encode())
                    covered = one.size
                    break
            else:
                break

    def final(self, index: int, indexes: Sequence[int]) -> None:
        """The proofs of the leaf `bundle` and of the others, against one checkpoint that has all,
        cosigned and stamped as far as those outside answer at once."""
        note = self._log.checkpoint()
        text, size = parse(note).text, checkpoint_in(note).size
        with closing(Outside(self._data, _name(self._data), self._log)) as outside:
            outside.witnessing.on_checkpoint(note)
            asyncio.run(outside.vouch(note))
            last = outside.stamps.of(text)
        found = self._log.checkpoint_at(size) or note
        signed = keys.checkable(found if parse(found).text == text else note, *self._keys)
        put = self._folder.put
        put("evidence.tlog-proof", str(self._log.tlog_proof(index, signed)).encode())
        for one in indexes:
            put(f"proofs/{one}.tlog-proof", str(self._log.tlog_proof(one, signed)).encode())
        for before in self._earlier:
            hashes = self._log.consistency(before.size, size)
            lines = "".join(f"{base64_text(one)}\n" for one in hashes)
            put(f"consistency/{before.size}", f"old {before.size}\n{lines}\n{signed}".encode())
        self._stamp([*self._earlier, *([last] if last else [])])

    def _stamp(self, stamped: Sequence[Stamped]) -> None:
        """By one authority: the last that stamped."""
        there = [one for one in stamped if one.root == stamped[-1].root]
        for one in there:
            self._folder.put(f"stamps/{one.size}.tsr", one.tsr)
        if there:
            asked = authority_of(self._data)
            chain = asked.chain[1:] if asked and asked.root == there[-1].root else ()
            pem = "".join([there[-1].root, *map(keys.certificate, chain)])
            self._folder.put("stamps/authority.pem", pem.encode())

    def _note(self, stamped: Stamped) -> str | None:
        """The checkpoint that was stamped, with its signatures; None where nobody has it any more,
        or it is of the log under an older name."""
        if checkpoint_of(stamped.text).origin != self._log.origin:
            return None
        # in the log it may have been cosigned since
        for note in (self._log.checkpoint_at(stamped.size), stamped.note):
            if note and parse(note).text == stamped.text:
                return keys.checkable(note, *self._keys)
        return None

    @property
    def _keys(self) -> keys.Keys:
        return keys.Keys(self._log.key, self._listed)


def _name(data: Path) -> str:
    """How this hub is called."""
    name, _ = address.told(data) or ("hub", 0)
    return name
