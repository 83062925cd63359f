"""An estimate and the interval it comes with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """value lies between low and high with 95 % confidence; of n observations.

    Of a ratio, 1 is no difference; of a difference, 0. None: too few to say.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def excludes(self, nothing: float) -> bool:
        """Whether the value that would be no effect lies outside."""
        if self.low is None or self.high is None:
            return False
        return not self.low <= nothing <= self.high
