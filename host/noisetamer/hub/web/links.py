"""The page behind a link in a message: one thumb acknowledges, without logging in.

Looking never acts: chat programs open links to show a preview, and so do virus scanners.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.incidents.incident import Incident
from noisetamer.hub.orders.voices import Stored, in_order_of_use
from noisetamer.hub.people.roles import Account
from noisetamer.hub.phones import message
from noisetamer.hub.phones.links import Link, LinkError
from noisetamer.hub.phones.phones import called
from noisetamer.hub.phones.situation import in_hand, situation
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web.allowed import anyone, ip_of
from noisetamer.hub.web.context import READ, Context, Hub
from noisetamer.hub.web.level_drawing import Drawing, draw
from noisetamer.hub.web.phones import PhonesOf
from noisetamer.hub.web.picture_words import moment_words
from noisetamer.hub.web.templates import page
from noisetamer.hub.words.i18n import LANGUAGES, Texts

SAY = 3
"""How often one link has the box speak: enough for an evening, too little to annoy a square."""
MOST_MESSAGES = 8
SHOWN_SECONDS = 900
_REFUSED = {"expired": 410, "foreign": 403}

router = APIRouter(dependencies=[Depends(anyone)])


@dataclass(frozen=True)
class Opened:
    """What a link opens, while its account may see it."""

    link: Link
    account: Account
    incident: Incident
    language: str


async def _opened(token: str, request: Request, hub: Hub, phones: PhonesOf) -> Opened:
    """Raises HTTPException with a sentence: expired, not this hub's, not this person's now."""
    asked = request.query_params.get("lang")
    texts = hub.texts[asked if asked in LANGUAGES else "zh"]
    try:
        link = phones.links.read(token, phones.clock())
    except LinkError as error:
        raise refused(error, texts) from None
    account = await asyncio.to_thread(hub.people.accounts.one, link.account)
    incident = await asyncio.to_thread(hub.incidents.one, link.incident)
    if account is None or incident is None or not account.may("see", incident.square):
        raise HTTPException(403, texts["link_foreign"])
    return Opened(link, account, incident, asked if asked in LANGUAGES else account.language)


def refused(error: LinkError, texts: Texts) -> HTTPException:
    """What a link that opens nothing is answered with."""
    return HTTPException(_REFUSED[error.why], texts[f"link_{error.why}"])


OpenedLink = Annotated[Opened, Depends(_opened)]


@router.api_route("/a/{token}", methods=READ)
async def look(request: Request, opened: OpenedLink, hub: Hub, phones: PhonesOf) -> Response:
    """The incident, and what this link can do."""
    account, incident = opened.account, opened.incident
    texts = hub.texts[opened.language]
    now = phones.clock()
    timeline = await asyncio.to_thread(hub.incidents.timeline, incident.id)
    about = situation(incident, timeline, hub.unit_name)
    said = message.call(about, texts, hub.utc_offset, now)
    used = await asyncio.to_thread(phones.postbox.used, opened.link.call)
    may_say = account.may("say", incident.square) and not _said_enough(used)
    return page(
        "link.html",
        request,
        hub,
        opened.language,
        None,
        said=said,
        here=request.url.path,
        incident=incident,
        person=account.display or account.name,
        state=await asyncio.to_thread(_state, hub, incident, texts, now),
        may_acknowledge=incident.state == "open"
        and account.may("acknowledge", incident.square)
        and "acknowledge" not in used,
        messages=await _messages(hub, incident.square) if may_say and incident.living else [],
        may_speak=account.may("speak", incident.square),
        spoken=[act for act in used if act.startswith("say")],
        drawings=await asyncio.to_thread(_drawings, hub, incident),
        pictures=await asyncio.to_thread(_pictures, hub, opened),
        until=message.local_time(opened.link.expires, texts, hub.utc_offset, now),
    )


@router.post("/a/{token}")
async def acknowledge(
    request: Request, opened: OpenedLink, hub: Hub, phones: PhonesOf
) -> Response:
    """Once; a second time is refused, whoever has got hold of the link."""
    incident, link = opened.incident, opened.link
    texts = hub.texts[opened.language]
    _must(opened.account.may("acknowledge", incident.square), 403, texts["link_may_not"])
    _must(incident.living, 409, texts["link_over"])
    now = phones.clock()
    if incident.state != "open":
        raise HTTPException(409, await asyncio.to_thread(_state, hub, incident, texts, now))
    first = await asyncio.to_thread(phones.postbox.use, link.call, "acknowledge", now)
    _must(first, 409, texts["link_used"])
    try:
        await asyncio.to_thread(
            lambda: hub.incidents.acknowledge(
                incident.id, opened.account.name, now, "link", ip=ip_of(request)
            )
        )
    except BaseException:
        await asyncio.to_thread(phones.postbox.unuse, link.call, "acknowledge")
        raise
    return _done(request, texts["link_done"])


@router.api_route("/a/{token}/pictures/{id}.jpg", methods=READ)
def picture(id: int, request: Request, opened: OpenedLink, hub: Hub) -> Response:
    """A picture of this incident. Who looks at it is told in the audit log."""
    account, incident = opened.account, opened.incident
    kept = hub.album.one(id)
    allowed = account.may("pictures", incident.square)
    if kept is None or kept.incident != incident.id or not allowed:
        raise HTTPException(404, "No such picture.")
    found = hub.album.read(kept)
    if found is None:
        raise HTTPException(404, "This picture is not there any more.")
    hub.people.audit(
        *(time.time(), account.name, "picture_seen", f"{kept.square} #{kept.incident}", ""),
        *({"picture": id, "moment": kept.moment, "how": "link"}, ip_of(request)),
    )
    return Response(found, media_type="image/jpeg")


@router.post("/a/{token}/say")
async def say(
    request: Request,
    opened: OpenedLink,
    hub: Hub,
    phones: PhonesOf,
    stored: Annotated[str, Form(alias="message", max_length=64)],
) -> Response:
    """Have the boxes of the square say a stored message."""
    account, incident, link = opened.account, opened.incident, opened.link
    texts = hub.texts[opened.language]
    _must(account.may("say", incident.square), 403, texts["link_may_not"])
    _must(incident.living, 409, texts["link_over"])
    now = phones.clock()
    units = [
        state.unit.id
        for state in hub.live.states.values()
        if square_of(state.unit) == incident.square
    ]
    _must(bool(units), 409, texts["link_no_unit"])
    used = await asyncio.to_thread(phones.postbox.used, link.call)
    _must(not _said_enough(used), 409, texts["link_said_enough"])
    act = f"say {1 + sum(act.startswith('say') for act in used)}"
    first = await asyncio.to_thread(phones.postbox.use, link.call, act, now)
    _must(first, 409, texts["link_twice"])
    text = await asyncio.to_thread(lambda: hub.voices_in(incident.square).text_of(stored))
    takers = await hub.orders.takers(units)
    mute = [hub.unit_name(unit) or unit for unit in units if unit not in takers]
    spoken = False
    for unit in [unit for unit in units if unit in takers] or units[:1]:
        try:
            await hub.orders.give(
                *(unit, "say", {"message": stored}),
                by=account.name,
                role=account.role,
                reason=texts["link_reason"].format(incident=incident.id),
                note={"text": text},
                ip=ip_of(request),
            )
            spoken = True
        except UserError as error:
            if not spoken:
                await asyncio.to_thread(phones.postbox.unuse, link.call, act)
            raise HTTPException(422, say_in(opened.language, str(error))) from None
    said = texts["link_spoken"].format(text=text)
    if mute:
        units_told = texts["story_and"].join(mute)
        said += texts["link_spoken_not"].format(units=units_told)
    return _done(request, said)


def _done(request: Request, words: str) -> Response:
    """A browser looks again, a program reads that it is done."""
    if "text/html" in request.headers.get("accept", ""):
        path = request.url.path.removesuffix("/say")
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{path}{query}", 303)
    return JSONResponse({"detail": words})


def _must(condition: bool, status: int, words: str) -> None:
    if not condition:
        raise HTTPException(status, words)


def _said_enough(used: dict[str, float]) -> bool:
    return sum(act.startswith("say") for act in used) >= SAY


def _state(hub: Context, incident: Incident, texts: Texts, now: float) -> str:
    return in_hand(incident, texts, hub.utc_offset, now, lambda name: called(hub.people, name))


async def _messages(hub: Context, square: str) -> list[Stored]:
    found = await asyncio.to_thread(lambda: hub.voices_in(square).messages())
    return in_order_of_use(found)[:MOST_MESSAGES]


def _pictures(hub: Context, opened: Opened) -> list[tuple[int, str]]:
    """The id and the moment of those there are; blocks."""
    if not opened.account.may("pictures", opened.incident.square):
        return []
    texts = hub.texts[opened.language]
    return [
        (kept.id, moment_words(kept.moment, texts))
        for kept in hub.album.of_incident(opened.incident.id)
        if kept.there
    ]


def _drawings(hub: Context, incident: Incident) -> list[tuple[str, Drawing]]:
    """The last quarter of an hour of each unit concerned, with its name."""
    found = []
    for unit in incident.units[:4]:
        curve = hub.queries.last_hour(unit)
        if curve and (drawing := draw(curve.LAeq[-SHOWN_SECONDS:], incident.limit)):
            found.append((hub.unit_name(unit) or unit, drawing))
    return found
