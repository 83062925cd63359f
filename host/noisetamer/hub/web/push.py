"""Web Push: a browser subscribes itself, and its service worker rings."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from fastapi.responses import FileResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.phones.channels import web_push
from noisetamer.hub.web.allowed import Asks, anyone, by
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.phones import PhonesOf

router = APIRouter()

WORKER = Path(__file__).with_name("static") / "service-worker.js"


@router.api_route("/service-worker.js", methods=READ, dependencies=[Depends(anyone)])
async def worker() -> Response:
    """At the root: there it may answer for every page."""
    return FileResponse(WORKER, media_type="text/javascript")


@router.api_route("/push/key", methods=READ)
async def key(phones: PhonesOf, account: Asks) -> dict[str, str]:
    """What a browser subscribes with."""
    return {"key": await asyncio.to_thread(phones.push_key)}


@router.post("/push/subscribe")
async def subscribe(
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    subscription: Annotated[dict[str, Any], Body()],
) -> dict[str, bool]:
    """This browser is one more way to the account. The same again changes nothing."""
    who = by(request)
    address = json.dumps(subscription, sort_keys=True)

    def add() -> None:
        web_push.checked(address)
        if all(way.address != address for way in hub.people.contacts.of(account.id)):
            hub.people.contacts.add(account.id, "web-push", who, address)

    try:
        await asyncio.to_thread(add)
    except UserError as error:
        raise HTTPException(422, say_in(language, str(error))) from None
    return {"subscribed": True}
