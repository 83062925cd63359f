"""The stream of server-sent events that keeps an open page up to date."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import StreamingResponse

from noisetamer.hub.people.roles import Account
from noisetamer.hub.registry import Unit
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web import packed
from noisetamer.hub.web.allowed import Asks, require
from noisetamer.hub.web.broadcast import OpenPage
from noisetamer.hub.web.context import Context, Hub, Language
from noisetamer.hub.web.health import told
from noisetamer.hub.web.views import CardsView, SquaresView, View

Of = Literal["cards", "squares"]

router = APIRouter()


@dataclass(frozen=True)
class Audience:
    """Pages that are told the same. of: every unit, or every square in a line; square: of which
    alone; squares: those it may see, None: all; looks_after: the hub itself, too; of_district:
    it sees one district, and hears nothing of others.
    """

    of: Of
    language: str
    square: str | None
    squares: frozenset[str] | None
    looks_after: bool = False
    of_district: bool = False

    def sees(self, unit: Unit) -> bool:
        """Whether it is shown a unit."""
        there = square_of(unit)
        return (self.square is None or there == self.square) and (
            self.squares is None or there in self.squares
        )


def audience_of(account: Account, of: Of, language: str, square: str | None) -> Audience:
    """To which an account belongs."""
    of_district = account.district is not None
    return Audience(of, language, square, account.squares, account.may("fleet"), of_district)


def view(hub: Context, audience: Audience) -> View:
    """What an audience is shown."""
    make = CardsView if audience.of == "cards" else SquaresView
    return make(
        hub.live,
        hub.cards,
        hub.last_hours,
        hub.utc_offset,
        hub.going_on,
        audience.language,
        hub.texts[audience.language],
        audience.sees,
        lambda: told(hub, audience.language, audience.of_district, audience.looks_after),
    )


async def _page(
    hub: Hub,
    language: Language,
    account: Asks,
    of: Of = "cards",
    square: str | None = None,
) -> AsyncIterator[OpenPage]:
    """Open until the stream is over."""
    if square is not None:
        require(account, "see", square)
    audience = audience_of(account, of, language, square)
    page = hub.broadcast.open(audience)
    if page is None:
        raise HTTPException(503, "Too many open pages; close one and try again.")
    try:
        yield page
    finally:
        hub.broadcast.leave(audience, page)


@router.get("/events")
async def events(page: Annotated[OpenPage, Depends(_page)], request: Request) -> StreamingResponse:
    """Of cards (`CardsView`) or of squares (`SquaresView`)."""
    if packed.takes_packed(request):
        parts, headers = packed.stream(page.parts()), packed.HEADERS
    else:
        parts, headers = page.parts(), {"Vary": "Accept-Encoding"}
    return StreamingResponse(parts, media_type="text/event-stream", headers=headers)
