"""Log in and out: name and password, then a code from the phone where one is wanted."""

import asyncio
import math
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from noisetamer.hub.people.accounts import Person, key_of
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.passwords import BusyError
from noisetamer.hub.people.roles import Account
from noisetamer.hub.people.sessions import DEVICE_KNOWN, LONGEST
from noisetamer.hub.web.allowed import Asks, anyone, by, ip_of, session_of
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.guard import cookie_name
from noisetamer.hub.web.templates import page

router = APIRouter()

DEVICE_COOKIE, CODE_COOKIE = "known-device", "second-step"
CODE_SECONDS, CODE_TRIES = 300.0, 5


@dataclass
class HalfWay:
    """The password was right, the code is to come."""

    account: Account
    until: float
    tries: int = 0


class HalfWayIn(dict[str, HalfWay]):
    """{secret of the cookie: who}, a few minutes each."""

    def begin(self, account: Account, now: float) -> str:
        for secret in [secret for secret, half in self.items() if half.until < now]:
            del self[secret]
        secret = secrets.token_urlsafe(32)
        self[secret] = HalfWay(account, now + CODE_SECONDS)
        return secret


_half_way_in = HalfWayIn()


@router.api_route("/login", methods=READ, dependencies=[Depends(anyone)])
async def login_page(request: Request, hub: Hub, language: Language, next: str = "/") -> Response:
    """The form; whoever is logged in goes on."""
    if session_of(request):
        return RedirectResponse(within(next), 303)
    return _form(request, hub, language, next)


@router.post("/login", dependencies=[Depends(anyone)])
async def login(
    request: Request,
    hub: Hub,
    language: Language,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Try a name and a password. Whether the name or the password was wrong is not told, neither
    in words nor by the time it takes."""
    people = hub.people
    person = await asyncio.to_thread(people.accounts.named, name)
    device = await _known(request, hub, person)
    who = key_of(name), ip_of(request), device
    if wait := people.attempts.take(*who, people.clock()):
        return _form(request, hub, language, next, "login_wait", wait, name)
    kept = ""
    if person and not person.disabled:
        kept = await asyncio.to_thread(people.accounts.password_of, person.account.id)
    try:
        right = await people.passwords.right(kept, password)
    except BusyError:
        people.attempts.give_back(*who)
        return _form(request, hub, language, next, "login_busy", name=name, status=503)
    if not right or person is None:
        wait = await _note_wrong(request, hub, who, person)
        key = "login_wait" if wait else "login_wrong"
        return _form(request, hub, language, next, key, wait, name, 403)
    if people.passwords.outdated(kept):
        anew = await people.passwords.hash(password)
        me = By(person.account.name, ip_of(request))
        await asyncio.to_thread(
            people.accounts.set_password, person.account.id, anew, me, tell=False
        )
    if person.second_factor:
        people.attempts.give_back(*who)
        response = page("code.html", request, hub, language, None, next=within(next), fault="")
        secret = _half_way_in.begin(person.account, people.clock())
        _set(response, request, CODE_COOKIE, secret, CODE_SECONDS)
        return response
    people.attempts.right(*who)
    return await let_in(request, hub, person.account, next, "password")


@router.post("/login/code", dependencies=[Depends(anyone)])
async def code(
    request: Request,
    hub: Hub,
    language: Language,
    code: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """The code of the phone, or one from paper, after the right password."""
    people, now = hub.people, hub.people.clock()
    half = _half_way_in.get(secret := request.cookies.get(CODE_COOKIE, ""))
    if half is None or half.until < now or half.tries >= CODE_TRIES:
        _half_way_in.pop(secret, None)
        return _form(request, hub, language, next, "login_again", status=403)
    person = await asyncio.to_thread(people.accounts.named, half.account.name)
    device = await _known(request, hub, person)
    who = key_of(half.account.name), ip_of(request), device
    me = By(half.account.name, ip_of(request))
    if wait := people.attempts.take(*who, now):
        return _form(request, hub, language, next, "login_wait", wait)
    half.tries += 1
    if not await asyncio.to_thread(people.second_factor.right, half.account, code, me):
        await _note_wrong(request, hub, who, person)
        texts = hub.texts[language]
        fault = texts["code_wrong"]
        return page("code.html", request, hub, language, None, 403, next=within(next), fault=fault)
    _half_way_in.pop(secret, None)
    people.attempts.right(*who)
    response = await let_in(request, hub, half.account, next, "password and code")
    response.delete_cookie(CODE_COOKIE)
    return response


@router.post("/logout")
async def logout(request: Request, hub: Hub, account: Asks) -> Response:
    """End this session."""
    session = session_of(request)
    assert session is not None
    await asyncio.to_thread(hub.people.sessions.end, session, by(request))
    return out(request)


def out(request: Request) -> Response:
    """To the form, with nothing of what was seen kept by the browser."""
    response = RedirectResponse("/login", 303, {"Clear-Site-Data": '"cache", "storage"'})
    secure = request.url.scheme == "https"
    response.delete_cookie(cookie_name(request.url.scheme), secure=secure, httponly=True)
    return response


async def let_in(
    request: Request, hub: Context, account: Account, next: str, how: str
) -> Response:
    """A new session, whatever there was before, and on to the page that was wanted."""
    people = hub.people
    me = By(account.name, ip_of(request))
    agent = request.headers.get("user-agent", "")
    if before := session_of(request):
        await asyncio.to_thread(people.sessions.end, before, me)
    secret = await asyncio.to_thread(people.sessions.begin, account.id, me, agent, how)
    response = RedirectResponse(within(next), 303)
    _set(response, request, cookie_name(request.url.scheme), secret, LONGEST)
    if not await asyncio.to_thread(
        people.sessions.device, account.id, request.cookies.get(DEVICE_COOKIE, "")
    ):
        device = await asyncio.to_thread(people.sessions.know_device, account.id)
        _set(response, request, DEVICE_COOKIE, device, DEVICE_KNOWN)
    return response


def within(next: str) -> str:
    """An address of this hub; "/" for any other."""
    ours = next.startswith("/") and not next.startswith(("//", "/\\")) and next.isprintable()
    return next if ours else "/"


async def _known(request: Request, hub: Context, person: Person | None) -> str:
    """The device's secret where it is known to the account, else ''."""
    secret = request.cookies.get(DEVICE_COOKIE, "")
    if not secret or person is None:
        return ""
    found = await asyncio.to_thread(hub.people.sessions.device, person.account.id, secret)
    return secret if found else ""


async def _note_wrong(
    request: Request, hub: Context, who: tuple[str, str, str], person: Person | None
) -> float:
    """How long to wait now. Written down for known accounts: names that are none may be
    passwords."""
    people = hub.people
    wait = people.attempts.wait(*who, people.clock())
    if person:
        what = "login_locked" if wait else "login_wrong"
        target, ip = person.account.name, ip_of(request)
        await asyncio.to_thread(people.audit, people.clock(), "", what, target, ip=ip)
    return wait


def _form(
    request: Request,
    hub: Context,
    language: str,
    next: str,
    fault: str = "",
    wait: float = 0.0,
    name: str = "",
    status: int = 200,
) -> Response:
    """fault: key of its words; wait: s."""
    minutes = math.ceil(wait / 60)
    words = hub.texts[language][fault].format(minutes=minutes) if fault else ""
    response = page(
        "login.html",
        request,
        hub,
        language,
        None,
        429 if wait else status,
        next=within(next),
        fault=words,
        named=name,
    )
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _set(response: Response, request: Request, name: str, value: str, seconds: float) -> None:
    response.set_cookie(
        name,
        value,
        max_age=round(seconds),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
