"""Who looked at which picture lately, and pictures that were tried: in memory only."""

import secrets
import time
from collections import OrderedDict

# a look is told once in so long, however often a page asks for its pictures
LOOKED_SECONDS = 600.0
TRIED_SECONDS = 120.0
TRIED_KEPT = 20


class Looks:
    """Of one hub; from any thread."""

    def __init__(self) -> None:
        self._tried: OrderedDict[str, tuple[float, int, str, bytes]] = OrderedDict()
        self._seen: dict[tuple[int, int], float] = {}

    def is_new(self, account: int, picture: int) -> bool:
        """Whether this look is one to be told of, which it is not again for a while."""
        now = time.monotonic()
        for key, at in list(self._seen.items()):
            if now - at >= LOOKED_SECONDS:
                self._seen.pop(key, None)
        new = (account, picture) not in self._seen
        if new:
            self._seen[account, picture] = now
        return new

    def keep_tried(self, account: int, square: str, jpeg: bytes) -> str:
        """The word by which whoever tried sees the picture for TRIED_SECONDS."""
        word = secrets.token_urlsafe(16)
        self._tried[word] = time.monotonic(), account, square, jpeg
        while len(self._tried) > TRIED_KEPT:
            self._tried.popitem(last=False)
        return word

    def tried(self, word: str, account: int, square: str) -> bytes | None:
        """The picture; None for anybody else, elsewhere, or too late."""
        at, whose, where, jpeg = self._tried.get(word, (0.0, -1, "", b""))
        fresh = time.monotonic() - at < TRIED_SECONDS
        return jpeg if fresh and (whose, where) == (account, square) else None
