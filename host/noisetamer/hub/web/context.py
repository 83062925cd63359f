"""What the routes share: set once by `create_app`, handed to each request."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Path, Request

from noisetamer.hub.around import Around
from noisetamer.hub.cameras.album import Album
from noisetamer.hub.health import Health
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.live import Live
from noisetamer.hub.orders.drafts import Drafts
from noisetamer.hub.orders.orders import Orders
from noisetamer.hub.orders.voices import Voices
from noisetamer.hub.people.people import People
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.series import Levels
from noisetamer.hub.web.broadcast import Broadcast
from noisetamer.hub.web.cards import Cards
from noisetamer.hub.web.incident_news import IncidentNews
from noisetamer.hub.web.last_hours import LastHours
from noisetamer.hub.web.looks import Looks
from noisetamer.hub.web.open_incidents import OpenIncidents
from noisetamer.hub.web.runs import Runs
from noisetamer.hub.words.i18n import LANGUAGES, Texts, preferred

READ = ["GET", "HEAD"]
"""Methods of a route that only looks."""

Id = Annotated[int, Path(ge=0, lt=2**63)]
"""In a path; a larger one is of no row, and SQLite takes none."""


@dataclass(frozen=True)
class Context:
    """utc_offset: of the square's clock, h; texts: {language: {key: text}}."""

    live: Live
    queries: Queries
    health: Health
    utc_offset: float
    texts: dict[str, Texts]
    cards: Cards
    last_hours: LastHours
    squares: Squares
    people: People
    orders: Orders
    voices: Voices
    drafts: Drafts
    broadcast: Broadcast[Any]
    incidents: Incidents
    album: Album
    looks: Looks
    incident_news: IncidentNews
    going_on: OpenIncidents
    levels: Levels
    evidence: Runs
    month_reports: Runs

    def square_names(self) -> list[str]:
        """Of all squares, in their order."""
        return self.squares.names(state.unit for state in self.live.states.values())

    def must_be(self, square: str) -> None:
        """Raises HTTPException, 404, where there is no such square."""
        if square not in self.square_names():
            raise HTTPException(404, "No such square.")

    def voices_in(self, square: str) -> Voices:
        """What can be said there; blocks."""
        district = self.people.districts.of_square(square)
        return self.voices.of_district(district and district.id)

    def unit_name(self, id: str) -> str:
        """Within its square; "" where it has none, or there is no such unit."""
        state = self.live.states.get(id)
        return state.unit.name if state else ""


async def _context(request: Request) -> Context:
    return request.app.state.context


def language_of(request: Request) -> str:
    """Asked for, else chosen before, else the browser's, else Chinese."""
    for asked in (request.query_params.get("lang"), request.cookies.get("lang")):
        if asked in LANGUAGES:
            return asked
    return preferred(request.headers.get("accept-language", ""))


async def _around(request: Request) -> Around:
    return request.app.state.around


async def _language(request: Request) -> str:
    return language_of(request)


Hub = Annotated[Context, Depends(_context)]
Beside = Annotated[Around, Depends(_around)]
"""What stands around the squares."""
Language = Annotated[str, Depends(_language)]
