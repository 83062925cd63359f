"""What the manager lets everybody see of a square: a setting, off until somebody turns it on."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from noisetamer.base.errors import UserError

SETTING = "public"

_LONGEST = 200


@dataclass(frozen=True)
class Public:
    """on: whether there is a page at all; button: and "too loud now" on it; ask: whom to ask, as
    residents read it; cure: which of the advice the square has followed, "" none; since: from
    which day on, None without one."""

    on: bool = False
    button: bool = True
    ask: str = ""
    cure: str = ""
    since: date | None = None

    def body(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "since": self.since.isoformat() if self.since else None}


OFF = Public()


def read(body: Mapping[str, Any] | None) -> Public:
    """Of what `Public.body` made; None: off."""
    if body is None:
        return OFF
    since = body.get("since")
    return Public(**{**body, "since": date.fromisoformat(since) if since else None})


def checked(public: Public, cures: Iterable[str], today: date) -> Public:
    """The same. Raises UserError."""
    if len(public.ask) > _LONGEST:
        raise UserError(f"who to ask: is longer than {_LONGEST} characters; shorten it")
    if public.on and not public.ask.strip():
        raise UserError("say who answers questions: a page for everybody names somebody to ask")
    if public.cure and public.cure not in cures:
        raise UserError(f"{public.cure}: is none of the advice")
    if bool(public.cure) != (public.since is not None):
        raise UserError("what was done and since which day belong together: give both, or neither")
    if public.since is not None and public.since > today:
        raise UserError(f"{public.since}: is in the future; say it when it is done")
    return public


@lru_cache(100_000)
def code_of(name: str) -> str:
    """The short code of a square's page, or of a box's: the same for ever, so that a printed QR
    holds; no secret. 8 letters and digits."""
    digest = hashlib.sha256(f"noisetamer public {name}".encode()).digest()
    return base64.b32encode(digest)[:8].decode().lower()
