"""What the ladder knew, over a restart: one in mid-incident neither repeats nor skips anything.

Every second goes to memory that a reset leaves alone, every change to flash as well, for a power
cut. What is saved is worth something only together with its age.
"""

import binascii
import json
import os

from tamer import blob
from tamer.judge import ladder
from tamer.record.reading import is_dated

_KEY = "ladder"
_LARGEST = 2048  # bytes that the chip retains


class SavedState:
    """The state of the last start, once, and a place for that of this one."""

    def __init__(self, retained, memory, policy_hash):
        """`retained`: the board's (read, write). `memory`: its non-volatile storage."""
        self._retained = retained
        self._memory = memory
        self._hash = policy_hash
        self._idle = False
        self._last = None
        for sealed, is_retained in (
            (retained.read(), True),
            (blob(memory, _KEY, _LARGEST), False),
        ):
            opened = _opened(sealed)
            if opened:
                self._last = opened
                self._is_retained = is_retained
                return

    def load(self, now):
        """(state, seconds away) at Unix time `now`, or None when nothing was saved.

        A clock that is unknown, now or then, or behind what was saved, cannot tell the age. After
        a reset it is taken for nothing; after a power cut, or under another policy, the stage is
        given up.
        """
        if not self._last:
            return None
        t, policy_hash, state = self._last
        self._last = None
        away = now - t - 1
        if away < 0 or not is_dated(t):
            away = 0 if self._is_retained else ladder.GIVEN_UP
        if policy_hash != self._hash:
            away = max(away, ladder.GIVEN_UP)
        try:
            return ladder.restored(state, away), away
        except (ValueError, TypeError):
            return None

    def save(self, t, state, has_acted):
        """The state after the second at Unix time t, or at an undated one.

        `has_acted`: it had effects, so that flash gets it too. OSError where flash takes nothing.
        """
        idle = ladder.is_idle(state)
        if idle and self._idle and not has_acted:
            return
        self._idle = idle
        sealed = _sealed([t, self._hash, ladder.to_list(state)])
        self._retained.write(sealed)
        if has_acted:
            self._memory.set_blob(_KEY, sealed)
            self._memory.commit()


def count_boot(memory):
    """The number of this boot, 32 bits, counted in the chip's own memory: no two boots of a unit
    share one.

    Whoever flashes a board gives it the time of the day to count from, which no counter overtakes:
    a boot takes more than a second. A board without any number takes one above all of those, at
    random.
    """
    try:
        boot = (memory.get_i32("boot") + 1) & 0xFFFFFFFF
    except OSError:
        boot = 1 << 31 | int.from_bytes(os.urandom(4), "little") >> 2
    # The memory's integers have a sign.
    memory.set_i32("boot", boot - (boot >> 31 << 32))
    memory.commit()
    return boot


def _sealed(state):
    text = json.dumps(state).encode()
    return binascii.crc32(text).to_bytes(4, "little") + text


def _opened(sealed):
    """What was sealed, None if that is not whole."""
    text = sealed[4:]
    if not text or sealed[:4] != binascii.crc32(text).to_bytes(4, "little"):
        return None
    try:
        t, policy_hash, state = json.loads(text)
        return t, policy_hash, state
    except ValueError:
        return None
