"""One's own account: how one is reached, password, second factor, where one is logged in."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.hub.people import second_factor
from noisetamer.hub.people.accounts import AccountError, key_of
from noisetamer.hub.people.passwords import BusyError, WeakError, refuse_weak
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web import reaching
from noisetamer.hub.web.allowed import Asks, Who, ip_of, session_of
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.login import let_in, out
from noisetamer.hub.web.qr import qr_code
from noisetamer.hub.web.reaching import NewContact, Quiet
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import to_the_minute
from noisetamer.hub.words.i18n import LANGUAGES

router = APIRouter()


Password = Annotated[str, Form(max_length=1000)]


@router.api_route("/me", methods=READ, response_class=HTMLResponse)
async def me(request: Request, hub: Hub, language: Language, account: Asks) -> Response:
    """Everything of one's own."""
    return await _page(request, hub, language, account)


@router.post("/me", response_class=HTMLResponse)
async def change(
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    who: Who,
    display: Annotated[str, Form(max_length=200)] = "",
    speaks: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """How one is called, and in which language one is told."""
    if speaks not in LANGUAGES:
        speaks = account.language
    await asyncio.to_thread(hub.people.accounts.present, account, who, display, speaks)
    return _back()


@router.post("/me/contacts", response_class=HTMLResponse)
async def add_contact(
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    who: Who,
    new: Annotated[NewContact, Depends()],
) -> Response:
    """One more way to oneself."""
    try:
        await reaching.add(hub, account, new, who)
    except AccountError as error:
        return await _page(request, hub, language, account, error.key)
    return _back()


@router.post("/me/contacts/{contact}/remove")
async def remove_contact(contact: int, hub: Hub, account: Asks, who: Who) -> Response:
    """No more calls there."""
    found = await reaching.mine(hub, account.id, contact)
    await asyncio.to_thread(hub.people.contacts.remove, found.id, who)
    return _back()


@router.post("/me/contacts/{contact}/quiet", response_class=HTMLResponse)
async def quiet(
    contact: int,
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    who: Who,
    hours: Annotated[Quiet, Depends()],
) -> Response:
    """When it is not to ring."""
    try:
        await reaching.set_quiet(hub, account.id, contact, hours, who)
    except AccountError as error:
        return await _page(request, hub, language, account, error.key)
    return _back()


@router.post("/me/drill", response_class=HTMLResponse)
async def drill(
    request: Request, hub: Hub, language: Language, account: Asks, who: Who
) -> Response:
    """Have one's own contacts rung, as an incident would."""
    try:
        return RedirectResponse(await reaching.drill(hub, account, who), 303)
    except AccountError as error:
        return await _page(request, hub, language, account, error.key)


@router.post("/me/password", response_class=HTMLResponse)
async def password(
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    who: Who,
    before: Password = "",
    password: Password = "",
) -> Response:
    """Another password, by whoever knows the one before; logged in nowhere but here."""
    if fault := await _wrong(request, hub, account, before):
        return await _page(request, hub, language, account, fault)
    try:
        refuse_weak(password, key_of(account.name))
        hash = await hub.people.passwords.hash(password)
    except WeakError as error:
        return await _page(request, hub, language, account, error.key)
    except BusyError:
        return await _page(request, hub, language, account, "login_busy")
    await asyncio.to_thread(hub.people.accounts.set_password, account.id, hash, who)
    return await let_in(request, hub, account, "/me", "new password")


@router.post("/me/second-factor", response_class=HTMLResponse)
async def second_factor_begin(
    request: Request, hub: Hub, language: Language, account: Asks
) -> Response:
    """A secret to scan, which a code of it makes hold."""
    secret = second_factor.new_second_factor()
    return _scan(request, hub, language, account, secret)


@router.post("/me/second-factor/on", response_class=HTMLResponse)
async def second_factor_on(
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    who: Who,
    secret: Annotated[str, Form(pattern=r"^[A-Z2-7]{32}$")],
    code: Annotated[str, Form(max_length=20)] = "",
    before: Password = "",
) -> Response:
    """From now on a code is asked for; the codes for paper, this once. By whoever knows the
    password: a session that was left open must not lock its owner out."""
    if fault := await _wrong(request, hub, account, before):
        return _scan(request, hub, language, account, secret, fault)
    try:
        codes = await asyncio.to_thread(
            hub.people.second_factor.turn_on, account, secret, "".join(code.split()), who
        )
    except AccountError as error:
        return await _page(request, hub, language, account, error.key)
    if not codes:
        return _scan(request, hub, language, account, secret, "code_wrong")
    return page("codes.html", request, hub, language, account, codes=codes)


@router.post("/me/second-factor/off", response_class=HTMLResponse)
async def second_factor_off(
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    who: Who,
    before: Password = "",
) -> Response:
    """The password alone, by whoever knows it."""
    if fault := await _wrong(request, hub, account, before):
        return await _page(request, hub, language, account, fault)
    await asyncio.to_thread(hub.people.second_factor.turn_off, account, who)
    return _back()


@router.post("/me/log-out-everywhere")
async def log_out_everywhere(request: Request, hub: Hub, account: Asks, who: Who) -> Response:
    """End all of one's sessions, this one too."""
    await asyncio.to_thread(hub.people.sessions.end_all, account, who)
    return out(request)


async def _wrong(request: Request, hub: Context, account: Account, password: str) -> str:
    """Key of the words where this is not the account's password; tries are counted as at login,
    since a session that was left open is no password."""
    people = hub.people
    who = key_of(account.name), ip_of(request), f"session {account.id}"
    if people.attempts.take(*who, people.clock()):
        return "password_wait"
    kept = await asyncio.to_thread(people.accounts.password_of, account.id)
    try:
        right = await people.passwords.right(kept, password)
    except BusyError:
        people.attempts.give_back(*who)
        return "login_busy"
    if right:
        people.attempts.right(*who)
    return "" if right else "password_before_wrong"


async def _page(
    request: Request, hub: Context, language: str, account: Account, fault: str = ""
) -> Response:
    """fault: key of its words."""
    people, here = hub.people, session_of(request)
    person = await asyncio.to_thread(people.accounts.person, account.id)
    sessions = await asyncio.to_thread(people.sessions.of, account.id)
    return page(
        "me.html",
        *(request, hub, language, account, 422 if fault else 200),
        person=person,
        one=account,
        ways=await reaching.ways(request, hub, account.id),
        only_here=reaching.only_here(request),
        languages=LANGUAGES,
        push_words=reaching.push_words(hub.texts[language]),
        sessions=[
            {
                "here": here is not None and session.key == here.key,
                "agent": session.agent,
                "ip": session.ip,
                "used": to_the_minute(session.used, hub.utc_offset),
            }
            for session in sessions
        ],
        fault=hub.texts[language][fault] if fault else "",
    )


def _scan(
    request: Request, hub: Context, language: str, account: Account, secret: str, fault: str = ""
) -> Response:
    address = second_factor.address(account, secret, request.url.hostname or "")
    return page(
        "second-factor.html",
        *(request, hub, language, account, 422 if fault else 200),
        one=account,
        secret=secret,
        spaced=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=qr_code(address),
        fault=hub.texts[language][fault] if fault else "",
    )


def _back() -> Response:
    return RedirectResponse("/me", 303)
