"""The logins of cameras, apart from their settings: never shown, never in a version kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from noisetamer.base import database
from noisetamer.base.errors import UserError

LONGEST = 128


@dataclass(frozen=True)
class Login:
    """What a camera wants to hear."""

    user: str
    password: str = field(repr=False)


class Logins:
    """One a square, in a file that only its owner can read: the hub asks cameras by itself, so
    they cannot be locked with a password of somebody.
    """

    def __init__(self, open: Callable[[], AbstractContextManager[database.Connection]]) -> None:
        """open: the album's file."""
        self._open = open

    def of(self, square: str) -> Login | None:
        with self._open() as connection:
            row = connection.execute(
                "SELECT user, password FROM login WHERE square=?", (square,)
            ).fetchone()
        return Login(*row) if row else None

    def put(self, square: str, login: Login | None) -> None:
        """None: forget it. Raises UserError for what no camera takes."""
        if login:
            check(login)
        with self._open() as connection:
            if login is None:
                connection.execute("DELETE FROM login WHERE square=?", (square,))
                return
            connection.execute(
                "INSERT INTO login VALUES(?,?,?) ON CONFLICT(square) DO UPDATE SET"
                " user=excluded.user, password=excluded.password",
                (square, login.user, login.password),
            )


def check(login: Login) -> None:
    """Raises UserError for what no camera takes."""
    for name, text in (("user", login.user), ("password", login.password)):
        if len(text) > LONGEST or not text.isprintable():
            raise UserError(
                f"The {name} of the camera is longer than {LONGEST} signs, or has signs "
                "that nobody can type: give the one the camera was set up with."
            )
    if not login.user or ":" in login.user:
        raise UserError(
            "The user of the camera is empty or has a colon: give the one the camera was "
            "set up with."
        )
