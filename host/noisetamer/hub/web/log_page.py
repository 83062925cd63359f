"""What this hub has committed to, of all its squares: for the city."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from noisetamer.hub.log.feeder import Feeder
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.outside import Outside
from noisetamer.hub.log.stamps import Stamps
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web import log_view
from noisetamer.hub.web.allowed import may
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.words.i18n import Texts
from noisetamer.proof.leaf import KINDS, content_in

router = APIRouter()

ROWS = 50


@router.api_route("/log", methods=READ, response_class=HTMLResponse)
async def log(
    request: Request,
    hub: Hub,
    language: Language,
    account: Annotated[Account, Depends(may("log"))],
    kind: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int | None, Query(ge=0, lt=2**62)] = None,
) -> Response:
    """The newest checkpoint, and the newest leaves, fifty a page."""
    feeder: Feeder | None = getattr(request.app.state, "feeder", None)
    texts = hub.texts[language]
    kinds = [kind] if kind in KINDS else []
    outside: Outside | None = getattr(request.app.state, "outside", None)
    head, rows, older, stamped = None, [], None, ""
    if feeder:
        head, rows, older = await asyncio.to_thread(
            _look, feeder.log, kinds, before, texts, hub.utc_offset
        )
    if outside:
        stamped = await asyncio.to_thread(_stamped, outside.stamps, texts, hub.utc_offset)
    return page(
        "log.html",
        *(request, hub, language, account),
        head=head,
        stamped=stamped or texts["log_no_authority"],
        rows=rows,
        older=older,
        kind=kind if kinds else "",
        kinds=[(each, texts[f"log_kind_{each}"]) for each in KINDS],
    )


def _look(
    log: Log, kinds: list[str], before: int | None, texts: Texts, utc_offset: float
) -> tuple[log_view.Head | None, list[log_view.Row], int | None]:
    """The third: before which leaf the next page begins, None where there is none."""
    newest = log.newest_signed()
    head = newest and log_view.head(*newest, time.time(), texts, utc_offset)
    found = log.latest(ROWS + 1, kinds, before)
    rows = []
    for index in found[:ROWS]:
        content = log.content(index)
        told = None if content is None else content_in(content)
        rows.append(log_view.row(index, log.leaf(index), told, texts, utc_offset))
    return head, rows, found[ROWS - 1] if len(found) > ROWS else None


def _stamped(stamps: Stamps, texts: Texts, utc_offset: float) -> str:
    """ "" where no authority is asked."""
    if stamps.authority() is None:
        return ""
    last = stamps.latest()
    return (
        log_view.stamped(last.at, last.size, texts, utc_offset) if last else texts["log_unstamped"]
    )
