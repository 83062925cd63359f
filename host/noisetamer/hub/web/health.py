"""Whether the hub is well, for programs that watch over it and for people who look at the page."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from noisetamer.hub.web.allowed import anyone, session_of
from noisetamer.hub.web.context import READ, Context, Hub

router = APIRouter()


@router.api_route("/health", methods=READ, dependencies=[Depends(anyone)])
async def health(request: Request, hub: Hub) -> JSONResponse:
    """200 when all is well, 503 when something is not: a watching program needs no account for
    that. `troubles` says to whoever is logged in what is, or will be."""
    found = hub.health.troubles()
    ill = any(trouble.ill for trouble in found)
    if session_of(request) is None:
        return JSONResponse({"ok": not ill}, 503 if ill else 200)
    states = hub.live.states.values()
    facts = {
        "ok": not ill,
        "troubles": told(hub, "en"),
        "units": len(states),
        "online": sum(bool(state.online) for state in states),
        **hub.health.facts(),
    }
    return JSONResponse(facts, 503 if ill else 200)


def told(hub: Context, language: str, looks_after: bool = True) -> list[str]:
    """Each trouble as a sentence that says what is wrong and what to do.

    looks_after: whether it is for somebody who looks after the hub, so also what only will be.
    """
    texts = hub.texts[language]
    return [
        texts[f"trouble_{trouble.key}"].format(**trouble.values)
        for trouble in hub.health.troubles()
        if trouble.ill or looks_after
    ]
