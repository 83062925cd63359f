"""Why a browser warns of this hub, and how a phone is told that it is the right one."""

import asyncio

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from noisetamer.hub.web.allowed import anyone, session_of
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.https.authority import PageAuthority
from noisetamer.hub.web.templates import page

router = APIRouter(dependencies=[Depends(anyone)])


@router.api_route("/trust", methods=READ, response_class=HTMLResponse)
async def trust(request: Request, hub: Hub, language: Language) -> Response:
    """The authority's certificate, its fingerprint, and the steps on each kind of device."""
    authority: PageAuthority | None = getattr(request.app.state, "authority", None)
    session = session_of(request)
    return page(
        "trust.html",
        *(request, hub, language, session.account if session else None),
        fingerprint=await asyncio.to_thread(authority.fingerprint) if authority else "",
        secure=request.url.scheme == "https",
    )


@router.api_route("/trust/noisetamer.crt", methods=READ)
async def certificate(request: Request) -> Response:
    """The authority's certificate, DER: phones offer to install what comes as this."""
    authority: PageAuthority | None = getattr(request.app.state, "authority", None)
    if authority is None:
        raise HTTPException(404, "There is nothing to install.")
    found = await asyncio.to_thread(authority.authority_der.read_bytes)
    return Response(
        found,
        media_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": 'attachment; filename="noisetamer.crt"'},
    )
