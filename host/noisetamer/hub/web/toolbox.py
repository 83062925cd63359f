"""The toolbox (百宝箱): five pages that ask the facts, their answers as files, saved questions."""

import asyncio
import importlib
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from noisetamer.base.errors import UserError
from noisetamer.hub.around import Around
from noisetamer.hub.export import files
from noisetamer.hub.facts import weather_table
from noisetamer.hub.facts.facts import Ask
from noisetamer.hub.people.roles import Account
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.toolbox.associate import WHEN, Associate, associate
from noisetamer.hub.toolbox.classify import LIMITS, MOST_KINDS, RULES, Classify, classify
from noisetamer.hub.toolbox.collide import BY, SHOWN, Collide, collide
from noisetamer.hub.toolbox.compare import MEASURES, Compare, compare
from noisetamer.hub.toolbox.saved import LONGEST_NAME, WAYS
from noisetamer.hub.toolbox.saved import Question as Saved
from noisetamer.hub.toolbox.scope import one_of
from noisetamer.hub.toolbox.sieve import MOST, Sieve, sift
from noisetamer.hub.toolbox.things import CONDITIONS, LISTS, SUBJECTS, THINGS
from noisetamer.hub.web.allowed import Who, may
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import to_the_minute
from noisetamer.hub.web.toolbox_form import MINUTES, RefusedError, question, usual
from noisetamer.hub.web.toolbox_view import View
from noisetamer.hub.words.i18n import Texts

router = APIRouter()

Looker = Annotated[Account, Depends(may("toolbox"))]

ROWS = 100
"""Of a page; a file has them all."""
_PATIENCE_SECONDS = 3.0
_LONGEST_TABLE = 20_000_000
# of the page itself, not of a question
_NO_FIELD = {"lang", "csrf", "name"}

_LOOK: dict[type, Callable[..., Any]] = {
    Sieve: sift,
    Associate: associate,
    Collide: collide,
    Compare: compare,
    Classify: classify,
}


@router.api_route("/toolbox", methods=READ, response_class=HTMLResponse)
async def toolbox(
    request: Request, hub: Hub, around: Beside, language: Language, account: Looker
) -> HTMLResponse:
    """The five ways, what is saved, and the weather."""
    # while people choose, what they will want is made ready
    around.facts.fresh()
    asyncio.get_running_loop().run_in_executor(None, _load)
    return await _index(request, hub, around, language, account)


def _page_of(way: str) -> Callable[..., Awaitable[HTMLResponse]]:
    async def asked(
        request: Request, hub: Hub, around: Beside, language: Language, account: Looker
    ) -> HTMLResponse:
        return await _answer(way, request, hub, around, language, account)

    return asked


for _way in WAYS:
    router.add_api_route(
        f"/toolbox/{_way}", _page_of(_way), methods=READ, response_class=HTMLResponse
    )


@router.get("/toolbox/{way}/answer.{form}")
async def file(
    way: str,
    form: Literal["csv", "xlsx"],
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Looker,
) -> Response:
    """All rows of an answer."""
    if way not in WAYS:
        raise HTTPException(404)
    given = _given(request)
    try:
        asked = question(way, given, account.squares)
    except RefusedError as error:
        raise HTTPException(422, _refused(error, hub.texts[language])) from None
    if not await asyncio.to_thread(around.facts.fresh, _PATIENCE_SECONDS):
        raise HTTPException(503, hub.texts[language]["toolbox_filling"])

    def rows() -> tuple[list[str], list[list[Any]]]:
        with around.facts.looking() as ask:
            found = _LOOK[type(asked)](ask, asked, *([] if way == "compare" else [MOST]))
            view = View(hub.texts[language], hub.utc_offset, _names(ask, account))
        return view.table(asked, found)

    heading, found = await asyncio.to_thread(rows)
    name = f"{way}.{form}"
    sent = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form == "csv":
        text = files.csv_text(heading, map(tuple, found))
        return StreamingResponse(text, media_type="text/csv; charset=utf-8", headers=sent)
    body = await asyncio.to_thread(_workbook, name, heading, found)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(body, media_type=kind, headers=sent)


@router.post("/toolbox/saved")
async def save(
    request: Request,
    hub: Hub,
    around: Beside,
    account: Looker,
    who: Who,
    way: Annotated[str, Form(max_length=20)],
    name: Annotated[str, Form(max_length=LONGEST_NAME)],
    asked: Annotated[str, Form(max_length=8000)] = "",
) -> Response:
    """Keep a question, for all who may ask it. asked: its form, as in the page's address."""
    if way not in WAYS:
        raise HTTPException(422, "No such way.")
    given = _fields(request.url.replace(query=asked))
    try:
        question(way, given, account.squares)
    except RefusedError as error:
        raise HTTPException(422, str(error)) from None
    now = time.time()

    def keep() -> None:
        hub.people.audit(now, who.name, "toolbox_saved", name, detail={"way": way}, ip=who.ip)
        around.saved.add(way, name, given, who.name, now, account.district and account.district.id)

    await asyncio.to_thread(keep)
    return RedirectResponse(f"/toolbox/{way}?{urlencode(given, doseq=True)}", 303)


@router.post("/toolbox/saved/{id}/delete")
async def delete(id: int, hub: Hub, around: Beside, account: Looker, who: Who) -> Response:
    """One's own, or anybody's for whoever is for all squares."""
    found = await asyncio.to_thread(around.saved.one, id)
    if found is None or (account.district and found.district != account.district.id):
        raise HTTPException(404)
    if found.by != who.name and not account.may("people"):
        raise HTTPException(403, "not allowed")

    def drop() -> None:
        hub.people.audit(time.time(), who.name, "toolbox_deleted", found.name, ip=who.ip)
        around.saved.delete(id)

    await asyncio.to_thread(drop)
    return RedirectResponse("/toolbox", 303)


@router.post("/toolbox/weather", response_class=HTMLResponse)
async def weather(
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Annotated[Account, Depends(may("squares.change"))],
    who: Who,
    table: UploadFile,
) -> Response:
    """A station's table. Of the town only by whoever is for all squares."""
    if account.squares is not None:
        raise HTTPException(403, "not allowed")
    data = await table.read(_LONGEST_TABLE + 1)
    if len(data) > _LONGEST_TABLE:
        raise HTTPException(413, "too large")
    name = Path(table.filename or "table.csv").name

    def take() -> str:
        squares = frozenset(hub.square_names())
        found = weather_table.read(name, data, hub.utc_offset, squares)
        detail = {"hours": len(found.hours)}
        hub.people.audit(time.time(), who.name, "toolbox_weather", name, detail=detail, ip=who.ip)
        around.weather.add(found.hours)
        texts = hub.texts[language]
        said = texts["toolbox_weather_taken"].format(n=len(found.hours))
        if found.faults:
            said += texts["toolbox_weather_faults"].format(
                n=len(found.faults), some="; ".join(found.faults[:3])
            )
        return said

    try:
        said = await asyncio.to_thread(take)
    except UserError as error:
        return await _index(request, hub, around, language, account, fault=str(error))
    return await _index(request, hub, around, language, account, said=said)


async def _kept(around: Around, account: Account) -> list[Saved]:
    """The questions that this account may see."""
    district = account.district and account.district.id
    return await asyncio.to_thread(around.saved.all, account.squares, district)


def _load() -> None:
    """What intervals and likeness need takes seconds to load, once."""
    for module in ("statsmodels.stats.proportion", "scipy.cluster.vq"):
        importlib.import_module(module)


async def _index(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account,
    said: str = "",
    fault: str = "",
) -> HTMLResponse:
    saved = await _kept(around, account)
    return page(
        "toolbox.html",
        *(request, hub, language, account),
        status=422 if fault else 200,
        ways=WAYS,
        saved=[_saved(one, account) for one in saved],
        weather=account.squares is None and account.may("squares.change"),
        said=said,
        fault=fault,
    )


async def _answer(
    way: str, request: Request, hub: Context, around: Around, language: str, account: Account
) -> HTMLResponse:
    """The form, and what it asks for answered; for somebody who has asked nothing, the usual."""
    texts = hub.texts[language]
    given = _given(request)
    today = datetime.fromtimestamp(time.time() + hub.utc_offset * HOUR, UTC).date()
    given = given or usual(way, today)
    fault, asked = "", None
    try:
        asked = question(way, given, account.squares)
    except RefusedError as error:
        fault = _refused(error, texts)
    ready = await asyncio.to_thread(around.facts.fresh, _PATIENCE_SECONDS)
    if not ready:
        return _filling(way, request, hub, around, language, account)

    def look() -> tuple[Any, dict[str, Any], int]:
        with around.facts.looking() as ask:
            choices = _choices(ask, account)
            names = {value: name for value, name, _ in choices["group"]}
            began = time.perf_counter()
            found = _LOOK[type(asked)](ask, asked) if asked else None
            took = round(1000 * (time.perf_counter() - began))
        view = View(texts, hub.utc_offset, names)
        return asked and view.shown(asked, found, ROWS), choices, took

    shown, choices, took = await asyncio.to_thread(look)
    saved = await _kept(around, account)
    at = around.facts.at
    return page(
        "toolbox-way.html",
        *(request, hub, language, account),
        status=422 if fault else 200,
        way=way,
        ways=WAYS,
        shown=shown,
        fault=fault,
        asked=given,
        address=urlencode(given, doseq=True),
        choices=choices,
        squares=[name for name in hub.square_names() if account.may("toolbox", name)],
        saved=[_saved(one, account) for one in saved if one.way == way],
        as_of=texts["toolbox_as_of"].format(
            at=to_the_minute(at, hub.utc_offset) if at else "", ms=took
        ),
        longest_name=LONGEST_NAME,
        of={
            "subjects": tuple(SUBJECTS),
            "conditions": CONDITIONS,
            "things": tuple(THINGS),
            "when": WHEN,
            "minutes": MINUTES,
            "by": BY,
            "shown": SHOWN,
            "measures": MEASURES,
            "rules": tuple(RULES),
            "limits": LIMITS,
            "kinds": tuple(range(2, MOST_KINDS + 1)),
        },
    )


def _filling(
    way: str, request: Request, hub: Context, around: Around, language: str, account: Account
) -> HTMLResponse:
    """How far the facts are; the browser asks again."""
    texts, progress = hub.texts[language], around.facts.progress
    part = f"{100 * progress.part:.0f} %" if progress else ""
    what = texts[f"toolbox_reading_{progress.what}"] if progress else ""
    answer = page(
        "toolbox-filling.html",
        *(request, hub, language, account),
        way=way,
        ways=WAYS,
        fault=around.facts.fault,
        line=f"{what} {part}".strip(),
    )
    answer.headers["Refresh"] = "2"
    return answer


def _choices(ask: Ask, account: Account) -> dict[str, list[tuple[str, str, str]]]:
    """{condition: (value, name, square) of what can be chosen}."""
    allowed = None if account.squares is None else sorted(account.squares)
    where, values = one_of("f.square", allowed)
    return {
        name: [
            (str(value), text, square)
            for value, text, square in ask(query.format(where or "1=1"), values)
        ]
        for name, query in LISTS.items()
    }


def _names(ask: Ask, account: Account) -> dict[str, str]:
    return {value: name for value, name, _ in _choices(ask, account)["group"]}


def _given(request: Request) -> dict[str, list[str]]:
    return _fields(request.url)


def _fields(url: Any) -> dict[str, list[str]]:
    """What a form asks, without what it leaves open."""
    from starlette.datastructures import QueryParams

    found: dict[str, list[str]] = {}
    for field, value in QueryParams(url.query).multi_items():
        if value and field not in _NO_FIELD and len(found) < 100:
            found.setdefault(field, []).append(value[:200])
    return found


def _refused(error: RefusedError, texts: Texts) -> str:
    return texts[error.key].format(value=error.value[:60])


def _saved(one: Any, account: Account) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "way": one.way,
        "by": one.by,
        "to": f"/toolbox/{quote(one.way)}?{urlencode(one.asked, doseq=True)}",
        "mine": one.by == account.name or account.may("people"),
    }


def _workbook(name: str, heading: list[str], rows: list[list[Any]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        files.write(path, heading, map(tuple, rows))
        return path.read_bytes()
