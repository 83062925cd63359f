"""The hub's phones, for the routes that need them."""

from typing import Annotated

from fastapi import Depends, Request

from noisetamer.hub.phones.phones import Phones
from noisetamer.hub.web.context import Context


async def _phones(request: Request) -> Phones:
    return request.app.state.phones


def called(hub: Context, name: str) -> str:
    """What people call whoever has an account of that name; blocks."""
    person = hub.people.accounts.named(name)
    return (person.account.display if person else "") or name


PhonesOf = Annotated[Phones, Depends(_phones)]
