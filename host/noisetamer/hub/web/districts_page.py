"""The districts of the city: made and renamed, squares put into them. For the city's admin."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.roles import Account, District
from noisetamer.hub.squares.order import natural
from noisetamer.hub.web.allowed import Who, may
from noisetamer.hub.web.context import READ, Context, Hub, Id, Language
from noisetamer.hub.web.templates import page

router = APIRouter()

City = Annotated[Account, Depends(may("districts"))]
Name = Annotated[str, Form(max_length=200)]

FEW = 12
"""Names in a line; of more the first, and how many there are."""


@router.api_route("/districts", methods=READ, response_class=HTMLResponse)
async def districts(
    request: Request,
    hub: Hub,
    language: Language,
    account: City,
    of: Annotated[int, Query(ge=0, lt=2**63)] = 0,
) -> Response:
    """Each with its squares and people, and a form to make one more; of: which is to be changed,
    for a city has more squares than a page can list for each."""
    return await _page(request, hub, language, account, of=of)


@router.post("/districts", response_class=HTMLResponse)
async def make(
    request: Request, hub: Hub, language: Language, account: City, who: Who, name: Name = ""
) -> Response:
    """One more, without a square yet."""
    try:
        await asyncio.to_thread(hub.people.districts.make, name, who)
    except AccountError as error:
        return await _page(request, hub, language, account, error.key, name)
    return _back()


@router.post("/districts/{id}", response_class=HTMLResponse)
async def rename(
    id: Id,
    request: Request,
    hub: Hub,
    language: Language,
    account: City,
    who: Who,
    name: Name = "",
) -> Response:
    """Another name; its key and its people stay."""
    await _found(hub, id)
    try:
        await asyncio.to_thread(hub.people.districts.rename, id, name, who)
    except AccountError as error:
        return await _page(request, hub, language, account, error.key, of=id)
    return _back()


@router.post("/districts/{id}/squares")
async def put(
    id: Id,
    hub: Hub,
    account: City,
    who: Who,
    squares: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """These are its squares, and no others."""
    found = await _found(hub, id)
    known = {*hub.square_names(), *found.squares}
    if not known >= set(squares or ()):
        raise HTTPException(404, "No such square.")
    await asyncio.to_thread(hub.people.districts.put, id, squares or [], who)
    return _back()


async def _found(hub: Context, id: int) -> District:
    found = await asyncio.to_thread(hub.people.districts.one, id)
    if found is None:
        raise HTTPException(404, "No such district.")
    return found


async def _page(
    request: Request,
    hub: Context,
    language: str,
    account: Account,
    fault: str = "",
    named: str = "",
    of: int = 0,
) -> Response:
    """fault: key of its words; named: what was typed; of: which is to be changed."""

    def look() -> tuple[list[District], dict[int, list[str]]]:
        people: dict[int, list[str]] = {}
        for person in hub.people.accounts.all():
            one = person.account
            if one.district and not person.disabled:
                people.setdefault(one.district.id, []).append(one.display)
        return hub.people.districts.all(), people

    found, people = await asyncio.to_thread(look)
    where = {square: one for one in found for square in one.squares}
    # those that were put into one and have no unit any more stand in the list too
    names = sorted({*hub.square_names(), *where}, key=natural)
    return page(
        "districts.html",
        *(request, hub, language, account, 422 if fault else 200),
        districts=found,
        people=people,
        squares=names if of else [],
        of=of,
        where=where,
        free=[name for name in names if name not in where],
        few=FEW,
        fault=hub.texts[language][fault] if fault else "",
        named=named,
    )


def _back() -> Response:
    return RedirectResponse("/districts", 303)
