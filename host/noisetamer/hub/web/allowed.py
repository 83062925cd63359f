"""Who asks, and whether they may: what every route depends on.

A route says `Depends(may("permission"))`, or `Depends(anyone)` where no account is asked for; one
that says neither is refused to everybody (`checked`, which the application puts before all).
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from noisetamer.hub.people.audit import By
from noisetamer.hub.people.roles import PERMISSIONS, Account
from noisetamer.hub.people.secrets_kept import same
from noisetamer.hub.people.sessions import Session

_SAFE = {"GET", "HEAD", "OPTIONS"}


class May:
    """The dependency of a route: the account that asks, which has this permission somewhere.

    Raises HTTPException: 401 without a session, 403 without the permission.
    """

    def __init__(self, permission: str) -> None:
        assert permission in PERMISSIONS, permission
        self.permission = permission

    async def __call__(self, request: Request) -> Account:
        session = session_of(request)
        if session is None:
            raise HTTPException(401, "log in first")
        require(session.account, self.permission)
        return session.account


class MayHere(May):
    """The same, in the square that the path names."""

    async def __call__(self, request: Request, square: str) -> Account:  # type: ignore[override]
        account = await super().__call__(request)
        require(account, self.permission, square)
        return account


@cache
def may(permission: str) -> May:
    """`account: Annotated[Account, Depends(may("see"))]`. A route that concerns a square asks
    `require` besides, or `may_here`."""
    return May(permission)


@cache
def may_here(permission: str) -> MayHere:
    """For a route with {square} in its path. Streams of events need it: what they raise
    themselves comes after the answer has begun."""
    return MayHere(permission)


async def anyone() -> None:
    """The dependency of a route that asks for no account: whoever has its address may."""


def require(
    account: Account,
    permission: str,
    square: str | None = None,
    missing: str = "No such square.",
) -> None:
    """Raises HTTPException, 403, unless the account may do that, in that square; 404 where that is
    none of its district: what is another's is answered as what is not there. missing: what is
    said then.
    """
    if account.may(permission, square):
        return
    if account.district and account.may(permission) and not account.may("see", square):
        raise HTTPException(404, missing)
    raise HTTPException(403, "not allowed")


def session_of(request: Request) -> Session | None:
    """The login this request comes from, as the guard found it."""
    return getattr(request.state, "session", None)


def by(request: Request) -> By:
    """Who asks, and from where, for the audit log."""
    session = session_of(request)
    return By(session.account.name if session else "", ip_of(request))


async def _by(request: Request) -> By:
    return by(request)


def ip_of(request: Request) -> str:
    return request.client.host if request.client else ""


async def checked(request: Request) -> None:
    """Before every route. Raises HTTPException, 403, for what comes from a page elsewhere, for
    a change without the word of its session's forms, for a route that does not say who may.
    """
    needed = permissions_of(request.scope.get("route"))
    if needed is None:
        raise HTTPException(403, "not allowed")
    if request.method in _SAFE:
        return
    _from_our_page(request)
    session = session_of(request)
    if needed and session:
        word = request.headers.get("x-csrf", "")
        if not word:
            form = await request.form()
            word = form.get("csrf", "")
        if not (isinstance(word, str) and same(word, session.csrf)):
            raise HTTPException(403, "stale")


def permissions_of(route: object) -> set[str] | None:
    """What a route asks for; empty where it says that anyone may, None where it says nothing."""
    if not isinstance(route, APIRoute):
        return None
    calls = [dependant.call for dependant in _below(route.dependant)]
    asked = {call.permission for call in calls if isinstance(call, May)}
    return asked if asked or anyone in calls else None


def _below(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from _below(each)


def _from_our_page(request: Request) -> None:
    """A page from elsewhere may do nothing through its visitor's browser."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise HTTPException(403, "Orders are taken from the hub's own page only.")


Asks = Annotated[Account, Depends(may("see"))]
"""Whoever is logged in."""

Who = Annotated[By, Depends(_by)]
"""The same, for the audit log."""
