"""A browser without a browser: requests to the console in this process."""

import asyncio
from collections.abc import Collection, Iterator
from typing import Any

import httpx
from console import Console
from fastapi import FastAPI
from fastapi.routing import APIRoute
from logged_in import log_in
from waiting import DEADLINE

from noisetamer.hub.people.secrets_kept import csrf_of


class InProcess:
    """Keeps cookies; follows no redirection by itself. `headers` go with every request."""

    def __init__(self, console: Console, address: str, scheme: str) -> None:
        transport = httpx.ASGITransport(
            console.app, raise_app_exceptions=False, client=(address, 40_000)
        )
        self._client = httpx.AsyncClient(transport=transport, base_url=f"{scheme}://hub")
        self.headers, self.cookies = self._client.headers, self._client.cookies

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        # what never ends is no answer here
        asked = self._client.request(method, path, **how)
        return asyncio.run(asyncio.wait_for(asked, DEADLINE))

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.request("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.request("POST", path, **how)


def routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """("GET /path", the route) of everything that is answered."""
    waiting = list(app.routes)
    for route in waiting:
        waiting += getattr(getattr(route, "original_router", None), "routes", [])
        if isinstance(route, APIRoute):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield f"{method} {route.path}", route


def browser(
    console: Console, secret: str = "", address: str = "192.0.2.7", scheme: str = "http"
) -> InProcess:
    """Of somebody at this address; secret: of a session, whose word it does not add to forms."""
    client = InProcess(console, address, scheme)
    if secret:
        client.cookies.set("session", secret)
    return client


def logged_in(
    console: Console, role: str = "admin", squares: Collection[str] | None = None
) -> InProcess:
    """Of a program that is logged in, and sends the word of its session."""
    secret = log_in(console.people, role, squares)
    client = browser(console, secret)
    client.headers["X-CSRF"] = csrf_of(secret)
    return client
