"""The fleet: the condition of every unit, what is ill first."""

import asyncio
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web import fleet_view
from noisetamer.hub.web.allowed import may
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.updates import updates_of

router = APIRouter()


@router.api_route("/fleet", methods=READ, response_class=HTMLResponse)
async def fleet(
    request: Request,
    hub: Hub,
    language: Language,
    account: Annotated[Account, Depends(may("fleet"))],
    show: Literal["ill", "all"] | None = None,
) -> HTMLResponse:
    """show: which units; where nothing is asked for, those that want care, if any do."""
    now = time.time()
    states = [
        state for state in hub.live.states.values() if account.may("fleet", square_of(state.unit))
    ]
    # what the event loop changes is looked at in it; all else is done beside it
    await updates_of(request).look()
    rootless = updates_of(request).rootless()
    decided = {state.unit.id: fleet_view.policy_of(state) for state in states}

    def made() -> HTMLResponse:
        told = hub.queries.conditions(
            {state.unit.id: fleet_view.now_at(state, now) for state in states}
        )
        texts = hub.texts[language]
        found = fleet_view.rows(states, told, decided, texts, hub.utc_offset, now, rootless)
        ill = [row for row in found if row.ills]
        which = show or ("ill" if ill else "all")
        return page(
            "fleet.html",
            request,
            hub,
            language,
            account,
            rows=ill if which == "ill" else found,
            show=which,
            ill=len(ill),
            all=len(found),
            spark=fleet_view.spark,
        )

    return await asyncio.to_thread(made)
