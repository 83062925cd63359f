"""A permit verified by whoever sees it, in the browser: no login, no request; also from disk.

What is to be verified stands behind the # of the address, which no browser sends anywhere.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from noisetamer.hub.around import Around
from noisetamer.hub.web.allowed import anyone, session_of
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.templates import TEMPLATES, page
from noisetamer.hub.web.verify import POLICY, one_file
from noisetamer.hub.words.i18n import Texts
from noisetamer.proof import permit_document, public_key

_STATIC = Path(__file__).with_name("static")

router = APIRouter(dependencies=[Depends(anyone)])


@router.api_route("/permit", methods=READ, response_class=HTMLResponse)
async def check(request: Request, hub: Hub, around: Beside, language: Language) -> Response:
    """The page for it."""
    session = session_of(request)
    given = await asyncio.to_thread(_given, hub, around, hub.texts[language])
    account = session.account if session else None
    answer = page("permit-check.html", request, hub, language, account, given=given)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@router.api_route("/permit/saved", methods=READ)
async def saved(hub: Hub, around: Beside, language: Language) -> Response:
    """The same in one file, with today's list: kept on a phone it needs no hub any more."""
    texts = hub.texts[language]
    given = await asyncio.to_thread(_given, hub, around, texts)
    style = (_STATIC / "base.css", _STATIC / "permits.css")
    policy, style_text, script = one_file("permit_page", style)
    html = TEMPLATES.get_template("permit-check-saved.html").render(
        texts=texts, given=given, policy=policy, style=style_text, script=script
    )
    name = f'attachment; filename="permit-{language}.html"'
    return HTMLResponse(html, headers={"Content-Disposition": name})


Named = Annotated[str, Query(max_length=20)]
"""Of a key, as the header of what it signed names it; "": the city's."""


@router.api_route("/permit/revocations", methods=READ)
async def revocations(hub: Hub, around: Beside, key: Named = "") -> Response:
    """The list of those that count no more, signed now by that key."""

    def made() -> str:
        return _list(hub, around, _public(around, key))

    return PlainTextResponse(await asyncio.to_thread(made))


@router.api_route("/permit/key", methods=READ)
async def key(around: Beside, key: Named = "") -> Response:
    """What permits are verified with, in PEM."""
    raw = await asyncio.to_thread(_public, around, key)
    made = public_key.pem(Ed25519PublicKey.from_public_bytes(raw))
    return Response(made, media_type="application/x-pem-file")


def _given(hub: Context, around: Around, texts: Texts) -> dict[str, Any]:
    """What the script goes by, and says."""
    publics = around.permit_signer.publics()
    ders = [public_key.der(Ed25519PublicKey.from_public_bytes(one)) for one in publics]
    words = {key: text for key, text in texts.items() if key.startswith("permit_")}
    return {
        "keys": [der.hex() for der in ders],
        "revocations": [_list(hub, around, public) for public in publics],
        "words": words,
        "and": texts["groups_and"],
    }


def _public(around: Around, named: str) -> bytes:
    """Raises HTTPException, 404, for a key that this hub does not have; blocks."""
    publics = around.permit_signer.publics()
    found = [one for one in publics if named in ("", permit_document.kid(one))]
    if not found:
        raise HTTPException(404)
    return found[0]


def _list(hub: Context, around: Around, public: bytes) -> str:
    documents = around.permits.documents()
    return around.permit_signer.revocations(documents, int(hub.people.clock()), public)
