"""What stands before every route: whose session it is, and how much a body may hold."""

import asyncio
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from noisetamer.base.errors import UserError
from noisetamer.hub.people.people import People
from noisetamer.hub.people.sessions import Session

# A stranger sends a name and a password; an account also plans of squares and spoken messages.
STRANGERS_BODY, ACCOUNTS_BODY = 64 * 1024, 24 * 1024 * 1024
# How often a stream asks whether its session has ended, s.
STREAM_LOOKED_AGAIN = 10.0


def cookie_name(scheme: str) -> str:
    """Of the session. Under HTTPS no other host can set one of this name (RFC 6265bis, 4.1.3)."""
    return "__Host-session" if scheme == "https" else "session"


class Guard:
    """ASGI middleware: `scope["state"]["session"]` is a Session, or None."""

    def __init__(self, app: ASGIApp, people: People) -> None:
        self._app = app
        self._people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        secret = _cookie(headers, cookie_name(scope["scheme"]))
        session = await self._session(secret)
        scope.setdefault("state", {})["session"] = session
        body = _Body(receive, ACCOUNTS_BODY if session else STRANGERS_BODY)
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if not body.fits(headers):
            await _too_long(scope, receive, send)
            return
        kept = self._while_as_before(noted, secret, session) if session else noted
        try:
            await self._app(scope, body.receive, kept)
        except* ClientDisconnect:
            if body.overrun and not started:
                await _too_long(scope, receive, send)
        except* _AnotherError:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _session(self, secret: str) -> Session | None:
        if not secret:
            return None
        sessions = self._people.sessions
        if found := sessions.cached(secret):
            return found
        try:
            return await asyncio.to_thread(sessions.find, secret)
        except UserError:
            return sessions.remembered(secret)

    def _while_as_before(self, send: Send, secret: str, session: Session) -> Send:
        """A stream of events ends with the session that opened it, and with what that might see:
        a page opens it again by itself, and is told what it may be told now."""
        looked, stream = asyncio.get_running_loop().time(), False

        async def sent(message: Message) -> None:
            nonlocal looked, stream
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                stream = kind.startswith("text/event-stream")
            elif stream and message.get("more_body"):
                now = asyncio.get_running_loop().time()
                if now - looked >= STREAM_LOOKED_AGAIN:
                    looked = now
                    now_it_is = await self._session(secret)
                    if now_it_is is None or _rights(now_it_is) != _rights(session):
                        raise _AnotherError
            await send(message)

        return sent


class _AnotherError(Exception):
    pass


def _rights(session: Session) -> tuple[object, ...]:
    account = session.account
    return account.role, account.squares, account.district and account.district.id, account.whole


class _Body:
    """What is received, as long as it is no more than `most` bytes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._had = 0
        self.overrun = False

    def fits(self, headers: Headers) -> bool:
        """By its own word."""
        length = headers.get("content-length", "0")
        return length.isdecimal() and int(length[:20]) <= self._most

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._had += len(message.get("body", b""))
            if self._had > self._most:
                self.overrun = True
                return {"type": "http.disconnect"}
        return message


async def _too_long(scope: Scope, receive: Receive, send: Send) -> None:
    answer = JSONResponse({"detail": "This is more than is taken."}, 413)
    await answer(scope, receive, send)


def _cookie(headers: Headers, name: str) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
