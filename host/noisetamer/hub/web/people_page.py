"""The people of a hub: who there is, who may what and where, how each is reached. A district's
admin has its own people here, and no others."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.hub.people.accounts import AccountError, Person
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.roles import ROLES, Account, District
from noisetamer.hub.people.tickets import PASSWORD
from noisetamer.hub.squares.order import natural
from noisetamer.hub.web import reaching
from noisetamer.hub.web.allowed import Who, may
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.qr import qr_code
from noisetamer.hub.web.reaching import NewContact, Quiet
from noisetamer.hub.web.templates import page

router = APIRouter()

Governs = Annotated[Account, Depends(may("people"))]


@dataclass(frozen=True)
class Place:
    """A form's fields: in which role, and where. everywhere: where no squares are chosen."""

    role: Annotated[str, Form(max_length=20)] = ""
    display: Annotated[str, Form(max_length=200)] = ""
    everywhere: Annotated[str, Form(max_length=5)] = ""
    squares: Annotated[list[str] | None, Form()] = None
    district: Annotated[str, Form(max_length=19)] = ""

    @property
    def where(self) -> list[str] | None:
        return self.squares or (None if self.everywhere else [])

    def belongs(self, asks: Account) -> int | None:
        """To which district: one's own, unless one is of the city. None: to the city."""
        if asks.district:
            return asks.district.id
        return int(self.district) if self.district.isdecimal() else None


@router.api_route("/people", methods=READ, response_class=HTMLResponse)
async def people(request: Request, hub: Hub, language: Language, account: Governs) -> Response:
    """Everybody, and a form to invite one more."""
    return await _list(request, hub, language, account)


@router.post("/people", response_class=HTMLResponse)
async def invite(
    request: Request,
    hub: Hub,
    language: Language,
    account: Governs,
    who: Who,
    place: Annotated[Place, Depends()],
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """A new account, and the link by which its owner comes in."""
    if place.where == []:
        return await _list(request, hub, language, account, "no_squares_chosen", name, place)
    try:
        new = await asyncio.to_thread(
            hub.people.accounts.add,
            *(name, place.role, who, place.display, place.where, language),
            district=place.belongs(account),
        )
    except AccountError as error:
        return await _list(request, hub, language, account, error.key, name, place)
    return await _link(request, hub, language, account, new, who)


@router.api_route("/people/{id}", methods=READ, response_class=HTMLResponse)
async def person(
    id: int, request: Request, hub: Hub, language: Language, account: Governs
) -> Response:
    """One of them."""
    return await _one(request, hub, language, account, id)


@router.post("/people/{id}", response_class=HTMLResponse)
async def change(
    id: int,
    request: Request,
    hub: Hub,
    language: Language,
    account: Governs,
    who: Who,
    place: Annotated[Place, Depends()],
) -> Response:
    """Another role, other squares, another name to be called by."""
    found = await _found(hub, id, account)
    try:
        await asyncio.to_thread(
            hub.people.accounts.change,
            *(id, who, place.role, place.where, place.display, found.account.language),
            place.belongs(account),
        )
    except AccountError as error:
        return await _one(request, hub, language, account, id, error.key)
    return _back(id)


@router.post("/people/{id}/disable", response_class=HTMLResponse)
async def disable(
    id: int,
    request: Request,
    hub: Hub,
    language: Language,
    account: Governs,
    who: Who,
    disabled: Annotated[bool, Form()],
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Out at once, or in again."""
    await _found(hub, id, account)
    try:
        await asyncio.to_thread(hub.people.accounts.disable, id, disabled, who, reason)
    except AccountError as error:
        return await _one(request, hub, language, account, id, error.key)
    return _back(id)


@router.post("/people/{id}/link", response_class=HTMLResponse)
async def link(
    id: int, request: Request, hub: Hub, language: Language, account: Governs, who: Who
) -> Response:
    """A link by which this person chooses a new password."""
    found = await _found(hub, id, account)
    if found.disabled:
        return await _one(request, hub, language, account, id, "person_disabled_why")
    return await _link(request, hub, language, account, found.account, who)


@router.post("/people/{id}/log-out")
async def log_out(id: int, hub: Hub, account: Governs, who: Who) -> Response:
    """End every session of this person."""
    found = await _found(hub, id, account)
    await asyncio.to_thread(hub.people.sessions.end_all, found.account, who)
    return _back(id)


@router.post("/people/{id}/second-factor/off")
async def second_factor_off(id: int, hub: Hub, account: Governs, who: Who) -> Response:
    """For whoever has lost phone and paper."""
    found = await _found(hub, id, account)
    await asyncio.to_thread(hub.people.second_factor.turn_off, found.account, who)
    return _back(id)


@router.post("/people/{id}/contacts", response_class=HTMLResponse)
async def add_contact(
    id: int,
    request: Request,
    hub: Hub,
    language: Language,
    account: Governs,
    who: Who,
    new: Annotated[NewContact, Depends()],
) -> Response:
    """One more way to this person."""
    found = await _found(hub, id, account)
    try:
        await reaching.add(hub, found.account, new, who)
    except AccountError as error:
        return await _one(request, hub, language, account, id, error.key)
    return _back(id)


@router.post("/people/{id}/contacts/{contact}/remove")
async def remove_contact(id: int, contact: int, hub: Hub, account: Governs, who: Who) -> Response:
    """Call there no more."""
    await _found(hub, id, account)
    found = await reaching.mine(hub, id, contact)
    await asyncio.to_thread(hub.people.contacts.remove, found.id, who)
    return _back(id)


@router.post("/people/{id}/contacts/{contact}/quiet", response_class=HTMLResponse)
async def quiet(
    id: int,
    contact: int,
    request: Request,
    hub: Hub,
    language: Language,
    account: Governs,
    who: Who,
    hours: Annotated[Quiet, Depends()],
) -> Response:
    """When it is not to ring."""
    await _found(hub, id, account)
    try:
        await reaching.set_quiet(hub, id, contact, hours, who)
    except AccountError as error:
        return await _one(request, hub, language, account, id, error.key)
    return _back(id)


@router.post("/people/{id}/drill", response_class=HTMLResponse)
async def drill(
    id: int, request: Request, hub: Hub, language: Language, account: Governs, who: Who
) -> Response:
    """Have every contact of this person rung, as an incident would."""
    found = await _found(hub, id, account)
    try:
        return RedirectResponse(await reaching.drill(hub, found.account, who), 303)
    except AccountError as error:
        return await _one(request, hub, language, account, id, error.key)


async def _found(hub: Context, id: int, asks: Account) -> Person:
    """Raises HTTPException, 404, where there is none of whom this account may know."""
    person = await asyncio.to_thread(hub.people.accounts.person, id) if id < 2**63 else None
    if person is None or not asks.governs(person.account):
        raise HTTPException(404, "No such person.")
    return person


async def _list(
    request: Request,
    hub: Context,
    language: str,
    account: Account,
    fault: str = "",
    name: str = "",
    place: Place | None = None,
) -> Response:
    """fault: key of its words; name, place: what was typed and chosen."""
    everybody = await asyncio.to_thread(hub.people.accounts.governed_by, account)
    reached = await asyncio.to_thread(hub.people.contacts.everybody)
    channels: dict[int, list[str]] = {}
    for contact in reached:
        channels.setdefault(contact.account, []).append(contact.channel)
    texts = hub.texts[language]
    return page(
        "people.html",
        *(request, hub, language, account, 422 if fault else 200),
        people=everybody,
        channels=channels,
        roles=list(ROLES),
        squares=_squares(hub, account),
        districts=await _districts(hub, account),
        district=place.belongs(account) if place else None,
        fault=texts[fault] if fault else "",
        named=name,
        display=place.display if place else "",
        role=place.role if place else "leader",
        where=place.where if place else [],
    )


async def _one(
    request: Request, hub: Context, language: str, account: Account, id: int, fault: str = ""
) -> Response:
    found = await _found(hub, id, account)
    # those that were given and have no unit any more stand in the list too
    squares = sorted({*_squares(hub, account), *(found.chosen or ())}, key=natural)
    if account.district:
        squares = [one for one in squares if account.may("see", one)]
    return page(
        "person.html",
        *(request, hub, language, account, 422 if fault else 200),
        person=found,
        one=found.account,
        roles=list(ROLES),
        squares=squares,
        districts=await _districts(hub, account),
        sessions=len(await asyncio.to_thread(hub.people.sessions.of, id)),
        ways=await reaching.ways(request, hub, id),
        only_here=reaching.only_here(request),
        fault=hub.texts[language][fault] if fault else "",
    )


def _squares(hub: Context, account: Account) -> list[str]:
    return [name for name in hub.square_names() if account.may("people", name)]


async def _districts(hub: Context, account: Account) -> list[District]:
    """Those that may be chosen."""
    if not account.may("districts"):
        return []
    return await asyncio.to_thread(hub.people.districts.all)


async def _link(
    request: Request, hub: Context, language: str, account: Account, owner: Account, who: By
) -> Response:
    """The page that shows a new link, this once."""
    secret = await asyncio.to_thread(hub.people.tickets.make, PASSWORD, owner, who)
    address = f"{request.url.scheme}://{request.url.netloc}/welcome/{secret}"
    return page(
        "invitation.html",
        *(request, hub, language, account),
        owner=owner,
        link=address,
        qr=qr_code(address),
        only_here=reaching.only_here(request),
    )


def _back(id: int) -> Response:
    return RedirectResponse(f"/people/{id}", 303)
