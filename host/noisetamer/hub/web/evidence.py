"""Evidence of an incident: asked for by a button, made beside the hub, and handed out."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from noisetamer.base.language import say_in
from noisetamer.hub.evidence.scope import Asked
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import Who, may
from noisetamer.hub.web.context import READ, Hub, Id, Language
from noisetamer.hub.web.incidents import incident_for
from noisetamer.hub.web.runs import Run
from noisetamer.hub.web.templates import page
from noisetamer.hub.words.i18n import Texts

router = APIRouter()

Takes = Annotated[Account, Depends(may("evidence"))]
Key = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{16}$")]


@router.post("/incidents/{id}/evidence")
async def make(
    id: Id,
    hub: Hub,
    account: Takes,
    who: Who,
    reason: Annotated[str, Form(max_length=200)],
) -> Response:
    """Begin to make one; the page that it leads to says how far it is."""
    incident = await incident_for(hub, id, account, "evidence")
    if not reason.strip():
        raise HTTPException(422, "A bundle needs a reason: say what for.")
    asked = Asked(
        by=who.name,
        role=account.role,
        ip=who.ip,
        reason=reason.strip(),
        incident=id,
        pictures=account.may("pictures", incident.square),
        utc_offset=hub.utc_offset,
    )
    run = hub.evidence.begin(id, asked)
    if run is None:
        raise HTTPException(503, "Too many bundles are waiting already; try again in a while.")
    return RedirectResponse(f"/incidents/{id}/evidence/{run.key}", 303)


@router.api_route("/incidents/{id}/evidence/{key}.zip", methods=READ)
async def taken(id: Id, key: Key, hub: Hub, account: Takes, who: Who) -> Response:
    """The file. Who takes it stands in the audit log."""
    incident = await incident_for(hub, id, account, "evidence")
    run = hub.evidence.one(key, id)
    if run is None or run.made is None or not run.file.is_file():
        raise HTTPException(404, "This bundle is not here any more; make it again.")
    detail = {"incident": id, "sha256": run.made[1]}
    await asyncio.to_thread(
        hub.people.audit,
        *(time.time(), who.name, "evidence_seen", f"{incident.square} #{id}", "", detail, who.ip),
    )
    return FileResponse(run.file, media_type="application/zip", filename=f"evidence-{id}.zip")


@router.api_route("/incidents/{id}/evidence/{key}/state", methods=READ)
async def state(
    id: Id, key: Key, hub: Hub, language: Language, account: Takes
) -> dict[str, object]:
    """How far it is: a sentence, and whether it has ended."""
    await incident_for(hub, id, account, "evidence")
    run = hub.evidence.one(key, id)
    return {
        "said": _said(run, hub.texts[language], language),
        "ended": run is None or run.ended,
    }


@router.api_route("/incidents/{id}/evidence/{key}", methods=READ, response_class=HTMLResponse)
async def progress(
    id: Id, key: Key, request: Request, hub: Hub, language: Language, account: Takes
) -> HTMLResponse:
    """The page of one."""
    await incident_for(hub, id, account, "evidence")
    run = hub.evidence.one(key, id)
    texts = hub.texts[language]
    return page(
        "evidence.html",
        request,
        hub,
        language,
        account,
        title=texts["evidence_title"].format(number=id),
        incident=id,
        said=_said(run, texts, language),
        ended=run is None or run.ended,
        made=run.made if run else None,
        address=f"/incidents/{id}/evidence/{key}",
    )


def _said(run: Run | None, texts: Texts, language: str) -> str:
    if run is None:
        return texts["evidence_gone"]
    if run.refused:
        return texts["evidence_refused"].format(why=say_in(language, run.refused))
    if run.made:
        return texts["evidence_done"].format(size=f"{run.made[0] / 1e6:.2f} MB")
    return texts[f"evidence_step_{run.step}"].format(done=run.done, of=run.of)
