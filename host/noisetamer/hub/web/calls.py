"""Who is called: the plan of each square, whom it would reach now, and a form to change it."""

import asyncio
import time
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents.incident import KINDS
from noisetamer.hub.incidents.plan import SHIPPED, read
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web import call_form
from noisetamer.hub.web.allowed import by, may, may_here, require
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.templates import page

router = APIRouter()

SETTING = "escalation"

Reader = Annotated[Account, Depends(may("policy.see"))]
ReaderHere = Annotated[Account, Depends(may_here("policy.see"))]
KeeperHere = Annotated[Account, Depends(may_here("squares.change"))]


@router.api_route("/calls", methods=READ, response_class=HTMLResponse)
async def calls(request: Request, hub: Hub, language: Language, account: Reader) -> HTMLResponse:
    """Every square: whose plan holds, and whether it would reach anybody now."""
    names = [name for name in hub.square_names() if account.may("policy.see", name)]

    def look() -> dict[str, tuple[bool, list[str]]]:
        return {
            name: (hub.squares.setting(name, SETTING) is not None, _reached_now(hub, name))
            for name in names
        }

    found = await asyncio.to_thread(look)
    return page("calls.html", request, hub, language, account, squares=found)


@router.api_route("/calls/{square:path}", methods=READ, response_class=HTMLResponse)
async def plan(
    square: str, request: Request, hub: Hub, language: Language, account: ReaderHere
) -> HTMLResponse:
    """The plan of one, in words; for whoever may change it a form besides."""
    hub.must_be(square)
    own = await asyncio.to_thread(hub.squares.setting, square, SETTING)
    return await _page(square, own or dict(SHIPPED), request, hub, language, account)


@router.post("/calls/{square:path}", response_class=HTMLResponse)
async def change(
    square: str, request: Request, hub: Hub, language: Language, account: KeeperHere
) -> Response:
    """Set it by the form, or the shipped one; what is wrong is said beside what was typed."""
    hub.must_be(square)
    require(account, "squares.change", square)
    form = await request.form(max_fields=1000, max_files=0)
    given = {name: [one for one in form.getlist(name) if isinstance(one, str)] for name in form}
    given = call_form.unworded(given, hub.texts[language])
    asked = dict(SHIPPED) if given.get("shipped") else call_form.body(given)
    try:
        read(asked, hub.utc_offset)
        await asyncio.to_thread(_put, hub, square, asked, request)
    except UserError as error:
        return await _page(square, asked, request, hub, language, account, str(error))
    return RedirectResponse(f"/calls/{quote(square, safe='')}", 303)


def _put(hub: Context, square: str, asked: dict[str, Any], request: Request) -> None:
    """Raises UserError."""
    who, now = by(request), time.time()
    hub.people.audit(now, who.name, SETTING, square, detail=asked, ip=who.ip)
    hub.squares.put(square, SETTING, asked, who.name, now)


def _reached_now(hub: Context, square: str) -> list[str]:
    """The people whom a noise could call now, by the steps."""
    steps = [found for step, found in hub.incidents.reach(square) if "noise" in step.kinds]
    return list(dict.fromkeys(way.name for found in steps for way in found.ways))


async def _page(
    square: str,
    body: dict[str, Any],
    request: Request,
    hub: Context,
    language: str,
    account: Account,
    fault: str = "",
) -> HTMLResponse:
    def look() -> tuple[list[Any], list[Any], Any]:
        history = hub.squares.history(square, SETTING)
        return list(hub.incidents.reach(square)), history, hub.incidents.plan(square)

    steps, history, holds = await asyncio.to_thread(look)
    return page(
        "call-plan.html",
        request,
        hub,
        language,
        account,
        status=422 if fault else 200,
        square=square,
        steps=[
            {
                "step": step,
                "names": list(dict.fromkeys(way.name for way in found.ways)),
                "why": found.why,
                "kinds": [kind for kind in KINDS if kind in step.kinds],
            }
            for step, found in steps
        ],
        holds=holds,
        own=bool(history),
        history=history,
        form=call_form.filled(body),
        choices=call_form,
        fault=fault,
        mine=account.may("squares.change", square),
    )
