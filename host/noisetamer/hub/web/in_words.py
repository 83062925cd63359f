"""What cannot be answered: a page in words for people, JSON for programs."""

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from noisetamer.hub.web.context import language_of
from noisetamer.hub.web.templates import TEMPLATES


async def answer(request: Request, error: Exception) -> Response:
    """Handles HTTPException. A browser that opens an address says that it takes HTML."""
    assert isinstance(error, HTTPException)
    if "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    texts = request.app.state.context.texts[language_of(request)]
    key = "not_found" if error.status_code == 404 else "not_done"
    html = TEMPLATES.get_template("error.html").render(
        texts=texts, title=texts[key], words=texts[f"{key}_why"], detail=error.detail
    )
    return HTMLResponse(html, error.status_code, error.headers)
