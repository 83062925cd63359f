"""What the routes share: set once by `create_app`, handed to each request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.health import Health
from noisetamer.hub.live import Live
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.web.i18n import LANGUAGES, Texts

READ = ["GET", "HEAD"]
"""Methods of a route that only looks."""


@dataclass(frozen=True)
class Context:
    """utc_offset: of the square's clock, h; texts: {language: {key: text}}."""

    live: Live
    queries: Queries
    commands: Commands
    health: Health
    utc_offset: float
    texts: dict[str, Texts]


async def _context(request: Request) -> Context:
    return request.app.state.context


async def _language(request: Request) -> str:
    """Asked for, else chosen before, else Chinese."""
    asked = request.query_params.get("lang") or request.cookies.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


Hub = Annotated[Context, Depends(_context)]
Language = Annotated[str, Depends(_language)]
