"""Accounts and logins for tests, made in the hub's data folder as the hub itself makes them."""

from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from waiting import DEADLINE

from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.web.guard import cookie_name


class LoggedIn(httpx.Client):
    """A program that has logged in, and sends with each change the word of its session."""

    def __init__(self, url: str, secret: str, **options: Any) -> None:
        """url: the hub's; secret: of `log_in`."""
        if url.startswith("http:"):
            options.setdefault("verify", False)  # to read all authorities takes 20 ms
        super().__init__(
            base_url=url,
            cookies={cookie_name(httpx.URL(url).scheme): secret},
            headers={"X-CSRF": csrf_of(secret)},
            timeout=DEADLINE,
            **options,
        )


def log_in(
    data: Path | People,
    role: str = "admin",
    squares: Collection[str] | None = None,
    name: str = "",
) -> str:
    """The secret of a new session of the account of this name, which is made where it is
    missing: value of the cookie "session"."""
    if isinstance(data, Path):
        with closing(People(data / "people.sqlite")) as people:
            return log_in(people, role, squares, name)
    people = data
    name = name or " ".join([f"a {role}", *sorted(squares or ())])
    person = people.accounts.named(name)
    account = person.account if person else people.accounts.add(name, role, HUB, squares=squares)
    return people.sessions.begin(account.id, HUB)
