"""The hub's phones, for the routes that need them."""

from typing import Annotated

from fastapi import Depends, Request

from noisetamer.hub.phones.phones import Phones


async def _phones(request: Request) -> Phones:
    return request.app.state.phones


PhonesOf = Annotated[Phones, Depends(_phones)]
