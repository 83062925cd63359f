"""What is kept about a person, for who governs: looked at, and let go of on request.

Names are looked for in the files of the whole hub: no district's admin does it.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.roles import Account
from noisetamer.hub.privacy.forgetting import forget
from noisetamer.hub.privacy.kept import about
from noisetamer.hub.privacy.whom import Whom, whom
from noisetamer.hub.web.allowed import Who, may
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import to_the_minute

router = APIRouter()


async def _governs(account: Annotated[Account, Depends(may("people"))]) -> Account:
    if account.district:
        raise HTTPException(403, "not allowed")
    return account


Governs = Annotated[Account, Depends(_governs)]


@router.api_route("/people/{id}/kept", methods=READ, response_class=HTMLResponse)
async def kept(
    id: int, request: Request, hub: Hub, around: Beside, language: Language, account: Governs
) -> Response:
    """Row by row: in which file, since when, for how long."""
    name = await _name(hub, id)
    found = await asyncio.to_thread(lambda: about(around.data, whom(around.data, name)))
    texts = hub.texts[language]
    rows = [
        {
            "file": one.file,
            "where": one.where,
            "what": one.what,
            "at": to_the_minute(one.at, hub.utc_offset) if one.at is not None else "",
            "until": one.stays
            or (
                to_the_minute(one.until, hub.utc_offset)
                if one.until is not None
                else texts["kept_until_asked"]
            ),
        }
        for one in found
    ]
    return page("kept.html", request, hub, language, account, id=id, person=name, rows=rows)


@router.post("/people/{id}/forget")
async def let_go(
    id: int,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Governs,
    who: Who,
    typed: Annotated[str, Form(max_length=100)],
) -> Response:
    """Let go of all of it. typed: the account's name, so that it is no slip of a finger."""
    name = await _name(hub, id)
    if typed.strip() != name:
        raise HTTPException(422, hub.texts[language]["kept_type_name"].format(name=name))

    def go() -> None:
        one: Whom = whom(around.data, name)
        forget(around.data, one, hub.people, around, who)

    try:
        await asyncio.to_thread(go)
    except AccountError as error:
        raise HTTPException(422, hub.texts[language][error.key]) from None
    return RedirectResponse("/people", 303)


async def _name(hub: Context, id: int) -> str:
    people = await asyncio.to_thread(hub.people.accounts.all)
    for person in people:
        if person.account.id == id:
            return person.account.name
    raise HTTPException(404, "No such person.")
