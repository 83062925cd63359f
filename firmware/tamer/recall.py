"""What the ladder knew, over a restart: one in mid-incident neither repeats nor skips anything.

Every second goes to memory that a reset leaves alone, every change to flash as well, for a power
cut. What is kept is worth something only together with its age.
"""

import binascii
import json

from tamer.judge import ladder

_KEY = "ladder"
_LARGEST = 2048  # what the chip retains


class Recall:
    def __init__(self, retained, memory, policy_hash):
        """`retained`: the board's (read, write). `memory`: its non-volatile storage."""
        self._retained = retained
        self._memory = memory
        self._hash = policy_hash
        self._idle = False
        self._kept = None
        for kept, is_retained in ((retained.read(), True), (_blob(memory), False)):
            found = _opened(kept)
            if found:
                self._kept = found
                self._is_retained = is_retained
                return

    def state(self, now):
        """(state, seconds away) at Unix time `now`, or None when nothing was kept.

        A clock that is behind what was kept cannot tell the age. After a reset it is taken for
        nothing; after a power cut, or under another policy, the stage is given up.
        """
        if not self._kept:
            return None
        t, policy_hash, kept = self._kept
        self._kept = None
        away = now - t - 1
        if away < 0:
            away = 0 if self._is_retained else ladder.GIVEN_UP
        if policy_hash != self._hash:
            away = max(away, ladder.GIVEN_UP)
        try:
            return ladder.restored(kept, away), away
        except (ValueError, TypeError):
            return None

    def keep(self, t, state, has_acted):
        """The state after the second at Unix time t."""
        idle = ladder.is_idle(state)
        if idle and self._idle and not has_acted:
            return
        self._idle = idle
        sealed = _sealed([t, self._hash, ladder.keep(state)])
        self._retained.write(sealed)
        if has_acted:
            self._memory.set_blob(_KEY, sealed)
            self._memory.commit()


def _sealed(kept):
    text = json.dumps(kept).encode()
    return binascii.crc32(text).to_bytes(4, "little") + text


def _opened(sealed):
    """What was sealed, None if that is not whole."""
    text = sealed[4:]
    if not text or sealed[:4] != binascii.crc32(text).to_bytes(4, "little"):
        return None
    try:
        t, policy_hash, kept = json.loads(text)
        return t, policy_hash, kept
    except ValueError:
        return None


def _blob(memory):
    buffer = bytearray(_LARGEST)
    try:
        return bytes(buffer[: memory.get_blob(_KEY, buffer)])
    except OSError:
        return b""
