"""How a person is reached: the forms that /me and /people/… share."""

import asyncio
import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, HTTPException, Request

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents.incident import LIVING
from noisetamer.hub.people import page_address
from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.contacts import CHANNELS, Contact
from noisetamer.hub.people.roles import Account
from noisetamer.hub.phones.channels import services
from noisetamer.hub.web.context import Context
from noisetamer.hub.web.qr import qr_code
from noisetamer.hub.words.i18n import Texts

_OF_FORMS = tuple(channel for channel in CHANNELS if channel != "web-push")
"""A push subscription is made by the browser that gets it."""

_PUSH = ("insecure", "home_screen", "unable", "denied", "no_service", "failed")

MOST_DRILLS = 5
"""Of one person at a time; each ends by itself after a quarter of an hour. More would bury what
goes on in the list of incidents, and a service that rings would take the hub for a pest."""


@dataclass(frozen=True)
class Quiet:
    """A form's fields: when a contact is not to ring."""

    quiet_from: Annotated[str, Form(max_length=5)] = ""
    quiet_to: Annotated[str, Form(max_length=5)] = ""


@dataclass(frozen=True)
class NewContact(Quiet):
    """A form's fields."""

    channel: Annotated[str, Form(max_length=20)] = ""
    address: Annotated[str, Form(max_length=5000)] = ""


@dataclass(frozen=True)
class Way:
    """A contact as the page shows it. server, link: where ntfy's app subscribes, and by which
    link; qr: of that link, SVG; "" of the other channels."""

    contact: Contact
    address: str
    server: str = ""
    link: str = ""
    qr: str = ""


async def ways(request: Request, hub: Context, account: int) -> list[Way]:
    """All contacts of an account."""
    contacts = await asyncio.to_thread(hub.people.contacts.of, account)
    return [way(request, contact) for contact in contacts]


async def add(hub: Context, account: Account, new: NewContact, who: By) -> None:
    """Raises AccountError for what is no contact."""
    if new.channel not in _OF_FORMS:
        raise AccountError("no_channel", "There is no such channel.")
    if new.channel == "apprise":
        try:
            await asyncio.to_thread(services.checked, new.address.strip())
        except UserError as error:
            raise AccountError("no_service", str(error)) from None
    await asyncio.to_thread(
        hub.people.contacts.add,
        *(account.id, new.channel, who, new.address, new.quiet_from, new.quiet_to),
    )


async def drill(hub: Context, account: Account, who: By) -> str:
    """Have every contact of the account rung once; where what becomes of it is seen: of the last
    one, where MOST_DRILLS go on already.

    Raises AccountError where the hub has no square yet.
    """
    own = [one for one in hub.square_names() if account.squares is None or one in account.squares]
    if not own:
        raise AccountError("drill_nowhere", "There is no square to tell of yet.")
    going_on = await asyncio.to_thread(
        lambda: [
            one
            for one in hub.incidents.list(kinds=["drill"], states=LIVING, most=1000)
            if one.what == account.name
        ]
    )
    if len(going_on) >= MOST_DRILLS:
        return f"/incidents/{going_on[0].id}"
    incident = await asyncio.to_thread(
        hub.incidents.drill, own[0], account.name, who.name, hub.people.clock(), "", who.ip
    )
    return f"/incidents/{incident.id}"


async def set_quiet(hub: Context, account: int, id: int, quiet: Quiet, who: By) -> None:
    """Raises AccountError for what is no time, HTTPException for another's contact."""
    contact = await mine(hub, account, id)
    await asyncio.to_thread(
        hub.people.contacts.quiet, contact.id, quiet.quiet_from, quiet.quiet_to, who
    )


async def mine(hub: Context, account: int, id: int) -> Contact:
    """A contact of this account. Raises HTTPException, 404, for any other."""
    contact = await asyncio.to_thread(hub.people.contacts.one, id)
    if contact is None or contact.account != account:
        raise HTTPException(404, "No such contact.")
    return contact


def push_words(texts: Texts) -> str:
    """What the button of Web Push says, for its script."""
    return json.dumps({key: texts[f"push_{key}"] for key in _PUSH})


def only_here(request: Request) -> bool:
    """Whether the address by which this page was opened works on this computer only."""
    return is_this_computer(request.url.hostname or "")


def is_this_computer(host: str) -> bool:
    """Whether a name or address means the computer that asks."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def for_phones(request: Request, data: Path) -> str:
    """Where phones reach this hub, without a slash at its end: as it noted in its folder, or,
    where that is of no use to a phone, as this page was opened."""
    noted = page_address.noted(data).rstrip("/")
    if not noted or is_this_computer(urlsplit(noted).hostname or ""):
        return str(request.base_url).rstrip("/")
    return noted


def way(request: Request, contact: Contact) -> Way:
    """One contact."""
    if contact.channel == "web-push":
        # the subscription itself is of no use to a person, and opens the person's browser
        return Way(contact, "")
    if contact.channel == "apprise":
        return Way(contact, _hidden(contact.address))
    if contact.channel != "ntfy":
        return Way(contact, contact.address)
    url = request.url
    place, secure = url.netloc, "" if url.scheme == "https" else "?secure=false"
    link = f"ntfy://{place}/{contact.address}{secure}"
    return Way(contact, contact.address, f"{url.scheme}://{place}", link, qr_code(link))


def _hidden(address: str) -> str:
    """An apprise URL holds tokens: its beginning tells which it is."""
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{rest[:4]}…" if mark else f"{address[:8]}…"
