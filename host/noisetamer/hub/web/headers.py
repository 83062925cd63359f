"""Headers of every answer: nothing from elsewhere, nothing guessed, nothing stale."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "Content-Security-Policy"
_KEPT = "Cache-Control"
_OWN = (_POLICY, _KEPT)

HEADERS = {
    # everything the page needs comes from the hub itself
    _POLICY: ("default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    "X-Content-Type-Options": "nosniff",
    # no-referrer would have forms of our own come from "null" (Fetch, 3.1)
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # what nobody here asks for is not to be had; HTTPS or this machine for the rest
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    _KEPT: "no-cache",
}


class Headers:
    """ASGI middleware that adds HEADERS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # a page that may do less, or be kept for a while, says so itself
                headers.update(
                    {**HEADERS, **{name: headers[name] for name in _OWN if name in headers}}
                )
            await send(message)

        await self._app(scope, receive, send_with_headers)
