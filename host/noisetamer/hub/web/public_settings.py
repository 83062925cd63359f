"""Where the page of a square for everybody is turned on, and the sign with its QR comes from."""

import asyncio
import datetime
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.complaints import advice, sign
from noisetamer.hub.complaints.public import SETTING, Public, checked
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web import public_view
from noisetamer.hub.web.allowed import Who, may, may_here
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.public import address_of
from noisetamer.hub.web.qr import qr_code
from noisetamer.hub.web.reaching import for_phones, is_this_computer
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import clock

router = APIRouter()

Keeper = Annotated[Account, Depends(may("public"))]
KeeperHere = Annotated[Account, Depends(may_here("public"))]


@router.api_route("/public", methods=READ, response_class=HTMLResponse)
async def every_square(
    request: Request, hub: Hub, language: Language, account: Keeper
) -> HTMLResponse:
    """Which squares everybody may see something of."""
    names = [name for name in hub.square_names() if account.may("public", name)]

    def look() -> list[tuple[str, bool]]:
        return [(name, public_view.public_of(hub, name).on) for name in names]

    squares = await asyncio.to_thread(look)
    return page("public-all.html", request, hub, language, account, squares=squares)


@router.api_route("/public/{square:path}/sign.pdf", methods=READ)
async def signs(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    account: KeeperHere,
    size: Annotated[str, Query(pattern="^a[45]$")] = "a4",
) -> Response:
    """A sign for each pole, with the QR of its box; a page each."""
    hub.must_be(square)
    public = await asyncio.to_thread(public_view.public_of, hub, square)
    if not public.on:
        raise HTTPException(409, "Turn the page on first.")
    base = for_phones(request, around.data)
    states = public_view.boxes(hub, square, None)
    poles = [
        sign.Pole(one.unit.name if len(states) > 1 else "", base + address_of(one.unit.id))
        for one in states
    ]
    found = await asyncio.to_thread(
        sign.pdf, sign.Sign(square, public.ask, public.button, tuple(poles)), size
    )
    return Response(
        found,
        media_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="sign.pdf"'},
    )


@router.api_route("/public/{square:path}", methods=READ, response_class=HTMLResponse)
async def one_square(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: KeeperHere,
) -> HTMLResponse:
    """The form, and the QR."""
    hub.must_be(square)
    public = await asyncio.to_thread(public_view.public_of, hub, square)
    return _page(square, public, request, hub, around.data, language, account)


@router.post("/public/{square:path}")
async def change(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: KeeperHere,
    who: Who,
    on: Annotated[str, Form(max_length=5)] = "",
    button: Annotated[str, Form(max_length=5)] = "",
    ask: Annotated[str, Form(max_length=1000)] = "",
    cure: Annotated[str, Form(max_length=40)] = "",
    since: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Turn it on or off, say whom to ask, and what the square has done."""
    hub.must_be(square)
    now = time.time()
    asked = Public(on == "true", button == "true", " ".join(ask.split()), cure)
    try:
        day = _day(since)
        asked = Public(asked.on, asked.button, asked.ask, asked.cure, day)
        checked(asked, advice.keys(), clock(int(now), hub.utc_offset).date())
    except UserError as error:
        said = say_in(language, str(error))
        return _page(square, asked, request, hub, around.data, language, account, said)

    def put() -> None:
        body = asked.body()
        hub.people.audit(now, who.name, SETTING, square, detail=body, ip=who.ip)
        hub.squares.put(square, SETTING, body, who.name, now)

    await asyncio.to_thread(put)
    return RedirectResponse(f"/public/{quote(square, safe='')}", 303)


def _day(text: str) -> datetime.date | None:
    """Raises UserError."""
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{text}: is no day; write 2026-11-28") from None


def _page(
    square: str,
    public: Public,
    request: Request,
    hub: Context,
    data: Path,
    language: str,
    account: Account,
    fault: str = "",
) -> HTMLResponse:
    address = for_phones(request, data) + address_of(square)
    return page(
        "public-settings.html",
        *(request, hub, language, account),
        status=422 if fault else 200,
        square=square,
        public=public,
        cures=advice.keys(),
        address=address,
        here=address_of(square),
        qr=qr_code(address),
        only_here=is_this_computer(urlsplit(address).hostname or ""),
        warned_of=getattr(request.app.state, "authority", None) is not None,
        fault=fault,
    )
