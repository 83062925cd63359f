"""Who asks, and whether they may: what every route depends on."""

from collections.abc import Awaitable, Callable

from fastapi import HTTPException

from noisetamer.hub.people.roles import EVERYTHING, PERMISSIONS, Account


def may(permission: str) -> Callable[[], Awaitable[Account]]:
    """The dependency of a route: the account that asks, which has this permission somewhere.

    A route that concerns a square asks `require` besides. Raises HTTPException, 403.
    """
    assert permission in PERMISSIONS, permission

    async def account() -> Account:
        require(EVERYTHING, permission)
        return EVERYTHING

    return account


def require(account: Account, permission: str, square: str | None = None) -> None:
    """Raises HTTPException, 403, unless the account may do that, in that square."""
    if not account.may(permission, square):
        raise HTTPException(403, "not allowed")
