"""The log's checkpoint stamped every hour; what does not come of it is told."""

import asyncio
import time
from collections.abc import Callable, Iterator

from noisetamer.hub.log.stamps import Stamps, Waiting
from noisetamer.hub.trouble import Trouble

_LOOK_SECONDS = 30.0
# Not stamped for so long, though an authority is named: it is told.
AWAY_SECONDS = 86_400.0


class Stamping:
    """While the hub runs."""

    def __init__(
        self,
        stamps: Stamps,
        checkpoint: Callable[[], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """checkpoint: of our log as it is now, a signed note; clock: Unix s."""
        self._stamps = stamps
        self._checkpoint = checkpoint
        self._clock = clock
        self._waiting: list[Waiting] = []

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.to_thread(self.step)
            await asyncio.sleep(_LOOK_SECONDS)

    def step(self) -> None:
        """Ask for what is due; takes as long as the authority does. Raises UserError where our
        own files cannot be used."""
        if self._stamps.authority() is None:
            self._waiting = []
            return
        self._stamps.hourly(self._checkpoint)
        self._stamps.ask()
        self._waiting = self._stamps.waiting()

    def troubles(self) -> Iterator[Trouble]:
        """An authority that answers wrongly, or has not answered for a day."""
        refused = next((one for one in self._waiting if one.refused), None)
        if refused:
            yield Trouble("stamp_refused", {"said": refused.said}, ill=False)
            return
        away = [one for one in self._waiting if one.said]
        if away and (since := min(one.since for one in away)) < self._clock() - AWAY_SECONDS:
            hours = f"{(self._clock() - since) / 3600:.0f}"
            yield Trouble("stamp_away", {"hours": hours, "said": away[0].said}, ill=False)
