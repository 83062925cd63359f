"""The certificates of a hub that runs for years: looked at every hour, renewed while it runs."""

import asyncio
import datetime
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub.bus.authority import Certificates, certificates

# Not a day: the hub's clock may have been set meanwhile.
LOOK_SECONDS = 3600

Clock = Callable[[], datetime.datetime]
"""Aware date and time now."""

_log = logging.getLogger("noisetamer.hub")


class Renewal:
    """Keeps the certificates in a folder valid. `certificates`: as they are."""

    def __init__(self, folder: Path, names: Sequence[str], clock: Clock) -> None:
        """Make them where they are missing. Raises UserError as `certificates` does."""
        self._folder = folder
        self._names = names
        self._clock = clock
        self._complaint = ""
        self.certificates: Certificates = certificates(folder, names, clock())

    @property
    def server_days(self) -> float:
        """Until the broker's certificate ends; renewed long before, unless that fails."""
        return (self.certificates.server_ends - self._clock()).total_seconds() / 86400

    @property
    def authority_days(self) -> float:
        """Until the first authority ends that a unit may have."""
        return (self.certificates.authority_ends - self._clock()).total_seconds() / 86400

    def look(self) -> bool:
        """Renew what ends soon; whether there is another certificate for the broker to take.

        What goes wrong is logged once, and tried again at the next look.
        """
        before = self.certificates
        try:
            self.certificates = certificates(self._folder, self._names, self._clock())
        except (UserError, OSError, ValueError) as error:
            if str(error) != self._complaint:
                self._complaint = str(error)
                _log.error("The certificates cannot be renewed: %s", error)
        return self.certificates.server_ends != before.server_ends

    async def run(self, renewed: Callable[[], None]) -> None:
        """Look for ever; `renewed` is called when the broker has to take another certificate."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self.look():
                renewed()
