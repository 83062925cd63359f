"""The policy that was last sent to a square: the clock and calendar its permits go by."""

from noisetamer.hub.orders import policies
from noisetamer.hub.squares.squares import Squares
from noisetamer.unit.policy.days import Calendar, of_policy
from tamer.judge.calendar import Clock
from tamer.judge.policy import Policy


class SquarePolicies:
    """Of all squares of a hub. May be used by several threads; each method blocks."""

    def __init__(self, squares: Squares, utc_offset: float) -> None:
        """utc_offset: of the square's clock where no policy was sent yet, h."""
        self._squares = squares
        self._clock = Clock(round(3600 * utc_offset), ())

    def close(self) -> None:
        """Let go of the file."""
        self._squares.close()

    def text(self, square: str) -> str:
        """As it was sent; "" where none was, and the box decides by what it was shipped with."""
        body = self._squares.setting(square, policies.SETTING)
        return body["text"] if body else ""

    def policy(self, square: str) -> Policy | None:
        """None where none was sent."""
        text = self.text(square)
        return policies.read_once(text).policy if text else None

    def calendar(self, square: str) -> Calendar:
        return self.calendar_by(self.policy(square))

    def calendar_by(self, policy: Policy | None) -> Calendar:
        """Of a square by its policy, None where none was sent; opens no file."""
        return of_policy(policy) if policy else Calendar(self._clock)
