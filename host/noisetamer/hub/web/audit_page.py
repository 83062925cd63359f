"""The audit log, for reading: who did what, when, from where and why. A district's admin reads
the rows of the district."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from noisetamer.hub.people.audit import Entry
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import may
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import done_by, to_the_second
from noisetamer.hub.words.i18n import Texts

router = APIRouter()

ROWS = 100


@router.api_route("/audit", methods=READ, response_class=HTMLResponse)
async def audit(
    request: Request,
    hub: Hub,
    language: Language,
    account: Annotated[Account, Depends(may("audit"))],
    by: Annotated[str, Query(max_length=100)] = "",
    what: Annotated[str, Query(max_length=100)] = "",
    target: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int, Query(ge=0, lt=2**62)] = 0,
) -> Response:
    """The newest first, a hundred a page."""
    log, texts = hub.people.log, hub.texts[language]
    district = account.district and account.district.id
    found = await asyncio.to_thread(log.entries, by, what, target, before, ROWS + 1, district)
    people, kinds = await asyncio.to_thread(log.words, district)
    return page(
        "audit.html",
        *(request, hub, language, account),
        rows=[_row(entry, texts, hub.utc_offset) for entry in found[:ROWS]],
        older=found[ROWS - 1].n if len(found) > ROWS else 0,
        people=[name for name in people if name],
        kinds=[(kind, texts.get(f"audit_{kind}", kind)) for kind in kinds],
        asked={"by": by, "what": what, "target": target},
    )


def _row(entry: Entry, texts: Texts, utc_offset: float) -> dict[str, object]:
    joint = " → " if entry.what in ("account_changed", "district_renamed") else ", "
    detail = [
        f"{texts.get(f'audit_{key}', key)}: {_said(value, texts, joint)}"
        for key, value in entry.detail.items()
    ]
    return {
        "n": entry.n,
        "at": to_the_second(entry.at, utc_offset),
        "by": done_by(entry.by, texts),
        "what": texts.get(f"audit_{entry.what}", entry.what),
        "target": entry.target,
        "reason": entry.reason,
        "detail": " · ".join(detail),
        "ip": entry.ip,
    }


def _said(value: object, texts: Texts, joint: str = ", ") -> str:
    if isinstance(value, list):
        return joint.join(_said(each, texts) for each in value) or "–"
    text = str(value)
    return texts.get(f"role_{text}", text) if text else "–"
