"""All pages of the console, in their groups: what a phone's line has no room for."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from noisetamer.hub.web.allowed import Asks
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.navigation import ALL, grouped
from noisetamer.hub.web.templates import page

router = APIRouter()


@router.api_route(ALL, methods=READ, response_class=HTMLResponse)
async def all_pages(request: Request, hub: Hub, language: Language, account: Asks) -> Response:
    groups = grouped(account, hub.texts[language])
    return page("all.html", request, hub, language, account, groups=groups)
