"""The keys of a unit's chain, in the chip's memory: today's, the one before, and one to come."""

from tamer import blob
from tamer.record import encoding, events
from tamer.record.seal import Seal, fingerprint

_NOW, _FORMER, _TO_COME = "chain", "chain_old", "chain_new"


def chain(settings, memory):
    """What a journal wants to know of it: (seals, first link); ([], b"") where there is no key.

    `memory`: the chip's own (esp32.NVS).
    """
    keys = [_of_settings(settings) or _text(memory, _NOW), _text(memory, _FORMER)]
    if not keys[0]:
        return [], b""
    seals = [Seal(key) for key in keys if key]
    return seals, seals[0].first_link(settings["unit"])


def rekey(journal, settings, memory, t):
    """Take the key that the workshop has left, if there is one. `t`: now.

    Wherever the power goes, the next start goes on from there: the key that was is kept for what
    is in the journal, then an event tells of the new one, then that takes its place.
    """
    old, new = _text(memory, _NOW), _text(memory, _TO_COME)
    if _of_settings(settings) or not old or new in ("", old):
        return
    try:
        _keep(memory, _FORMER, old)
        fields = events.named("rekeyed", fingerprint(new))
        if journal.renew(Seal(new), t, encoding.of_event("rekeyed", fields)):
            _keep(memory, _NOW, new)
    except (OSError, MemoryError):
        # Then at the next start.
        pass


def _of_settings(settings):
    return settings["hub"] and settings["hub"].get("chain")


def _text(memory, key):
    return blob(memory, key, 64).decode()


def _keep(memory, key, text):
    memory.set_blob(key, text.encode())
    memory.commit()
