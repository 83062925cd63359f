"""Links that open once: the first administrator, a new password, one login."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from noisetamer.hub.people.accounts import AccountError, key_of
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.passwords import BusyError, WeakError, refuse_weak
from noisetamer.hub.people.roles import Account
from noisetamer.hub.people.tickets import LOGIN, PASSWORD, SET_UP, Ticket
from noisetamer.hub.web.allowed import anyone, ip_of
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.login import let_in
from noisetamer.hub.web.templates import page

router = APIRouter(dependencies=[Depends(anyone)])


@router.api_route("/welcome/{secret}", methods=READ)
async def welcome(secret: str, request: Request, hub: Hub, language: Language) -> Response:
    """What the link is for, and a form: looking at it uses nothing up (a messenger that fetches
    a preview does)."""
    ticket = await asyncio.to_thread(hub.people.tickets.look, secret)
    return _page(request, hub, language, ticket)


@router.post("/welcome/{secret}")
async def enter(
    secret: str,
    request: Request,
    hub: Hub,
    language: Language,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Do it, and be logged in."""
    people = hub.people
    ticket = await asyncio.to_thread(people.tickets.look, secret)
    if ticket is None:
        return _page(request, hub, language, None)
    if ticket.kind == LOGIN:
        ticket = await asyncio.to_thread(people.tickets.use, secret)
        if ticket is None or ticket.account is None:
            return _page(request, hub, language, None)
        return await let_in(request, hub, ticket.account, "/", "link")
    try:
        name = ticket.account.name if ticket.account else name
        refuse_weak(password, key_of(name))
        hash = await people.passwords.hash(password)
        account = await asyncio.to_thread(_take, hub, secret, name, hash, language, ip_of(request))
    except (WeakError, AccountError) as error:
        return _page(request, hub, language, ticket, error.key, name)
    except BusyError:
        raise HTTPException(503, "Too many at once: try again.") from None
    if account is None:
        return _page(request, hub, language, None)
    if await asyncio.to_thread(people.second_factor.wanted, account.id):
        # the link stands for the password, not for the phone
        return RedirectResponse("/login", 303)
    return await let_in(request, hub, account, await _first_page(hub, account), "link")


async def _first_page(hub: Context, account: Account) -> str:
    """Whose phone would not ring comes first to where that is set."""
    reached = await asyncio.to_thread(hub.people.contacts.of, account.id)
    return "/" if reached or account.role == "admin" or not account.may("acknowledge") else "/me"


def _take(
    hub: Context, secret: str, name: str, hash: str, language: str, ip: str
) -> Account | None:
    """Use the link up, and do what it is for. None where another was faster.

    Raises AccountError, and leaves the link as it is.
    """
    people = hub.people
    ticket = people.tickets.look(secret)
    if ticket is None:
        return None
    if ticket.kind == SET_UP:
        return people.set_up(secret, name, hash, language, By(name, ip))
    if ticket.kind == PASSWORD and people.tickets.use(secret) and ticket.account:
        people.accounts.set_password(ticket.account.id, hash, By(ticket.account.name, ip))
        return ticket.account
    return None


def _page(
    request: Request,
    hub: Context,
    language: str,
    ticket: Ticket | None,
    fault: str = "",
    name: str = "",
) -> Response:
    """fault: key of its words."""
    return page(
        "welcome.html",
        request,
        hub,
        language,
        None,
        200 if ticket and not fault else 404 if ticket is None else 422,
        kind=ticket.kind if ticket else "",
        owner=ticket.account if ticket else None,
        fault=hub.texts[language][fault] if fault else "",
        named=name,
    )
