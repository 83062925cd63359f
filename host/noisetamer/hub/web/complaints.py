"""What residents complain of, beside what the boxes heard: all squares, one, and a desk's file."""

import asyncio
import datetime
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.around import Around
from noisetamer.hub.complaints import desk_import, desk_reading, desk_tables
from noisetamer.hub.complaints.beside_levels import blind_spots, by_hour_of_week
from noisetamer.hub.complaints.complaint import SOURCES
from noisetamer.hub.complaints.desk_import import Imported
from noisetamer.hub.complaints.desk_reading import COLUMNS, Reading
from noisetamer.hub.complaints.desk_tables import DeskTable
from noisetamer.hub.people.roles import Account
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.web import complaints_view
from noisetamer.hub.web.allowed import Who, may, may_here, require
from noisetamer.hub.web.complaints_drawing import draw
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Id, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import clock, midnight, to_the_minute

DAYS = 28
"""Shown at once."""
BLIND_DAYS = 84
"""Looked at for blind spots."""
MOST_SHOWN = 200
_PREVIEWED = 8
_FAULTS_SHOWN = 500

router = APIRouter()

Reader = Annotated[Account, Depends(may("complaints"))]
ReaderHere = Annotated[Account, Depends(may_here("complaints"))]


class Uploads:
    """Files that were sent and not imported yet: in memory, for a while, a few."""

    MOST, SECONDS = 8, 1800.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: monotonic, s."""
        self._clock = clock
        self._kept: OrderedDict[tuple[int, str], tuple[float, DeskTable]] = OrderedDict()

    def keep(self, account: int, table: DeskTable) -> str:
        """Its id, which only that account can use."""
        id = secrets.token_urlsafe(16)
        self._kept[account, id] = self._clock(), table
        while len(self._kept) > self.MOST:
            self._kept.popitem(last=False)
        return id

    def get(self, account: int, id: str) -> DeskTable:
        """Raises HTTPException, 404, where it is forgotten or another's."""
        since, table = self._kept.get((account, id), (0.0, None))
        if table is None or self._clock() - since > self.SECONDS:
            raise HTTPException(404, "This file is not here any more; send it again.")
        return table

    def forget(self, account: int, id: str) -> None:
        self._kept.pop((account, id), None)


async def _uploads(request: Request) -> Uploads:
    return request.app.state.complaint_files


Kept = Annotated[Uploads, Depends(_uploads)]


@router.api_route("/complaints", methods=READ, response_class=HTMLResponse)
async def every_square(
    request: Request, hub: Hub, around: Beside, language: Language, account: Reader
) -> HTMLResponse:
    """How many there were in each square, and the way to bring in more."""
    return await _all(request, hub, around, language, account)


async def _all(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account,
    fault: str = "",
) -> HTMLResponse:
    now = int(time.time())

    def count() -> list[tuple[str, int, int]]:
        found = around.complaints.between(now - BLIND_DAYS * DAY, now + DAY)
        lately = Counter(one.square for one in found if one.at >= now - DAYS * DAY)
        long = Counter(one.square for one in found)
        return [
            (name, lately[name], long[name])
            for name in hub.square_names()
            if account.may("complaints", name)
        ]

    return page(
        "complaints.html",
        *(request, hub, language, account),
        status=422 if fault else 200,
        squares=await asyncio.to_thread(count),
        days=DAYS,
        long=BLIND_DAYS,
        fault=fault,
    )


def _of_day(week: list[list[int]]) -> range:
    """The hours of the day from the first with a complaint to the last."""
    told = [hour for hour in range(24) if any(of[hour] for of in week)]
    return range(told[0], told[-1] + 1) if told else range(0)


@router.api_route("/complaints/of/{square:path}", methods=READ, response_class=HTMLResponse)
async def one_square(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: ReaderHere,
    until: datetime.date | None = None,
) -> HTMLResponse:
    """Complaints over levels and incidents, each with what was heard then; until: the last day."""
    hub.must_be(square)
    last = until or clock(int(time.time()), hub.utc_offset).date()
    if not 1971 < last.year < 2100:
        raise HTTPException(422, "No such day.")
    ends = midnight(last, hub.utc_offset) + DAY
    texts = hub.texts[language]

    def look() -> dict[str, Any]:
        begins = ends - DAYS * DAY
        long = complaints_view.beside(hub, around, square, ends - BLIND_DAYS * DAY, ends)
        shown = [one for one in long if one.complaint.at >= begins]
        week = by_hour_of_week([one.complaint for one in shown], hub.utc_offset)
        gone = around.complaints.forgotten()
        return {
            "drawing": draw(
                complaints_view.hours(hub, square, begins, ends),
                [one.complaint.at for one in shown],
                complaints_view.incidents(hub, square, begins, ends),
                begins,
                ends,
            ),
            "week": week,
            "most": max(map(max, week)),
            "of_day": _of_day(week),
            "rows": [
                complaints_view.row(one, hub, texts, one.complaint.id in gone)
                for one in reversed(shown[-MOST_SHOWN:])
            ],
            "count": len(shown),
            "spots": [complaints_view.spot_words(one, texts) for one in blind_spots(long)],
            "unsided": sum(not one.complaint.side for one in long),
            "long_count": len(long),
        }

    step = datetime.timedelta(days=DAYS)
    return page(
        "complaints-square.html",
        *(request, hub, language, account),
        square=square,
        first=last - step + datetime.timedelta(days=1),
        last=last,
        earlier=last - step,
        later=last + step if until else None,
        days=DAYS,
        long=BLIND_DAYS,
        **await asyncio.to_thread(look),
    )


@router.post("/complaints/forget/{id}")
async def forget(id: Id, hub: Hub, around: Beside, account: Reader, who: Who) -> Response:
    """Delete what was said and where: whoever said it asks for it."""
    one = await asyncio.to_thread(around.complaints.one, id)
    if one is None or not account.may("complaints", one.square):
        raise HTTPException(404, "No such complaint.")
    detail = {"square": one.square}
    await asyncio.to_thread(
        lambda: hub.people.audit(
            time.time(), who.name, "complaint_forgotten", str(id), detail=detail, ip=who.ip
        )
    )
    await asyncio.to_thread(around.complaints.forget, [id])
    return RedirectResponse(complaints_view.address_of(one.square), 303)


@router.post("/complaints/import")
async def upload(
    file: UploadFile,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Reader,
    kept: Kept,
) -> Response:
    """A desk's file: what its columns mean is asked, or known."""
    require(account, "complaints")
    data = await file.read()
    name = (file.filename or "?").replace("\\", "/").rpartition("/")[2][:100]
    try:
        table = await asyncio.to_thread(desk_tables.table_of, name, data)
    except UserError as error:
        said = say_in(language, str(error))
        return await _all(request, hub, around, language, account, said)
    squares = _squares(hub, account)
    known = await asyncio.to_thread(around.complaints.reading, table, _district(account))
    reading = desk_reading.guessed(table, squares)
    if known:
        reading = desk_reading.within(known, squares)
    id = kept.keep(account.id, table)
    return await _preview(
        request, hub, language, account, id, table, reading, known=known is not None
    )


@router.post("/complaints/import/{id}")
async def mapped(
    id: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Reader,
    who: Who,
    kept: Kept,
    source: Annotated[str, Form(max_length=20)] = "other",
    words: Annotated[str, Form(max_length=20_000)] = "",
    otherwise: Annotated[str, Form(max_length=200)] = "",
    about: Annotated[str, Form(max_length=2000)] = "",
    date_order: Annotated[str, Form(max_length=3)] = "",
    do: Annotated[str, Form(max_length=10)] = "look",
) -> Response:
    """What its columns and words mean: looked at again, or imported."""
    table = kept.get(account.id, id)
    form = await request.form()
    columns = {what: one for what in COLUMNS if isinstance(one := form.get(what), str) and one}
    squares = _squares(hub, account)
    reading = Reading(
        columns,
        source,
        otherwise=otherwise,
        about=desk_reading.listed(about),
        date_order=date_order,
    )
    try:
        reading = desk_reading.with_words(reading, words, squares)
        desk_reading.checked(reading, table, squares)
        found = await asyncio.to_thread(_imported, hub, table, reading)
    except UserError as error:
        said = say_in(language, str(error))
        return await _preview(
            *(request, hub, language, account, id, table, reading), fault=said, words=words
        )
    if do != "keep":
        return await _preview(
            *(request, hub, language, account, id, table, reading), found=found, known=True
        )
    detail = {"rows": len(found.complaints), "source": reading.source}

    def keep() -> tuple[int, list[str]]:
        now = time.time()
        hub.people.audit(
            now, who.name, "complaints_imported", table.name, detail=detail, ip=who.ip
        )
        of = None if account.squares is None else squares
        clashing = [one.number for one in around.complaints.clashing(found.complaints, of)]
        new = around.complaints.add(found.complaints, of, _district(account))
        before = around.complaints.reading(table, _district(account))
        whole = desk_reading.beyond(reading, before, squares) if before else reading
        around.complaints.keep_reading(table, whole, who.name, _district(account))
        return new, clashing

    new, clashing = await asyncio.to_thread(keep)
    kept.forget(account.id, id)
    return page(
        "complaints-imported.html",
        *(request, hub, language, account),
        table=table,
        found=found,
        new=new,
        clashing=clashing[:_FAULTS_SHOWN],
        faults=_faults(found, hub, language),
        more=max(0, len(found.faults) + len(found.cut) - _FAULTS_SHOWN),
    )


def _district(account: Account) -> int | None:
    return account.district and account.district.id


def _squares(hub: Context, account: Account) -> list[str]:
    return [name for name in hub.square_names() if account.may("complaints", name)]


def _imported(hub: Context, table: DeskTable, reading: Reading) -> Imported:
    """Raises UserError."""
    zone = datetime.timezone(datetime.timedelta(hours=hub.utc_offset))
    return desk_import.imported(table, reading, zone, time.time())


def _faults(found: Imported, hub: Context, language: str) -> list[dict[str, object]]:
    texts = hub.texts[language]
    return [
        {
            "row": one.row,
            "column": one.column,
            "cell": one.cell,
            "why": texts[f"complaints_why_{one.why.replace(' ', '_')}"],
        }
        for one in [*found.faults, *found.cut][:_FAULTS_SHOWN]
    ]


async def _preview(
    request: Request,
    hub: Context,
    language: str,
    account: Account,
    id: str,
    table: DeskTable,
    reading: Reading,
    found: Imported | None = None,
    known: bool = False,
    fault: str = "",
    words: str = "",
) -> HTMLResponse:
    """The first rows, what the columns mean, and what would come of it. known: it can be
    imported as it is."""
    if found is None and known and not fault:
        try:
            desk_reading.checked(reading, table, _squares(hub, account))
            found = await asyncio.to_thread(_imported, hub, table, reading)
        except UserError as error:
            fault = say_in(language, str(error))
    return page(
        "complaints-import.html",
        *(request, hub, language, account),
        status=422 if fault else 200,
        id=id,
        table=table,
        first=table.rows[:_PREVIEWED],
        columns=COLUMNS,
        sources=SOURCES,
        squares=_squares(hub, account),
        reading=reading,
        words=words or desk_reading.words_of(reading),
        about=", ".join(reading.about),
        found=found,
        shown=[
            (to_the_minute(one.at, hub.utc_offset), one)
            for one in (found.complaints[:_PREVIEWED] if found else [])
        ],
        faults=_faults(found, hub, language) if found else [],
        fault=fault,
    )
