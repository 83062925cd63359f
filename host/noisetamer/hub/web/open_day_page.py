"""What residents asked at the open day: kept on a phone in the meeting, answered, carried on."""

import asyncio
import time
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.hub.around import Around
from noisetamer.hub.open_day.open_day import QuestionError, next_open_day
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import Who, may, require
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.tables import csv_file
from noisetamer.hub.web.templates import page
from noisetamer.unit.policy.days import local_day

router = APIRouter()

Keeps = Annotated[Account, Depends(may("open_day"))]
Text = Annotated[str, Form(max_length=4000)]
Day = Annotated[str, Form(max_length=10)]

_COLUMNS = ("raised", "text", "who", "until", "answer", "done", "carried")


@dataclass(frozen=True)
class Shown:
    """A question on the page. carried: to how many open days; since: the first of them; late: its
    time is over."""

    question: Question
    carried: int
    since: date | None
    late: bool


@router.api_route("/open-day", methods=READ, response_class=HTMLResponse)
async def show(
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Keeps,
    square: Annotated[str, Query(max_length=100)] = "",
    kept: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> HTMLResponse:
    """A square's questions: what is open first, then what is done."""
    return await _page(request, hub, around, language, account, square, kept=kept)


async def _page(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account,
    square: str,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    squares = [name for name in hub.square_names() if account.may("open_day", name)]
    square = square or next(iter(squares), "")
    if square and square not in squares:
        raise HTTPException(404, "No such square.")
    today, found = await asyncio.to_thread(_questions, around, square)
    return page(
        "open-day.html",
        *(request, hub, language, account, status),
        square=square,
        squares=squares,
        today=today,
        next=next_open_day(today),
        open=[one for one in found if not one.question.done],
        done=[one for one in found if one.question.done][::-1],
        **{"fault": "", "kept": 0, "typed": ""} | values,
    )


@router.api_route("/open-day/table.csv", methods=READ)
async def table(
    hub: Hub,
    around: Beside,
    language: Language,
    account: Keeps,
    square: Annotated[str, Query(max_length=100)],
) -> Response:
    """All of a square's questions, as CSV."""
    _keeps(hub, account, square)
    texts = hub.texts[language]
    _, found = await asyncio.to_thread(_questions, around, square)
    rows = [
        (one.raised, one.text, one.who, one.until or "", one.answer, one.done or "", shown.carried)
        for shown in found
        for one in [shown.question]
    ]
    heading = [texts[f"open_day_csv_{name}"] for name in _COLUMNS]
    return csv_file(f"open-day-{square}.csv", heading, rows)


@router.post("/open-day/{square:path}/questions")
async def ask(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Keeps,
    who: Who,
    text: Text = "",
    answers: Text = "",
    until: Day = "",
    raised: Day = "",
) -> Response:
    """One more, in the meeting: the page comes back ready for the next."""
    _keeps(hub, account, square)

    def add() -> int:
        today = local_day(around.policies.calendar(square), time.time())
        new = Question(0, square, _day(raised) or today, text, answers, _day(until))
        if text.strip():
            _audit(hub, who, "question_raised", square)
        around.open_day.raise_question(new, account.name)
        return len(around.open_day.questions(square))

    try:
        number = await asyncio.to_thread(add)
    except QuestionError as error:
        words = hub.texts[language][error.key]
        return await _page(
            *(request, hub, around, language, account, square, 422), fault=words, typed=text
        )
    return _back(square, kept=number)


@router.post("/open-day/{square:path}/questions/{question:int}")
async def change(
    square: str,
    question: int,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Keeps,
    who: Who,
    answers: Text = "",
    until: Day = "",
    answer: Text = "",
    done: Annotated[bool, Form()] = False,
) -> Response:
    """Who answers, until when, what was answered, whether it is done."""
    _keeps(hub, account, square)

    def put() -> None:
        found = around.open_day.question(question)
        if found is None or found.square != square:
            raise HTTPException(404, "No such question.")
        today = local_day(around.policies.calendar(square), time.time())
        _audit(hub, who, "question_changed", square, {"question": question})
        around.open_day.assign(question, answers, _day(until), account.name)
        finished = (found.done or today) if done else None
        around.open_day.answer(question, answer, finished, account.name)

    try:
        await asyncio.to_thread(put)
    except QuestionError as error:
        words = hub.texts[language][error.key]
        return await _page(*(request, hub, around, language, account, square, 422), fault=words)
    return _back(square)


def _questions(around: Around, square: str) -> tuple[date, list[Shown]]:
    today = local_day(around.policies.calendar(square), time.time())
    around.open_day.carry_on(today)
    carried = around.open_day.carried()
    return today, [
        Shown(
            one,
            len(days := carried.get(one.id, [])),
            days[0] if days else None,
            one.done is None and one.until is not None and one.until < today,
        )
        for one in around.open_day.questions(square)
    ]


def _keeps(hub: Context, account: Account, square: str) -> None:
    hub.must_be(square)
    require(account, "open_day", square)


def _back(square: str, **more: int) -> Response:
    return RedirectResponse(f"/open-day?{urlencode({'square': square, **more})}", 303)


def _day(text: str) -> date | None:
    """None for what is no date: a phone sends none, or one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _audit(
    hub: Context, who: Who, what: str, square: str, detail: dict[str, object] | None = None
) -> None:
    hub.people.audit(time.time(), who.name, what, square, "", detail, who.ip)
