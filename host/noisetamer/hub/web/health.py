"""Whether the hub is well, for programs that watch over it and for people who look at the page."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from noisetamer.hub.web.context import READ, Context, Hub

router = APIRouter()


@router.api_route("/health", methods=READ)
async def health(hub: Hub) -> JSONResponse:
    """200 when all is well, 503 when something is not; `troubles` says what is, or will be."""
    found = hub.health.troubles()
    ill = any(trouble.ill for trouble in found)
    states = hub.live.states.values()
    facts = {
        "ok": not ill,
        "troubles": told(hub, "en"),
        "units": len(states),
        "online": sum(bool(state.online) for state in states),
        **hub.health.facts(),
    }
    return JSONResponse(facts, 503 if ill else 200)


def told(hub: Context, language: str) -> list[str]:
    """Each trouble as a sentence that says what is wrong and what to do."""
    texts = hub.texts[language]
    return [
        texts[f"trouble_{trouble.key}"].format(**trouble.values)
        for trouble in hub.health.troubles()
    ]
