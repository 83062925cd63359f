"""The guard's page: scan, type the digits that the panel shows, done. Without a network it keeps
what was typed, and tells it later (static/patrol.js); a point's screen shows its digits here."""

import asyncio
import json
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from noisetamer.hub.around import Around
from noisetamer.hub.patrols.check_in import Point
from noisetamer.hub.patrols.coverage import walks
from noisetamer.hub.patrols.patrols import Answer, Told
from noisetamer.hub.patrols.proof import DAY
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import anyone, may, session_of
from noisetamer.hub.web.context import READ, Beside, Hub, Language
from noisetamer.hub.web.templates import page
from noisetamer.hub.words.i18n import Texts, duration
from noisetamer.unit.policy.days import local_day, midnight
from noisetamer.unit.policy.times import local

router = APIRouter()

Guard = Annotated[Account, Depends(may("patrol"))]

SHORT = 90
"""What was told within so many seconds was told at once; a clock that is off by less is right."""

# Words of the page that its program says by itself.
_SAID = (
    *("kept", "kept_why", "sending", "waiting", "log_in", "failed", "not_kept", "not_secure"),
    *("no_point", "no_point_offline", "rounds_left", "rounds_done", "none", "weak"),
)


class Typed(BaseModel):
    """One check-in as the phone kept it. typed: by its clock, Unix s."""

    nonce: str = Field(pattern=r"^[0-9a-f]{16,64}$")
    point: int = Field(ge=0, lt=2**31)
    digits: str = Field(max_length=8)
    typed: float = Field(ge=0, lt=2**40)


class CheckIns(BaseModel):
    """sent: by the phone's clock, Unix s."""

    sent: float = Field(ge=0, lt=2**40)
    told: list[Typed] = Field(max_length=200)


async def _show(request: Request, hub: Hub, language: Language, account: Guard) -> HTMLResponse:
    texts = hub.texts[language]
    words = {name: texts[f"patrol_{name}"] for name in _SAID}
    return page("patrol.html", request, hub, language, account, words=json.dumps(words))


@router.api_route("/patrol", methods=READ, response_class=HTMLResponse)
async def show(request: Request, hub: Hub, language: Language, account: Guard) -> HTMLResponse:
    """Where he is told which points are left; one page for all of them, which a phone keeps."""
    return await _show(request, hub, language, account)


@router.api_route("/patrol/{point:int}", methods=READ, response_class=HTMLResponse)
async def show_point(
    point: int, request: Request, hub: Hub, language: Language, account: Guard
) -> HTMLResponse:
    """The same, at the point whose code was scanned."""
    return await _show(request, hub, language, account)


@router.api_route("/patrol/mine", methods=READ)
async def mine(request: Request, around: Beside, account: Guard) -> dict[str, Any]:
    """What the page works with: who it is, its points, what is left of the rounds that go on."""
    session = session_of(request)

    def look() -> dict[str, Any]:
        now = time.time()
        points = [one for one in around.patrols.points() if account.may("patrol", one.square)]
        named = {one.id: one for one in points}
        squares = sorted({one.square for one in points})
        return {
            "account": account.name,
            "csrf": session.csrf if session else "",
            "points": [
                {"id": one.id, "name": one.name, "square": one.square, "kind": one.kind}
                for one in points
            ],
            "rounds": [left for square in squares for left in _left(around, square, now, named)],
        }

    return await asyncio.to_thread(look)


@router.post("/patrol/check-ins")
async def check_in(
    told: CheckIns, hub: Hub, around: Beside, language: Language, account: Guard
) -> list[dict[str, Any]]:
    """What became of each. What was told before is answered as before, and counts once."""

    def answer() -> list[dict[str, Any]]:
        named = {one.id: one for one in around.patrols.points(gone=True)}
        return [
            _told(
                _check_in(around, account, named.get(one.point), one, told.sent),
                named.get(one.point),
                around,
                hub.texts[language],
            )
            for one in sorted(told.told, key=lambda one: one.typed)
        ]

    return await asyncio.to_thread(answer)


@router.api_route(
    "/patrol/code/{point:int}",
    methods=READ,
    response_class=HTMLResponse,
    dependencies=[Depends(anyone)],
)
async def code(point: int, request: Request, hub: Hub, language: Language) -> HTMLResponse:
    """The screen of a point: digits and a code that change each minute. Its key stands in the
    fragment of the address, which no browser sends: who has the link has the key."""
    return page("patrol-code.html", request, hub, language, None, point=point)


@router.api_route("/patrol/time", methods=READ, dependencies=[Depends(anyone)])
async def now() -> dict[str, float]:
    """By which a screen puts its clock right."""
    return {"now": time.time()}


def _check_in(
    around: Around, account: Account, point: Point | None, one: Typed, sent: float
) -> Answer:
    if point is None or not account.may("patrol", point.square):
        return Answer(one.nonce, "gone")
    told = Told(point.id, one.digits, one.nonce, one.typed, sent)
    return around.patrols.check_in(told, account.name)


def _left(
    around: Around, square: str, now: float, named: dict[int, Point]
) -> list[dict[str, Any]]:
    calendar = around.policies.calendar(square)
    day = local_day(calendar, now)
    before = local_day(calendar, now - DAY)
    since = midnight(calendar, before)
    held = around.patrols.held(since, now + DAY, square)
    if not held:
        return []
    walked = walks(held, calendar, before, day, around.patrols.check_ins(since, now + 60, square))
    return [
        {
            "name": walk.round.name,
            "until": f"{local(calendar.clock, walk.end):%H:%M}",
            "points": [
                {"id": id, "name": named[id].name, "done": id in walk.visits}
                for id in walk.round.points
                if id in named
            ],
        }
        for walk in walked
        if walk.begin - 60 <= now < walk.end
    ]


def _told(answer: Answer, point: Point | None, around: Around, texts: Texts) -> dict[str, Any]:
    """For the page: what, and in words."""
    lines = [
        texts[f"patrol_answer_{answer.what}_why"].format(wait=duration(answer.seconds, texts))
    ]
    if answer.check_in and point:
        clock = around.policies.calendar(point.square).clock
        at = f"{local(clock, answer.check_in.at):%H:%M}"
        lines = [f"{point.name} · {at}"]
        ago = answer.check_in.told - answer.check_in.at
        if ago > 2 * SHORT:
            lines.append(texts["patrol_told_later"].format(ago=duration(ago // 60 * 60, texts)))
        if abs(answer.fast) > SHORT:
            key = "patrol_phone_fast" if answer.fast > 0 else "patrol_phone_slow"
            minutes = duration(round(abs(answer.fast) / 60) * 60, texts)
            lines.append(texts[key].format(by=minutes))
        if answer.check_in.proof == "weak":
            lines.append(texts["patrol_weak_why"])
    return {
        "nonce": answer.nonce,
        "what": answer.what,
        "seconds": answer.seconds,
        "title": texts[f"patrol_answer_{answer.what}"],
        "lines": [line for line in lines if line],
    }
