"""Whether the hub is well, for programs that watch over it and for people who look at the page."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from noisetamer.base.language import say_in
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.trouble import OF_NO_PLACE
from noisetamer.hub.web.allowed import anyone, session_of
from noisetamer.hub.web.context import READ, Context, Hub

router = APIRouter()


@router.api_route("/health", methods=READ, dependencies=[Depends(anyone)])
async def health(request: Request, hub: Hub) -> JSONResponse:
    """200 when all is well, 503 when something is not: a watching program needs no account for
    that. `troubles` says to whoever is logged in what is, or will be."""
    found = hub.health.troubles()
    ill = any(trouble.ill for trouble in found)
    session = session_of(request)
    if session is None:
        return JSONResponse({"ok": not ill}, 503 if ill else 200)
    account = session.account
    states = [
        state
        for state in hub.live.states.values()
        if account.district is None or account.may("see", square_of(state.unit))
    ]
    facts = {
        "ok": not ill,
        "troubles": told(hub, "en", account.district is not None),
        "units": len(states),
        "online": sum(bool(state.online) for state in states),
        **({} if account.district else hub.health.facts()),
    }
    return JSONResponse(facts, 503 if ill else 200)


def told(hub: Context, language: str, of_district: bool, looks_after: bool = True) -> list[str]:
    """Each trouble as a sentence that says what is wrong and what to do.

    of_district: for somebody who sees one district only, so nothing that names a place;
    looks_after: for somebody who looks after the hub, so also what only will be.
    """
    texts = hub.texts[language]
    return [
        texts[f"trouble_{trouble.key}"].format(
            # what is wrong is a sentence of the program, all else are names and numbers
            **{
                name: say_in(language, value) if name == "what" else value
                for name, value in trouble.values.items()
            }
        )
        for trouble in hub.health.troubles()
        if (trouble.ill or looks_after) and (trouble.key in OF_NO_PLACE or not of_district)
    ]
