"""How long a box waits before it tries to reach its hub again. Pure.

Every box of a city loses its hub in the same moment, and comes back to it. So the pause is drawn
anew each time from the whole span ("full jitter": Brooker, Exponential Backoff and Jitter, AWS
Architecture Blog, 2015), and the span begins wide.
"""

LEAST = 1000  # ms
STARTS_WITHIN = 4000  # ms after power-on: the power comes back to all boxes at once, too
FIRST, LAST = 8000, 80000  # ms: the span after the first failure, and after many

# A link that stood for less than this was no success, ms: a hub may fall as soon as it is up.
STOOD = 60000


class Backoff:
    def __init__(self, randrange):
        """`randrange(n)`: a whole number from 0 to n - 1, every one as likely."""
        self._randrange = randrange
        self._span = FIRST

    def start(self):
        """ms before the very first attempt."""
        return self._randrange(STARTS_WITHIN)

    def pause(self):
        """ms before the next attempt, after one that failed."""
        pause = LEAST + self._randrange(self._span)
        self._span = min(2 * self._span, LAST)
        return pause

    def stood(self, ms):
        """The link stood for so long."""
        if ms >= STOOD:
            self._span = FIRST

    def hopeless(self):
        """Somebody has to mend it: a frequent retry is of no use."""
        self._span = LAST
