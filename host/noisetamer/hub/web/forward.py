"""What other platforms are told: how each destination stands, and the button that tries it now."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.base.language import say_in
from noisetamer.hub.forward.forwarding import Forwarding, Shown
from noisetamer.hub.forward.queue import Refusal
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import ip_of, may
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import to_the_minute

router = APIRouter()

# of the hub as a whole, and of whoever may read its folder
Keeps = Annotated[Account, Depends(may("backup"))]

REFUSALS = 5


def forwarding_of(request: Request) -> Forwarding | None:
    """Of the hub that serves this page; None where none is at work."""
    return getattr(request.app.state, "forwarding", None)


@router.api_route("/forward", methods=READ, response_class=HTMLResponse)
async def forward(request: Request, hub: Hub, language: Language, account: Keeps) -> HTMLResponse:
    """All destinations, in the order of forward.toml."""
    found = forwarding_of(request)
    rows = []
    for one in found.shown() if found else ():
        refusals = await found.refusals(one.asked.name, REFUSALS) if found else []
        rows.append(_row(one, refusals, hub, language))
    fault = say_in(language, found.fault) if found else ""
    told = {"rows": rows, "fault": fault, "elsewhere": found is not None and not found.at_work}
    return page("forward.html", request, hub, language, account, **told)


@router.post("/forward/{name}/try", response_class=HTMLResponse)
async def try_now(name: str, request: Request, hub: Hub, account: Keeps) -> Response:
    """Whatever pause is under way."""
    found = forwarding_of(request)
    if found is None or name not in {one.asked.name for one in found.shown()}:
        raise HTTPException(404, "No such destination.")
    told = (time.time(), account.name, "forward_tried", name)
    await asyncio.to_thread(hub.people.audit, *told, ip=ip_of(request))
    found.try_now(name)
    return RedirectResponse("/forward", 303)


def _row(one: Shown, refusals: list[Refusal], hub: Context, language: str) -> dict[str, Any]:
    standing, state, asked, texts = one.standing, one.state, one.asked, hub.texts[language]

    def at(t: float | None) -> str:
        return "" if t is None else to_the_minute(t, hub.utc_offset)

    failing = one.fault or (state.failing or state.beside if state else "")
    if one.fault:
        how = "fault"
    elif state is None:
        how = "off"
    else:
        how = "away" if failing else "well"
    return {
        "name": asked.name,
        "kind": asked.kind,
        "facts": " · ".join(texts[f"forward_fact_{kind}"] for kind in asked.facts),
        "of": " · ".join((*asked.squares, *asked.units)),
        "how": how,
        "said": texts[f"forward_{how}"],
        "why": say_in(language, failing),
        "next": at(state.next) if state else "",
        "waiting": standing.waiting if standing else 0,
        "oldest": at(standing.oldest) if standing else "",
        "sent": standing.sent if standing else 0,
        "last": at(standing.last_sent) if standing else "",
        "lost": standing.lost if standing else 0,
        "refused": standing.refused if standing else 0,
        "refusals": [
            (at(each.at), each.fact.key, say_in(language, each.why)) for each in refusals
        ],
        "may_try": state is not None,
    }
