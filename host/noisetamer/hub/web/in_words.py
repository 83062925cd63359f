"""What cannot be answered: a page in words for people, JSON for programs."""

from urllib.parse import quote

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from noisetamer.hub.web.context import Context, language_of
from noisetamer.hub.web.templates import page

# what is raised where no language is known: {detail: key of its words}
_SAID = {"log in first": "login_first", "not allowed": "not_allowed", "stale": "page_is_old"}

# A link in another site's page, or in a chat, comes without our Strict cookie. The same address,
# asked for by this page of ours, comes with it.
_ONCE_MORE = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>…</title>'
)


async def answer(request: Request, error: Exception) -> Response:
    """Handles HTTPException. A browser that opens an address says that it takes HTML."""
    assert isinstance(error, HTTPException)
    hub: Context = request.app.state.context
    language = language_of(request)
    texts = hub.texts[language]
    if said := _SAID.get(error.detail):
        error = HTTPException(error.status_code, texts[said], error.headers)
    if "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    if error.status_code == 401 and _from_another_site(request):
        return HTMLResponse(_ONCE_MORE)
    if error.status_code == 401:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(here)}", 303)
    key = "not_found" if error.status_code == 404 else "not_done"
    response = page(
        "error.html",
        request,
        hub,
        language,
        None,
        error.status_code,
        title=texts[key],
        words=texts[f"{key}_why"],
        detail=error.detail,
    )
    response.headers.update(error.headers or {})
    return response


def _from_another_site(request: Request) -> bool:
    """A person followed a link (Fetch Metadata; browsers tell it under HTTPS and on loopback)."""
    told = [request.headers.get(f"sec-fetch-{each}") for each in ("site", "mode", "dest")]
    return request.method == "GET" and told == ["cross-site", "navigate", "document"]
