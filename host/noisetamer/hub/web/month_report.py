"""The report of a month: asked for on a page, made beside the hub, and handed out."""

import asyncio
import re
import time
from datetime import date, timedelta, timezone
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.base.zones import offset_text
from noisetamer.hub.complaints.public import SETTING, read
from noisetamer.hub.month_report.gather import Asked
from noisetamer.hub.month_report.month import month as month_of
from noisetamer.hub.people.roles import Account
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.web.allowed import Who, may_here
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.runs import Run
from noisetamer.hub.web.step_in import units_of
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import clock
from noisetamer.hub.words.i18n import Texts
from tamer.record.reading import is_dated

router = APIRouter()

Makes = Annotated[Account, Depends(may_here("evidence"))]
Key = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{16}$")]
_UNSAFE = re.compile(r"[^\w-]+")


# before the others: a square's name may have slashes
@router.api_route("/month-report/{square:path}/made/{key}.pdf", methods=READ)
async def taken(square: str, key: Key, hub: Hub, account: Makes) -> Response:
    """The file."""
    run = hub.month_reports.one(key, square)
    if run is None or run.made is None or not run.file.is_file():
        raise HTTPException(404, "This report is not here any more; make it again.")
    name = f"{_UNSAFE.sub('-', square)}-{run.named}.pdf"
    return FileResponse(run.file, media_type="application/pdf", filename=name)


@router.api_route("/month-report/{square:path}/made/{key}/state", methods=READ)
async def state(
    square: str, key: Key, hub: Hub, language: Language, account: Makes
) -> dict[str, object]:
    """How far it is: a sentence, and whether it has ended."""
    run = hub.month_reports.one(key, square)
    return {
        "said": _said(run, hub.texts[language], language),
        "ended": run is None or run.ended,
    }


@router.api_route(
    "/month-report/{square:path}/made/{key}", methods=READ, response_class=HTMLResponse
)
async def progress(
    square: str, key: Key, request: Request, hub: Hub, language: Language, account: Makes
) -> HTMLResponse:
    """The page of one that was asked for."""
    run = hub.month_reports.one(key, square)
    return _page(
        *(request, hub, language, account, square),
        said=_said(run, hub.texts[language], language),
        ended=run is None or run.ended,
        made=f"{_address(square)}/made/{key}.pdf" if run and run.made else "",
        state=f"{_address(square)}/made/{key}/state",
    )


@router.api_route("/month-report/{square:path}", methods=READ, response_class=HTMLResponse)
async def asked(
    square: str, request: Request, hub: Hub, language: Language, account: Makes
) -> HTMLResponse:
    """Which month, and what else is to stand in it."""
    units = units_of(hub, square)
    lasts = [one.last for one in units if one.last is not None and is_dated(one.last)]
    # simulated boxes live at their own time
    today = clock(max(lasts, default=int(time.time())), hub.utc_offset).date()
    public = read(await asyncio.to_thread(hub.squares.setting, square, SETTING))
    return _page(
        *(request, hub, language, account, square),
        month=f"{today:%Y-%m}" if today.day >= 25 else _before(today),
        contact=public.ask,
    )


@router.post("/month-report/{square:path}")
async def make(
    square: str,
    hub: Hub,
    language: Language,
    account: Makes,
    who: Who,
    month: Annotated[str, Form(max_length=10)],
    split: Annotated[str, Form(max_length=10)] = "",
    contact: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Begin to make one; the page that it leads to says how far it is."""
    units_of(hub, square)
    its_zone = offset_text(hub.utc_offset * HOUR)
    found = month_of(month, timezone(timedelta(hours=hub.utc_offset)))
    try:
        first = date.fromisoformat(split) if split.strip() else None
    except ValueError:
        raise UserError(f'"{split}": write a day like 2026-11-15') from None
    told = Asked(square, str(found), its_zone, first, contact=contact.strip())
    run = hub.month_reports.begin(square, told, language)
    if run is None:
        raise HTTPException(503, "Too many reports are waiting already; try again in a while.")
    run.named = str(found)
    detail = {"month": str(found)}
    await asyncio.to_thread(
        hub.people.audit, *(time.time(), who.name, "report_made", square, "", detail, who.ip)
    )
    return RedirectResponse(f"{_address(square)}/made/{run.key}", 303)


def _before(day: date) -> str:
    """The month before."""
    year, number = divmod(day.year * 12 + day.month - 2, 12)
    return f"{year}-{number + 1:02}"


def _address(square: str) -> str:
    return f"/month-report/{quote(square, safe='')}"


def _page(
    request: Request,
    hub: Context,
    language: str,
    account: Account,
    square: str,
    **values: str | bool,
) -> HTMLResponse:
    shown: dict[str, Any] = {"said": "", "ended": True, "made": "", "month": "", "contact": ""}
    shown |= {"square": square, "address": _address(square), "state": "", **values}
    return page("month-report.html", request, hub, language, account, **shown)


def _said(run: Run | None, texts: Texts, language: str) -> str:
    if run is None:
        return texts["month_report_gone"]
    if run.refused:
        return texts["month_report_refused"].format(why=say_in(language, run.refused))
    if run.made:
        return texts["month_report_done"].format(size=f"{run.made[0] / 1e6:.2f} MB")
    if run.step == "waiting":
        return texts["month_report_waiting"]
    return texts[f"month_report_step_{run.step}"].format(done=run.done, of=run.of)
