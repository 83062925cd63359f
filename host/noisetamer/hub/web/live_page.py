"""The live page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import may
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.events import Audience
from noisetamer.hub.web.health import told as told_of_hub
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.view_model import summary

router = APIRouter()

# More cards than these are closed at first: an overview.
OPEN_CARDS = 4


@router.api_route("/", methods=READ, response_class=HTMLResponse)
async def live_page(
    request: Request,
    hub: Hub,
    language: Language,
    account: Annotated[Account, Depends(may("see"))],
) -> HTMLResponse:
    """Every unit's card, the worst first."""
    cards = hub.cards.all(language, Audience("cards", language, None, account.squares).sees)
    return page(
        "live.html",
        request,
        hub,
        language,
        account,
        troubles=told_of_hub(hub, language),
        cards=cards,
        summary=summary([told.card for told in cards], hub.texts[language]),
        simulated={id for id, state in hub.live.states.items() if state.unit.simulated},
        few=len(cards) <= OPEN_CARDS,
    )
