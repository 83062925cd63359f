"""The HTML templates in pages/, and what every page of the console shows."""

from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.order import natural
from noisetamer.hub.web.allowed import session_of
from noisetamer.hub.web.context import Context
from noisetamer.hub.web.navigation import places
from noisetamer.hub.words.i18n import LANGUAGES

PAGES = Path(__file__).with_name("pages")

TEMPLATES = Environment(
    loader=FileSystemLoader(PAGES),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

TEMPLATES.filters["by_name"] = lambda names: sorted(names, key=natural)


def page(
    name: str,
    request: Request,
    hub: Context,
    language: str,
    account: Account | None,
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    """A page of the console for an account; None: of nobody, without navigation.

    name: of the template; values: what it shows besides `texts`, `account`, `csrf` and `places`. A
    language asked for is remembered by the browser.
    """
    texts = hub.texts[language]
    session = session_of(request)
    html = TEMPLATES.get_template(name).render(
        texts=texts,
        account=account,
        csrf=session.csrf if session else "",
        places=places(account, request.url.path, texts) if account else [],
        **values,
    )
    response = HTMLResponse(html, status, headers={"Vary": "Accept-Language, Cookie"})
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie("lang", language, max_age=365 * 86400, samesite="lax", httponly=True)
    return response
