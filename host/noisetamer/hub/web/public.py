"""The page of a square for everybody, by the QR on its pole, and the button "too loud now".

No account, no cookie, nothing of whoever looks is kept. Off until the square's manager turns it
on. One answer is made for all who ask within a few seconds.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.hub.around import Around
from noisetamer.hub.cameras.photographer import camera_of
from noisetamer.hub.cameras.settings import KIND as CAMERA
from noisetamer.hub.complaints import advice
from noisetamer.hub.complaints.button import Button, complaint
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.heard import AROUND, heard
from noisetamer.hub.complaints.public import code_of
from noisetamer.hub.web import complaints_view, public_view
from noisetamer.hub.web.allowed import anyone, ip_of
from noisetamer.hub.web.context import READ, Beside, Context, Hub
from noisetamer.hub.web.own_cure import OwnCure, own_cure
from noisetamer.hub.web.templates import TEMPLATES
from noisetamer.hub.web.timeline import clock, decibels, level_text
from noisetamer.hub.words.i18n import LANGUAGES, Texts, duration, preferred
from tamer.judge.stages import TOO_LOUD

FRESH = 10
"""s for which an answer is everybody's."""
CARD_FRESH = 600
_MOST_KEPT = 500
_NOT_COUNTED, _NONE = ("again", "many"), "none"
_NUMBER = 16  # hexadecimal digits of a button's number

# no script but ours, nothing sent anywhere, in nobody's frame
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; style-src 'self'; img-src 'self'; "
    "script-src 'self'; connect-src 'self'; manifest-src 'none'; frame-ancestors 'none'"
)

router = APIRouter(dependencies=[Depends(anyone)])


class Made:
    """Pages that were made, for FRESH seconds, each once however many ask for it meanwhile."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: monotonic, s."""
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], tuple[float, asyncio.Future[str]]]
        self._kept = OrderedDict()

    async def page(self, key: tuple[str, ...], make: Callable[[], str], fresh: float) -> str:
        """Raises what `make` does, which runs in a thread."""
        now = self._clock()
        since, page = self._kept.get(key, (0.0, None))
        if page is None or now - since >= fresh or _failed(page):
            page = asyncio.ensure_future(asyncio.to_thread(make))
            self._kept[key] = now, page
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(page)


def _failed(page: asyncio.Future[str]) -> bool:
    return page.done() and (page.cancelled() or page.exception() is not None)


async def _language(request: Request) -> str:
    """Asked for, else the browser's: no cookie is set here, and none is read."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return asked
    return preferred(request.headers.get("accept-language", ""))


async def _place(code: str, hub: Hub) -> tuple[str, str | None]:
    """Raises HTTPException, 404, where nothing is to be seen: there is no such square, or none
    of which everybody may see anything."""
    found = await asyncio.to_thread(public_view.found, hub, code) if len(code) == 8 else None
    if found is None:
        raise HTTPException(404, "No such square.")
    return found


async def _made(request: Request) -> Made:
    return request.app.state.public_pages


async def _button(request: Request) -> Button:
    return request.app.state.button


Place = Annotated[tuple[str, str | None], Depends(_place)]
Spoken = Annotated[str, Depends(_language)]
Pages = Annotated[Made, Depends(_made)]


@router.api_route("/s/{code}", methods=READ, response_class=HTMLResponse)
async def square(
    code: str,
    request: Request,
    place: Place,
    hub: Hub,
    around: Beside,
    language: Spoken,
    pages: Pages,
    said: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The square; said: the number of a complaint by the button, or why there is none."""
    # whatever is asked for, no more pages are made than there are complaints
    if said and said not in _NOT_COUNTED:
        one = await asyncio.to_thread(_pressed, around, place[0], said)
        said = one.number if one else _NONE

    def make() -> str:
        return _page(hub, around, place, code, language, said)

    html = await pages.page((code, language, said), make, FRESH)
    if said:
        return _answer(html, {"Cache-Control": "private, no-store"})
    return _cacheable(html, request, FRESH)


@router.api_route("/s/{code}/advice", methods=READ, response_class=HTMLResponse)
async def advised(
    code: str,
    request: Request,
    place: Place,
    hub: Hub,
    around: Beside,
    language: Spoken,
    pages: Pages,
) -> Response:
    """The card with what else helps, to be printed."""

    def make() -> str:
        return _card(hub, around, place[0], code, language)

    html = await pages.page((code, language, "/advice"), make, CARD_FRESH)
    return _cacheable(html, request, CARD_FRESH)


@router.post("/s/{code}/loud")
async def too_loud(
    code: str,
    request: Request,
    place: Place,
    hub: Hub,
    around: Beside,
    button: Annotated[Button, Depends(_button)],
) -> Response:
    """It is too loud now, at this box. The answer is the page, with what the box heard."""
    square, unit = place
    public = await asyncio.to_thread(public_view.public_of, hub, square)
    states = public_view.boxes(hub, square, unit)
    if not public.button or not states:
        raise HTTPException(404, "No such square.")
    state = states[0]
    said = button.press(ip_of(request), state.unit.id)
    if not said:
        now = public_view.now()
        level, why, _ = await asyncio.to_thread(public_view.level_now, hub, state, now)
        one = complaint(
            square,
            state.unit.id,
            public_view.time_of(state, now),
            None if why == "late" else level,
        )
        await asyncio.to_thread(around.complaints.add, [one])
        said = one.number
    lang = request.query_params.get("lang")
    query = f"&lang={lang}" if lang in LANGUAGES else ""
    return RedirectResponse(f"/s/{code}?said={said}{query}#said", 303)


def _page(
    hub: Context,
    around: Around,
    place: tuple[str, str | None],
    code: str,
    language: str,
    said: str,
) -> str:
    square, unit = place
    texts, now = hub.texts[language], public_view.now()
    states = public_view.boxes(hub, square, unit)
    public = public_view.public_of(hub, square)
    named = len(states) > 1
    return TEMPLATES.get_template("public.html").render(
        **_common(texts),
        square=square,
        code=code,
        language=language,
        public=public,
        boxes=[public_view.today(hub, state, texts, named, now) for state in states],
        bound=len(states) == 1 or unit is not None,
        answer=_said(hub, around, square, said, texts) if said else [],
        camera=camera_of(hub.squares.setting(square, CAMERA)).on,
        open_day=f"{public_view.open_day(hub, now):%Y-%m-%d}",
        at=f"{clock(int(now), hub.utc_offset):%H:%M:%S}",
    )


def _card(hub: Context, around: Around, square: str, code: str, language: str) -> str:
    texts, now = hub.texts[language], public_view.now()
    public = public_view.public_of(hub, square)
    states = public_view.boxes(hub, square, None)
    own: OwnCure | None = own_cure(hub, around, square, public, states, now) if states else None
    return TEMPLATES.get_template("advice.html").render(
        **_common(texts),
        square=square,
        code=code,
        language=language,
        cures=advice.cures(),
        own=own,
        distances=[(far, round(advice.quieter(5, far))) for far in (10, 20, 40, 80)],
    )


def _common(texts: Texts) -> dict[str, Any]:
    return {"texts": texts, "account": None, "csrf": "", "places": []}


def _said(hub: Context, around: Around, square: str, said: str, texts: Texts) -> list[str]:
    """What the box heard and did when somebody pressed, as sentences."""
    if said in _NOT_COUNTED:
        return [texts[f"public_{said}"]]
    one = _pressed(around, square, said)
    if one is None:
        return [texts["public_no_such"]]
    return _told(hub, one, texts)


def _pressed(around: Around, square: str, number: str) -> Complaint | None:
    """What was noted under that number in that square; blocks."""
    one = around.complaints.by_button(number) if len(number) == _NUMBER else None
    return one if one is not None and one.square == square else None


def _told(hub: Context, one: Complaint, texts: Texts) -> list[str]:
    state = hub.live.states.get(one.unit)
    replaced = state.unit.replaced if state else ()
    now = public_view.now()
    now = public_view.time_of(state, now) if state else int(now)
    units, until = [one.unit, *replaced], max(now, one.at + 1)
    ruled = complaints_view.ruled(hub, one.square, one.unit)
    then = heard(hub.queries, hub.levels, units, one.at, until, ruled)
    at = f"{clock(one.at, hub.utc_offset):%H:%M:%S}"
    lines = [texts["public_noted"].format(at=at, number=one.number)]
    level = one.level if one.level is not None else then.level
    limit = then.limit
    if limit is None and state is not None:
        limit = public_view.limit_now(hub, state, one.at)
    if level is None:
        offline = then.reason in ("", "not received") or (state and state.online is False)
        reason = texts.get(f"reason_{then.reason}", then.reason)
        key = "public_heard_offline" if offline else "public_heard_invalid"
        lines.append(texts[key].format(reason=reason))
        return [*lines, texts["public_next_unknown"]]
    words = {
        "level": level_text(level),
        "limit": decibels(limit) if limit is not None else "--",
    }
    lines.append(texts["public_heard"].format(**words))
    if then.warned is not None:
        ago = duration(then.warned, texts)
        lines.append(texts["public_warned"].format(ago=ago))
    else:
        lines.append(texts["public_not_warned"])
    stage = then.stage if one.at + AROUND < now or state is None else state.stage
    if stage in TOO_LOUD:
        key = "loud"
    elif limit is not None and level > limit:
        key = "over"
    else:
        key = "below"
    return [*lines, texts[f"public_next_{key}"]]


def _cacheable(html: str, request: Request, fresh: int) -> Response:
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:24]}"'
    headers = {
        "Cache-Control": f"public, max-age={fresh}",
        "ETag": tag,
        "Vary": "Accept-Language",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return _answer(html, headers)


def _answer(html: str, headers: dict[str, str]) -> Response:
    return HTMLResponse(
        html,
        headers={
            "Vary": "Accept-Language",
            **headers,
            "Content-Security-Policy": POLICY,
            "X-Robots-Tag": "noindex",
        },
    )


def address_of(name: str) -> str:
    """Of the page of a square, or of a box."""
    return f"/s/{code_of(name)}"
