"""A queue in which nobody waits behind another's backlog. Pure."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """First in, first out for each sender; between senders, one of each in turn."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, sender: str, item: T) -> None:
        if sender not in self._waiting:
            self._waiting[sender] = deque()
        self._waiting[sender].append(item)

    def take(self, most: int) -> list[T]:
        """The next ones, at most so many."""
        found: list[T] = []
        while self._waiting and len(found) < most:
            sender, waiting = self._waiting.popitem(last=False)
            found.append(waiting.popleft())
            if waiting:
                self._waiting[sender] = waiting
        return found
