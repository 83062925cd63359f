"""Passwords: argon2id, a few at once."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from noisetamer.base.errors import UserError

# RFC 9106, section 4, second recommended option (where 2 GiB are too much): 64 MiB a hash.
PASSES, LANES, MEMORY_KIB = 3, 4, 65_536
# So many at a time, whoever asks: 128 MiB, and cores are left for ingest.
AT_ONCE = 2
# More wait than this: the next one is told to come again.
WAITING = 40

# NIST SP 800-63B-4, 3.1.1.2: length, not composition; a longest one, since each is hashed.
SHORTEST, LONGEST = 10, 200
_COMMON = {
    *("1234567890", "12345678910", "123456789012", "0123456789", "9876543210", "1q2w3e4r5t"),
    *("qwertyuiop", "qwerty1234", "qwerty12345", "asdfghjkl1", "1qaz2wsx3edc", "abcdefghij"),
    *("password12", "password123", "password1234", "passw0rd123", "password1!", "admin12345"),
    *("adminadmin", "administrator", "administrator1", "woaini1314", "woaini5201314"),
    "a123456789",
    *("iloveyou12", "letmein123", "welcome123", "noisetamer", "noise tamer", "noisetamer1"),
}

_T = TypeVar("_T")


class BusyError(Exception):
    """Too many passwords are being looked at."""


class Passwords:
    """Hashes and verifies beside the event loop."""

    def __init__(
        self, passes: int = PASSES, lanes: int = LANES, memory_kib: int = MEMORY_KIB
    ) -> None:
        self._hasher = PasswordHasher(passes, memory_kib, lanes, type=Type.ID)
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")
        self._waiting = 0
        self.looked_at = 0
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """What is kept of it: parameters, salt and hash in one text (PHC string format).

        Raises BusyError.
        """
        return await self._beside(self.hash_now, password)

    def hash_now(self, password: str) -> str:
        """The same, in the caller's thread."""
        return self._hasher.hash(_normal(password))

    async def right(self, kept: str, password: str) -> bool:
        """Whether it is the one; as slow for '' (nobody's) as for any. Raises BusyError."""
        return await self._beside(self._right, kept, password)

    def outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters: at the next login it is made anew."""
        return self._hasher.check_needs_rehash(kept)

    def _right(self, kept: str, password: str) -> bool:
        self.looked_at += 1
        if not kept and not self._nobodys:
            self._nobodys = self._hasher.hash("nobody's password")
        try:
            self._hasher.verify(kept or self._nobodys, _normal(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
        return kept != ""

    async def _beside(self, what: Callable[..., _T], *words: str) -> _T:
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, what, *words)
        finally:
            self._waiting -= 1


def refuse_weak(password: str, name: str) -> None:
    """Raises WeakError for one that would be guessed. name: of the account."""
    plain = _normal(password).casefold()
    if not SHORTEST <= len(plain) <= LONGEST:
        raise WeakError("password_length")
    if plain in _COMMON or len(set(plain)) < 4 or plain.replace(name.casefold(), "").strip() == "":
        raise WeakError("password_common")


class WeakError(UserError):
    """A password that would be guessed. key: of the words that say so."""

    def __init__(self, key: str) -> None:
        said = {
            "password_length": f"A password has {SHORTEST} to {LONGEST} characters.",
            "password_common": "This password is among the first that are tried: take another.",
        }
        super().__init__(said[key])
        self.key = key


def _normal(password: str) -> str:
    """The same from every keyboard (NIST SP 800-63B-4, 3.1.1.2: NFKC or NFKD)."""
    return unicodedata.normalize("NFKC", password)
