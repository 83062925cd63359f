"""Sentences that were made to be listened to, until they are said or forgotten."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from noisetamer.hub.orders.speech import Message

MOST = 64
KEPT_SECONDS = 900.0


class Drafts:
    """In memory only. clock: monotonic, s. What is said is what was listened to."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[int, str], tuple[float, Message]] = OrderedDict()

    def keep(self, account: int, message: Message) -> str:
        """Its id, which only that account can use."""
        id = secrets.token_urlsafe(16)
        self._kept[account, id] = self._clock(), message
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return id

    def get(self, account: int, id: str) -> Message | None:
        """None where it is not this account's, or forgotten."""
        since, message = self._kept.get((account, id), (float("-inf"), None))
        return message if self._clock() - since < KEPT_SECONDS else None
