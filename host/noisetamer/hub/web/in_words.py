"""What cannot be answered: a page in words for people, JSON for programs."""

from urllib.parse import quote

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from noisetamer.base.language import say_in
from noisetamer.hub.web.allowed import session_of
from noisetamer.hub.web.context import Context, language_of
from noisetamer.hub.web.templates import page

SAID = {
    "log in first": "login_first",
    "not allowed": "not_allowed",
    "stale": "page_is_old",
    "Orders are taken from the hub's own page only.": "from_our_page_only",
    "No such complaint.": "no_such_complaint",
    "No such contact.": "no_such_contact",
    "No such district.": "no_such_district",
    "No such incident.": "no_such_incident",
    "No such message.": "no_such_message",
    "No such permit.": "no_such_permit",
    "No such person.": "no_such_person",
    "No such picture.": "no_such_picture",
    "No such point.": "no_such_point",
    "No such question.": "no_such_question",
    "No such sentence.": "no_such_sentence",
    "No such square.": "no_such_square",
    "No such unit.": "no_such_unit",
    "No such destination.": "no_such_destination",
    "There is nothing to install.": "nothing_to_install",
    "This picture is not there any more.": "picture_gone",
    "This picture was not kept.": "picture_not_kept",
    "This file is not here any more; send it again.": "complaints_file_gone",
    "Turn the page on first.": "public_set_first",
    "This square is held to no preset.": "preset_held_to_none",
    "This bundle is not here any more; make it again.": "evidence_gone",
    "This report is not here any more; make it again.": "month_report_gone",
}
"""What is raised where no language is known: {detail: key of its words}."""

# A link in another site's page, or in a chat, comes without our Strict cookie. The same address,
# asked for by this page of ours, comes with it.
_ONCE_MORE = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>…</title>'
    '<link rel="icon" href="/static/icon.svg">'
)


async def answer(request: Request, error: Exception) -> Response:
    """Handles HTTPException. A browser that opens an address says that it takes HTML."""
    assert isinstance(error, HTTPException)
    hub: Context = request.app.state.context
    language = language_of(request)
    texts = hub.texts[language]
    if said := SAID.get(error.detail):
        error = HTTPException(error.status_code, texts[said], error.headers)
    if "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    if error.status_code == 401 and _from_another_site(request):
        return HTMLResponse(_ONCE_MORE)
    if error.status_code == 401:
        here = quote(request.scope["path"]) + (
            f"?{request.url.query}" if request.url.query else ""
        )
        return RedirectResponse(f"/login?next={quote(here)}", 303)
    key = "not_found" if error.status_code == 404 else "not_done"
    response = _page(request, error.status_code, key, error.detail)
    response.headers.update(error.headers or {})
    return response


async def not_understood(request: Request, error: Exception) -> Response:
    """Handles RequestValidationError, without what was sent: it may have been a password."""
    assert isinstance(error, RequestValidationError)
    faults = [{key: fault[key] for key in ("loc", "msg")} for fault in error.errors()]
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": faults}, 422)
    return _page(request, 422, "not_done", "")


async def mendable(request: Request, error: Exception) -> Response:
    """Handles UserError, what the user can mend; a stranger is not told of the hub's inside."""
    said = say_in(language_of(request), str(error)) if session_of(request) else ""
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": said}, 409)
    return _page(request, 409, "not_done", said)


def _page(request: Request, status: int, key: str, detail: str) -> Response:
    """key: of its words."""
    hub: Context = request.app.state.context
    language = language_of(request)
    texts = hub.texts[language]
    session = session_of(request)
    return page(
        "error.html",
        *(request, hub, language, session.account if session else None, status),
        title=texts[key],
        words=texts[f"{key}_why"],
        detail=detail,
    )


def _from_another_site(request: Request) -> bool:
    """A person followed a link (Fetch Metadata; browsers tell it under HTTPS and on loopback)."""
    told = [request.headers.get(f"sec-fetch-{each}") for each in ("site", "mode", "dest")]
    return request.method == "GET" and told == ["cross-site", "navigate", "document"]
