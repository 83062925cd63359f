"""What is proved of a bundle's leaves: that they are in the log, who saw it, and when."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub import address
from noisetamer.hub.evidence import keys
from noisetamer.hub.evidence.container import Folder
from noisetamer.hub.key_files import keys_of
from noisetamer.hub.log import batches, doings, schema
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.signing import log_signer
from noisetamer.proof.checkpoint import checkpoint_of
from noisetamer.proof.notes import parse

_STORE = "hub.sqlite"


def opened_log(data: Path, place: str = "") -> Log:
    """The log of a hub, beside it or without one. place: of its key, as of `signing.log_signer`.
    Raises UserError."""
    if not (data / _STORE).is_file():
        raise UserError(f"{data}: is no data folder of a hub; give the one of its --data")
    name, _ = address.told(data) or ("hub", 0)
    return Log(data / "log", data / schema.FILE, log_signer(data, name, place))


def flush(log: Log, data: Path, units: Iterable[str]) -> None:
    """All that these units told, and all that was done, is in leaves."""
    batches.flush(log, data / _STORE, units)
    for source in (doings.audit, doings.incidents, doings.told):
        while source(log, data):
            pass
    doings.effects(log, data)


def final(folder: Folder, log: Log, data: Path, index: int, indexes: Sequence[int]) -> None:
    """The proofs of the leaf `bundle` and of the others, against one checkpoint that has all."""
    note = log.checkpoint()
    size = checkpoint_of(parse(note).text).size
    signed = keys.checkable(log.checkpoint_at(size) or note, log.key, keys_of(data))
    folder.put("evidence.tlog-proof", str(log.tlog_proof(index, signed)).encode())
    for one in indexes:
        folder.put(f"proofs/{one}.tlog-proof", str(log.tlog_proof(one, signed)).encode())
