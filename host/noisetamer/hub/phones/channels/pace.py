"""Not more messages a minute than a service takes. Pure."""

from collections import deque


class Pace:
    """Of one address."""

    def __init__(self, a_minute: int) -> None:
        self._most = a_minute
        self._sent: deque[float] = deque()

    def wait(self, now: float) -> float:
        """How many s until the next may be sent; 0: now, and it counts as sent."""
        while self._sent and self._sent[0] <= now - 60.0:
            self._sent.popleft()
        if len(self._sent) >= self._most:
            return self._sent[0] + 60.0 - now
        self._sent.append(now)
        return 0.0
