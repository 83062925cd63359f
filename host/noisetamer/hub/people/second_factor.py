"""A code from the phone besides the password (TOTP, RFC 6238), and codes on paper for its loss."""

import secrets
import time
from collections.abc import Callable

from pyotp import random_base32
from pyotp.totp import TOTP

from noisetamer.hub.people import audit
from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.file import PeopleFile
from noisetamer.hub.people.roles import Account
from noisetamer.hub.people.secrets_kept import kept, same

STEP = 30
# Clocks differ: the code before and the one after are taken too (RFC 6238, 5.2).
AROUND = 1
RECOVERY_CODES = 10
ISSUER = "Noise Tamer"


class SecondFactor:
    """The secrets in the register; they cannot be hashed, a code is computed of them."""

    def __init__(
        self,
        file: PeopleFile,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = file
        self._changed = changed
        self._clock = clock

    def turn_on(self, account: Account, secret: str, code: str, by: By) -> list[str]:
        """With a secret just shown to its owner, who proves by a code to have it.

        The recovery codes, told this once; [] where the code is wrong. Raises AccountError where
        there is one: whoever finds a session open must not lock its owner out by another.
        """
        step = _step_of(secret, code, self._clock(), 0)
        if not step:
            return []
        alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
        codes = [
            "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
            for _ in range(RECOVERY_CODES)
        ]
        with self._file.writing() as connection:
            changed = connection.execute(
                "UPDATE account SET totp=?, totp_step=? WHERE id=? AND totp=''",
                (secret, step, account.id),
            ).rowcount
            if not changed:
                raise AccountError("second_factor_is_on", "There is one already: turn it off.")
            connection.execute("DELETE FROM recovery WHERE account=?", (account.id,))
            connection.executemany(
                "INSERT INTO recovery VALUES(?,?)",
                [(_kept(account, code), account.id) for code in codes],
            )
            audit.append(connection, self._clock(), by, "second_factor_on", account.name)
        self._changed()
        return codes

    def turn_off(self, account: Account, by: By) -> None:
        """The password alone is enough again."""
        with self._file.writing() as connection:
            connection.execute("UPDATE account SET totp='' WHERE id=?", (account.id,))
            connection.execute("DELETE FROM recovery WHERE account=?", (account.id,))
            audit.append(connection, self._clock(), by, "second_factor_off", account.name)
        self._changed()

    def wanted(self, account: int) -> bool:
        """Whether a code is asked for."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT totp FROM account WHERE id=?", (account,)).fetchone()
        return bool(row and row[0])

    def right(self, account: Account, code: str, by: By) -> bool:
        """Whether this is a code; one that was taken is never taken again."""
        code = "".join(code.split()).lower()
        with self._file.writing() as connection:
            secret, last = connection.execute(
                "SELECT totp, totp_step FROM account WHERE id=?", (account.id,)
            ).fetchone()
            if step := _step_of(secret, code, self._clock(), last):
                connection.execute("UPDATE account SET totp_step=? WHERE id=?", (step, account.id))
                return True
            used = connection.execute(
                "DELETE FROM recovery WHERE hash=? AND account=?",
                (_kept(account, code), account.id),
            ).rowcount
            if used:
                audit.append(connection, self._clock(), by, "recovery_code_used", account.name)
        return used > 0


def new_second_factor() -> str:
    """A secret to show: 160 bits in base 32 (RFC 4226, R6)."""
    return random_base32()


def address(account: Account, secret: str, place: str) -> str:
    """What the QR code says, as authenticator apps read it. place: the hub's host."""
    return TOTP(secret, name=account.name, issuer=f"{ISSUER} {place}").provisioning_uri()


def _step_of(secret: str, code: str, now: float, last: int) -> int:
    """Which step's code it is, of those around now and after the last one taken; 0: of none."""
    if not secret:
        return 0
    totp = TOTP(secret)
    here = int(now) // STEP
    for step in range(here - AROUND, here + AROUND + 1):
        if step > last and same(totp.generate_otp(step), code):
            return step
    return 0


def _kept(account: Account, code: str) -> bytes:
    return kept(f"{account.id} {code.replace('-', '')}")
