"""What groups have applied for, and what an officer decides: from a list, or by one thumb."""

import asyncio
import threading
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.hub.around import Around
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.roles import Account
from noisetamer.hub.permits import venues
from noisetamer.hub.permits.permit import Group, Permit, PermitError
from noisetamer.hub.phones.links import LinkError
from noisetamer.hub.web import permit_form
from noisetamer.hub.web.allowed import anyone, by, ip_of, may, may_here, require
from noisetamer.hub.web.apply import ACCOUNT, forgotten
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Id, Language
from noisetamer.hub.web.decides_by import texts_of_units
from noisetamer.hub.web.links import refused
from noisetamer.hub.web.permit_form import Fields
from noisetamer.hub.web.permit_paper import Line, line, pdf_of, shown
from noisetamer.hub.web.phones import PhonesOf
from noisetamer.hub.web.qr import qr_code, standing_alone
from noisetamer.hub.web.templates import page
from noisetamer.hub.words.i18n import LANGUAGES

ACTS = {"approve": "approved", "refuse": "refused", "revoke": "revoked"}

# of two officers who decide the same, the second finds it decided, and makes no account
_ONE_AT_A_TIME = threading.Lock()

router = APIRouter()

Decides = Annotated[Account, Depends(may("permits"))]
DecidesHere = Annotated[Account, Depends(may_here("permits"))]


@dataclass(frozen=True)
class Decision:
    """A form's fields. act: of ACTS."""

    act: Annotated[str, Form(max_length=10)] = ""
    reason: Annotated[str, Form(max_length=400)] = ""


@dataclass(frozen=True)
class Drift:
    """What a square's boxes decide by is not what its permits say. missing, left: names of rules;
    unknown: boxes whose policy this hub does not have the text of; sent: they were sent one that
    is, and do not have it yet."""

    square: str
    missing: list[str]
    left: list[str]
    unknown: list[str]
    may_change: bool
    sent: bool


@router.api_route("/permits", methods=READ, response_class=HTMLResponse)
async def permits(
    request: Request, hub: Hub, around: Beside, language: Language, account: Decides
) -> Response:
    """What waits first; then what holds, then the rest."""
    texts = hub.texts[language]
    squares = [one for one in hub.square_names() if account.may("permits", one)]

    def lines() -> list[Line]:
        found = [pair for square in squares for pair in permit_form.pacts_of(around, square)]
        return [line(permit, group, texts, hub.utc_offset) for group, permit in reversed(found)]

    found = await asyncio.to_thread(lines)
    drifts = await asyncio.to_thread(
        lambda: [one for square in squares if (one := _drift(hub, around, square, account))]
    )
    return page(
        *("permits.html", request, hub, language, account),
        waiting=[one for one in found if one.permit.state == "applied"],
        holding=[one for one in found if one.permit.state == "approved"],
        rest=[one for one in found if one.permit.state in ("refused", "revoked")],
        drifts=drifts,
        links=[(square, _to_apply(request, square)) for square in squares],
    )


@router.api_route("/permits/apply-code/{square:path}", methods=READ)
async def apply_code(square: str, request: Request, hub: Hub, account: DecidesHere) -> Response:
    """The QR code of a square's form, as a picture: drawn for whoever looks at it."""
    hub.must_be(square)
    drawn = await asyncio.to_thread(qr_code, _to_apply(request, square))
    return Response(standing_alone(drawn), media_type="image/svg+xml")


@router.api_route("/permits/{id}", methods=READ, response_class=HTMLResponse)
async def permit(
    id: Id, request: Request, hub: Hub, around: Beside, language: Language, account: Decides
) -> Response:
    """One of them, and the forms that decide it."""
    found = await asyncio.to_thread(_found, around, id, account)
    return await _page(request, hub, around, language, account, found, f"/permits/{id}")


@router.api_route("/permits/{id}/paper", methods=READ)
async def paper(
    id: Id, request: Request, hub: Hub, around: Beside, language: Language, account: Decides
) -> Response:
    """The permit on paper."""
    group, permit = await asyncio.to_thread(_found, around, id, account)
    base = str(request.base_url)
    return await asyncio.to_thread(pdf_of, around, permit, group, hub.texts[language], base)


@router.post("/permits/{id}", response_class=HTMLResponse)
async def decide(
    id: Id,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Decides,
    decision: Annotated[Decision, Depends()],
    fields: Annotated[Fields, Depends()],
) -> Response:
    """Approve it as it is or with other terms, refuse or revoke it."""
    found = await asyncio.to_thread(_found, around, id, account)
    who = by(request)
    return await _decided(
        request, hub, around, language, account, found, f"/permits/{id}", decision, fields, who
    )


@router.post("/permits/{id}/forget")
async def forget(id: Id, request: Request, hub: Hub, around: Beside, account: Decides) -> Response:
    """Take out who leads the group, because she asked for it."""
    group, _ = await asyncio.to_thread(_found, around, id, account)
    await asyncio.to_thread(forgotten, hub, around, group, by(request))
    return RedirectResponse(f"/permits/{id}", 303)


# -- by a link in a message


@dataclass(frozen=True)
class Opened:
    """What a link opens, while its account may decide it."""

    account: Account
    group: Group
    permit: Permit
    language: str


async def _opened(
    token: str, request: Request, hub: Hub, around: Beside, phones: PhonesOf
) -> Opened:
    """Raises HTTPException with a sentence: expired, not this hub's, not this person's now."""
    asked = request.query_params.get("lang")
    texts = hub.texts[asked if asked in LANGUAGES else "zh"]
    try:
        id, permit = phones.permit_links.decides(token, hub.people.clock())
    except LinkError as error:
        raise refused(error, texts) from None
    account = await asyncio.to_thread(hub.people.accounts.one, id)
    if account is None:
        raise HTTPException(403, texts["link_foreign"])
    found = await asyncio.to_thread(_found, around, permit, account)
    language = asked if asked in LANGUAGES else account.language
    return Opened(account, *found, language)


ByLink = Annotated[Opened, Depends(_opened)]


@router.api_route("/permits/by/{token}", methods=READ, dependencies=[Depends(anyone)])
async def look(request: Request, hub: Hub, around: Beside, opened: ByLink) -> Response:
    """The same page without a login. Looking never acts: chats open links for a preview."""
    found = opened.group, opened.permit
    here = request.url.path
    return await _page(request, hub, around, opened.language, None, found, here)


@router.post("/permits/by/{token}", dependencies=[Depends(anyone)])
async def answer(
    request: Request,
    hub: Hub,
    around: Beside,
    opened: ByLink,
    decision: Annotated[Decision, Depends()],
    fields: Annotated[Fields, Depends()],
) -> Response:
    """One thumb decides."""
    found = opened.group, opened.permit
    who = By(opened.account.name, ip_of(request))
    return await _decided(
        *(request, hub, around, opened.language, None, found, request.url.path),
        *(decision, fields, who),
    )


async def _page(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account | None,
    found: tuple[Group, Permit],
    here: str,
    fault: str = "",
    fields: Fields | None = None,
    status: int = 200,
) -> Response:
    group, permit = found
    texts, now = hub.texts[language], hub.people.clock()

    def told() -> dict[str, Any]:
        asked = permit
        if fields:
            try:
                asked = replace(fields.permit(permit.square, around, now), id=permit.id)
            except PermitError:
                asked = permit
        return {
            "shown": shown(around, permit, group, texts, hub.utc_offset, str(request.base_url)),
            "against": permit_form.against(asked, around, now, texts, hub.utc_offset),
            "history": around.permits.history(permit.id),
        }

    return page(
        *("permit.html", request, hub, language, account, status),
        group=group,
        permit=permit,
        fields=fields or permit_form.fields_of(permit),
        here=here,
        fault=fault,
        **await asyncio.to_thread(told),
    )


async def _decided(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account | None,
    found: tuple[Group, Permit],
    here: str,
    decision: Decision,
    fields: Fields,
    who: By,
) -> Response:
    texts = hub.texts[language]
    try:
        await asyncio.to_thread(_decide, hub, around, found, decision, fields, who)
    except PermitError as error:
        said = texts.get(error.key, texts["not_done"])
        return await _page(request, hub, around, language, account, found, here, said, fields, 422)
    request.app.state.permit_news.wake()
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{here}{query}", 303)


def _decide(
    hub: Context,
    around: Around,
    found: tuple[Group, Permit],
    decision: Decision,
    fields: Fields,
    who: By,
) -> None:
    """Written down before it is done; the leader gets an account with the first permit. Raises
    PermitError."""
    with _ONE_AT_A_TIME:
        group, permit = around.permits.group(found[0].id), found[1]
        _decide_now(hub, around, group, permit, decision, fields, who)


def _decide_now(
    hub: Context,
    around: Around,
    group: Group,
    permit: Permit,
    decision: Decision,
    fields: Fields,
    who: By,
) -> None:
    state, now = ACTS.get(decision.act, ""), hub.people.clock()
    amended = None
    if state == "approved" and fields.since:
        wanted = fields.permit(permit.square, around, now)
        amended = replace(
            *(permit,),
            **{
                name: getattr(wanted, name)
                for name in ("place", "days", "since", "until", "first", "last", "limit")
            },
        )
    around.permits.may(permit.id, state, decision.reason, amended)
    hub.people.audit(
        *(now, who.name, f"permit_{state}", f"{permit.square} #{permit.id}", decision.reason),
        {"group": group.name},
        who.ip,
    )
    if state == "approved" and group.leader and not group.contact:
        around.permits.take_account(group.id, _account(hub, around, group, who))
    around.permits.decide(permit.id, state, who.name, decision.reason, amended, now)


def _account(hub: Context, around: Around, group: Group, who: By) -> str:
    """Made for a leader who has none: she is called through it, and may log in by a link that
    People makes. Its name; blocks."""
    name, again = f"{ACCOUNT}{group.id}", 1
    while hub.people.accounts.named(name):
        again += 1
        name = f"{ACCOUNT}{group.id}-{again}"
    district = hub.people.districts.of_square(group.square)
    account = hub.people.accounts.add(
        *(name, "leader", who, group.leader, [group.square]),
        district=district and district.id,
    )
    topic, push = around.permits.reach(group.id)
    if topic:
        hub.people.contacts.add(account.id, "ntfy", who, topic=topic)
    if push:
        hub.people.contacts.add(account.id, "web-push", who, push)
    return name


def _to_apply(request: Request, square: str) -> str:
    return f"{request.base_url}apply/{quote(square, safe='')}"


def _found(around: Around, id: int, account: Account) -> tuple[Group, Permit]:
    """Raises HTTPException, 404, without such a permit, and where it is of another square."""
    try:
        permit = around.permits.permit(id)
    except PermitError:
        raise HTTPException(404, "No such permit.") from None
    require(account, "permits", permit.square, "No such permit.")
    return around.permits.group(permit.group), permit


def _drift(hub: Context, around: Around, square: str, account: Account) -> Drift | None:
    """None where every box decides by what the permits say; blocks."""
    pacts = permit_form.pacts_in_force(around, square, hub.people.clock())
    missing: dict[str, None] = {}
    left: dict[str, None] = {}
    unknown = []
    for unit, policy in texts_of_units(hub, square):
        if policy is None:
            unknown.append(unit)
            continue
        missing |= dict.fromkeys(venues.missing(policy, pacts))
        left |= dict.fromkeys(venues.left_over(policy, pacts))
    if not (missing or left or (unknown and pacts)):
        return None
    may_change = account.may("policy.change", square)
    last = around.policies.policy(square)
    sent = bool(last and not venues.missing(last, pacts) and not venues.left_over(last, pacts))
    return Drift(square, list(missing), list(left), unknown if pacts else [], may_change, sent)
