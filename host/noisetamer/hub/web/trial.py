"""Which warning works here: what incidents that were dealt by lot have shown."""

import asyncio
from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.order import natural
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.trials import analysis, reading
from noisetamer.hub.trials.dealt import Dealt
from noisetamer.hub.web import trial_view
from noisetamer.hub.web.allowed import may
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.templates import page
from tamer.record.reading import DATED_FROM

router = APIRouter()

_EVER = 1 << 40


@router.api_route("/trial", methods=READ, response_class=HTMLResponse)
async def trial(
    request: Request,
    hub: Hub,
    language: Language,
    account: Annotated[Account, Depends(may("policy.see"))],
) -> HTMLResponse:
    """Every square that has one, the newest first."""
    places = {
        unit: square_of(state.unit)
        for state in hub.live.states.values()
        for unit in (state.unit.id, *state.unit.replaced)
        if account.may("policy.see", square_of(state.unit))
    }

    def made() -> HTMLResponse:
        texts = hub.texts[language]
        by_square: dict[str, list[Dealt]] = defaultdict(list)
        for one in reading.of_units(hub.queries, places, DATED_FROM, _EVER):
            by_square[one.square].append(one)
        views = [
            trial_view.trial_view(square, each, texts, hub.utc_offset)
            for square in sorted(by_square, key=natural)
            for each in analysis.trials(by_square[square])
        ]
        return page(
            "trial.html",
            request,
            hub,
            language,
            account,
            trials=views,
            looks=trial_view.looks(),
            marks=trial_view.MARKS,
        )

    return await asyncio.to_thread(made)
