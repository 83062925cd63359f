"""The incidents that go on, by square: looked up once when one changes, whoever looks."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.hub.incidents.incident import Incident
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.live import Live
from noisetamer.hub.web.timeline import clock
from noisetamer.hub.words.i18n import Texts

_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Told:
    """What goes on in a square, in words. state: 'open' where nobody sees to one of them yet,
    'acknowledged', or '' where there is none; address: of its page, or of all of them.
    """

    state: str = ""
    text: str = ""
    address: str = ""


class OpenIncidents:
    """Of all squares. Every change is news of kind 'incident' to the listeners of `live`."""

    def __init__(
        self,
        incidents: Incidents,
        live: Live,
        names: Callable[[], dict[str, str]],
        utc_offset: float,
    ) -> None:
        """names: {name of an account: how people call it}; utc_offset: h."""
        self._incidents = incidents
        self._live = live
        self._names = names
        self._utc_offset = utc_offset
        self._changed = asyncio.Event()
        self._open: dict[str, list[Incident]] = {}
        self._called: dict[str, str] = {}
        self._take(*self._read())
        incidents.subscribe(lambda _: self._changed.set())

    def of(self, square: str, texts: Texts) -> Told:
        """What goes on there."""
        found = self._open.get(square, [])
        if not found:
            return Told()
        waiting = [one for one in found if one.state == "open"]
        one = (waiting or found)[0]
        # by the box's own clock, where it has told: a simulated one lives at another time
        began = one.opened if one.begin is None else one.begin
        since = f"{clock(int(began), self._utc_offset):%H:%M}"
        key = "incident_open" if waiting else "incident_seen_to"
        text = texts[key].format(
            what=texts[f"incident_{one.kind}"],
            since=since,
            by=self._called.get(one.acknowledged_by, one.acknowledged_by),
        )
        if len(found) > 1:
            text = texts["incident_and_more"].format(text=text, count=len(found) - 1)
            return Told(one.state, text, "/incidents")
        return Told(one.state, text, f"/incidents/{one.id}")

    async def run(self) -> None:
        """Look again whenever one has changed, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._take(*await asyncio.to_thread(self._read))

    def _read(self) -> tuple[dict[str, list[Incident]], dict[str, str]]:
        found: dict[str, list[Incident]] = {}
        for one in self._incidents.open():
            found.setdefault(one.square, []).append(one)
        return found, self._names()

    def _take(self, found: dict[str, list[Incident]], called: dict[str, str]) -> None:
        before, self._open, self._called = self._open, found, called
        for square in before.keys() | found.keys():
            if before.get(square) != found.get(square):
                self._live.tell_of_square(square)
