"""A group applies with a phone: no account, one form, and a page of its own that tells the rest.

The page of its own is behind a signed link, as those in messages are: whoever holds it is taken
for the group's leader. Nothing is asked that is not needed: how she is called, and where her phone
listens, which the hub makes up itself.
"""

import asyncio
import json
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.around import Around
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.contacts import Contact, new_topic
from noisetamer.hub.permits.permit import Group, Permit, PermitError
from noisetamer.hub.phones.channels import web_push
from noisetamer.hub.phones.links import LinkError
from noisetamer.hub.web import permit_form
from noisetamer.hub.web.allowed import Asks, anyone, by, ip_of, session_of
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Id, Language
from noisetamer.hub.web.links import refused
from noisetamer.hub.web.permit_form import Fields
from noisetamer.hub.web.permit_paper import Shown, pdf_of, shown
from noisetamer.hub.web.phones import PhonesOf
from noisetamer.hub.web.qr import qr_code
from noisetamer.hub.web.reaching import only_here, push_words, way
from noisetamer.hub.web.templates import page

MOST_OF_AN_ADDRESS = 10
"""Applications from one address in an hour: a street office at its desk, and no flood."""
_HOUR = 3600.0
_ADDRESSES = 10_000

router = APIRouter(dependencies=[Depends(anyone)])
of_accounts = APIRouter()


@dataclass(frozen=True)
class Who:
    """The form's own fields, beside the terms."""

    group: Annotated[str, Form(max_length=200)] = ""
    leader: Annotated[str, Form(max_length=200)] = ""
    loudspeaker: Annotated[str, Form(max_length=400)] = ""


class RateLimit:
    """How often each address has applied lately; in memory only."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def may(self, address: str, now: float) -> bool:
        """Whether it may once more, which counts."""
        times = self._times.setdefault(address, deque())
        self._times.move_to_end(address)
        while len(self._times) > _ADDRESSES:
            self._times.popitem(last=False)
        while times and times[0] <= now - _HOUR:
            times.popleft()
        if len(times) >= MOST_OF_AN_ADDRESS:
            return False
        times.append(now)
        return True


@router.api_route("/apply/{square:path}", methods=READ, response_class=HTMLResponse)
async def form(
    square: str, request: Request, hub: Hub, around: Beside, language: Language
) -> Response:
    """An empty form, as most groups fill it in."""
    hub.must_be(square)
    fields = await asyncio.to_thread(permit_form.blank, around, square, hub.people.clock())
    return await _form(request, hub, around, language, square, Who(), fields)


@router.post("/apply/{square:path}", response_class=HTMLResponse)
async def apply(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    phones: PhonesOf,
    who: Annotated[Who, Depends()],
    fields: Annotated[Fields, Depends()],
    act: Annotated[str, Form(max_length=10)] = "look",
) -> Response:
    """Show what speaks against it; sent once more from there, it is an application."""
    hub.must_be(square)
    now, texts = hub.people.clock(), hub.texts[language]
    session = session_of(request)
    name = session.account.name if session else ""
    try:
        asked = await asyncio.to_thread(fields.permit, square, around, now)
        group = Group(0, square, who.group, who.leader, name, who.loudspeaker)
        permit_form.check(asked, group)
        if act != "send":
            against = await asyncio.to_thread(
                permit_form.against, asked, around, now, texts, hub.utc_offset
            )
            return await _form(
                *(request, hub, around, language, square, who, fields),
                against=against,
                terms=permit_form.told(asked, texts),
            )
        limit: RateLimit = request.app.state.applications
        if not limit.may(ip_of(request), now):
            raise PermitError("permit_flood", "Too many applications from here in an hour.")
        kept = await asyncio.to_thread(_kept, hub, around, asked, group, by(request))
    except PermitError as error:
        status = 429 if error.key in ("permit_flood", "permit_many") else 422
        return await _form(
            *(request, hub, around, language, square, who, fields),
            fault=texts[error.key],
            status=status,
        )
    request.app.state.permit_news.wake()
    return RedirectResponse(f"/my-permit/{phones.permit_links.of_own(kept.group, now)}", 303)


def _kept(hub: Context, around: Around, asked: Permit, group: Group, who: By) -> Permit:
    """Written down before it is done; of a leader who is logged in, her group of that name."""
    asked = replace(asked, at=int(hub.people.clock()))
    own = [
        one.id
        for one in around.permits.groups(group.square)
        if group.contact and (one.contact, one.name) == (group.contact, group.name.strip())
    ]
    hub.people.audit(
        *(hub.people.clock(), who.name, "permit_applied", group.square, ""),
        {"group": group.name.strip()},
        who.ip,
    )
    if own:
        return around.permits.apply(replace(asked, group=own[0]))
    kept = around.permits.apply(asked, group)
    if not group.contact:
        around.permits.listen(kept.group, topic=new_topic())
    return kept


async def _form(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    square: str,
    who: Who,
    fields: Fields,
    status: int = 200,
    fault: str = "",
    against: dict[str, Any] | None = None,
    terms: Any = (),
) -> Response:
    others = await asyncio.to_thread(permit_form.pacts_of, around, square)
    places = dict.fromkeys(permit.place for _, permit in others if permit.state == "approved")
    return page(
        *("apply.html", request, hub, language, None, status),
        square=square,
        who=who,
        fields=fields,
        known_places=list(places),
        fault=fault,
        against=against,
        terms=terms,
    )


# -- the page of her own


async def _own(
    token: str, hub: Hub, around: Beside, language: Language, phones: PhonesOf
) -> Group:
    """Whose link it is. Raises HTTPException: expired, none of ours, or she was forgotten."""
    texts = hub.texts[language]
    try:
        id = phones.permit_links.owns(token, hub.people.clock())
        group = await asyncio.to_thread(around.permits.group, id)
    except LinkError as error:
        raise refused(error, texts) from None
    except PermitError:
        raise HTTPException(403, texts["link_foreign"]) from None
    if not group.leader:
        raise HTTPException(410, texts["permit_forgotten"])
    return group


Own = Annotated[Group, Depends(_own)]


@of_accounts.api_route("/my-permit", methods=READ)
async def mine(hub: Hub, around: Beside, phones: PhonesOf, account: Asks) -> Response:
    """Hers, of whoever is logged in: her link may have been lost. The newest group's."""
    groups = await asyncio.to_thread(around.permits.groups)
    own = [group.id for group in groups if group.contact == account.name and group.leader]
    if not own:
        raise HTTPException(404, "No such permit.")
    token = phones.permit_links.of_own(own[-1], hub.people.clock())
    return RedirectResponse(f"/my-permit/{token}", 303)


@router.api_route("/my-permit/{token}", methods=READ)
async def own(
    token: str, request: Request, hub: Hub, around: Beside, language: Language, group: Own
) -> Response:
    """What became of it, the documents, and how her phone hears of it."""
    texts = hub.texts[language]
    topic, push = await asyncio.to_thread(around.permits.reach, group.id)

    def views() -> list[Shown]:
        permits = [one for one in around.permits.permits(group.square) if one.group == group.id]
        return [
            shown(around, one, group, texts, hub.utc_offset, str(request.base_url))
            for one in reversed(permits)
        ]

    account = group.contact and await asyncio.to_thread(hub.people.accounts.named, group.contact)
    listening = topic and way(request, Contact(0, 0, "ntfy", topic, "", ""))
    return page(
        *("my-permit.html", request, hub, language, None),
        group=group,
        permits=await asyncio.to_thread(views),
        token=token,
        here=f"/my-permit/{token}",
        way=listening,
        push=push,
        has_account=bool(account),
        only_here=only_here(request),
        push_words=push_words(texts),
        address=qr_code(str(request.url.replace(query=""))),
    )


@router.api_route("/my-permit/{token}/{id}.pdf", methods=READ)
async def paper(
    id: Id, request: Request, around: Beside, hub: Hub, language: Language, group: Own
) -> Response:
    """The permit on paper."""
    permit = await asyncio.to_thread(_of_group, around, id, group)
    return await asyncio.to_thread(
        pdf_of, around, permit, group, hub.texts[language], str(request.base_url)
    )


@router.post("/my-permit/{token}/subscribe")
async def listen(
    around: Beside,
    language: Language,
    group: Own,
    subscription: Annotated[dict[str, Any], Body()],
) -> dict[str, bool]:
    """This browser rings when it is decided."""
    address = json.dumps(subscription, sort_keys=True)
    try:
        web_push.checked(address)
        await asyncio.to_thread(around.permits.listen, group.id, "", address)
    except UserError as error:
        raise HTTPException(422, say_in(language, str(error))) from None
    return {"subscribed": True}


@router.api_route("/my-permit/{token}/key", methods=READ)
async def key(phones: PhonesOf, group: Own) -> dict[str, str]:
    """What a browser subscribes with."""
    return {"key": await asyncio.to_thread(phones.push_key)}


@router.post("/my-permit/{token}/forget")
async def forget(
    request: Request, hub: Hub, around: Beside, language: Language, group: Own
) -> Response:
    """She is taken out; the group's hours and the documents' hashes stay."""
    await asyncio.to_thread(forgotten, hub, around, group, by(request))
    texts = hub.texts[language]
    return page(
        *("error.html", request, hub, language, None),
        title=texts["permit_forgotten_title"],
        words=texts["permit_forgotten"],
        detail="",
    )


def forgotten(hub: Context, around: Around, group: Group, who: By) -> None:
    """Written down before it is done, without her name; blocks."""
    hub.people.audit(
        *(hub.people.clock(), who.name, "leader_forgotten", group.square, ""),
        {"group": group.id},
        who.ip,
    )
    around.permits.forget(group.id)
    others = {one.contact for one in around.permits.groups()}
    person = hub.people.accounts.named(group.contact) if group.contact else None
    # an account of her own making stays hers: only what an approval made goes with it
    if person and person.account.name.startswith(ACCOUNT) and group.contact not in others:
        hub.people.accounts.forget(person.account.id, who)


ACCOUNT = "leader-"
"""How accounts begin that an approval makes: a name that names nobody, for it stays in logs."""


def _of_group(around: Around, id: int, group: Group) -> Permit:
    """Raises HTTPException, 404, for another group's."""
    try:
        permit = around.permits.permit(id)
    except PermitError:
        permit = None
    if permit is None or permit.group != group.id:
        raise HTTPException(404, "No such permit.")
    return permit
