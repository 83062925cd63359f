"""Squares whose policy is not what their permits say, as troubles."""

import asyncio
from collections.abc import Callable

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.permits import venues
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import Permits
from noisetamer.hub.permits.square_policy import SquarePolicies
from noisetamer.hub.trouble import Trouble
from noisetamer.unit.policy.days import local_day

_LOOK_SECONDS = 60.0
_NAMED = 3  # squares, or rules, in one line


class DriftWatch:
    """Looks at what was last sent to each square, beside the event loop: of a thousand squares it
    takes seconds."""

    def __init__(
        self, permits: Permits, policies: SquarePolicies, clock: Callable[[], float]
    ) -> None:
        """clock: Unix s."""
        self._permits, self._policies, self._clock = permits, policies, clock
        self._found: list[Trouble] = []

    def troubles(self) -> list[Trouble]:
        """One of such a square, or one of all such squares, as they were looked at last."""
        return self._found

    async def run(self) -> None:
        """Look once a minute, without end."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """Blocks."""
        try:
            self._found = self._look(self._clock())
        except (UserError, database.Error):
            self._found = []  # a file that cannot be read is said elsewhere

    def _look(self, now: float) -> list[Trouble]:
        groups = {group.id: group for group in self._permits.groups()}
        all_of: dict[str, list[tuple[Group, Permit]]] = {}
        for permit in self._permits.permits():
            all_of.setdefault(permit.square, []).append((groups[permit.group], permit))
        found: list[Trouble] = []
        for square, pacts in all_of.items():
            policy = self._policies.policy(square)
            held = venues.in_force(pacts, local_day(self._policies.calendar_by(policy), now))
            if policy is None:
                wrong = [venues.name_of(*pact) for pact in held]
            else:
                wrong = [*venues.missing(policy, held), *venues.left_over(policy, held)]
            if wrong:
                values = {"square": square, "rules": ", ".join(wrong[:_NAMED])}
                found.append(Trouble("pacts", values, ill=False))
        if len(found) <= 1:
            return found
        # one line of all: what goes on now stands below it
        named = ", ".join(one.values["square"] for one in found[:_NAMED])
        more = ", …" if len(found) > _NAMED else ""
        values = {"count": str(len(found)), "squares": named + more}
        return [Trouble("pacts_of_many", values, ill=False)]
