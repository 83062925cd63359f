"""Webhooks with signature: a message a fact, by Standard Webhooks 1.0.0.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from noisetamer.hub.forward import http
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import (
    REQUIRED,
    Around,
    Asked,
    Format,
    Key,
    Refused,
    Sent,
    Unreachable,
)
from noisetamer.hub.forward.http import LONGEST_WAIT, Answer, Http
from noisetamer.hub.forward.plain import moment, plain

WANTS: Sequence[str] = ("event", "incident")
KEYS: Mapping[str, Key] = {
    **http.KEYS,
    "secret_file": Key("secret", REQUIRED, what="whsec_ and 24 to 64 random bytes in base64"),
    "old_secret_file": Key("secret", "", what="the one before, while receivers change over"),
}

PREFIX = "whsec_"
_GONE = 410


def judge(keys: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(key, what is wrong)]."""
    secrets = ("secret_file", "old_secret_file")
    wrong = [key for key in secrets if keys[key] and key_of(keys[key]) is None]
    why = "holds no whsec_ and 24 to 64 bytes in base64; `openssl rand -base64 32` makes them"
    return [*http.judge(keys), *((key, why) for key in wrong)]


def make(asked: Asked, around: Around) -> "Webhook":
    return Webhook(asked, around)


class Webhook(Format):
    def __init__(self, asked: Asked, around: Around) -> None:
        secrets = (asked.keys["secret_file"], asked.keys["old_secret_file"])
        self._keys = [key for key in map(key_of, secrets) if key]
        self._clock = around.clock
        self._time = asked.timeout / 2
        self._http = Http(asked, around, {"Content-Type": "application/json"})

    async def send(self, facts: Sequence[Fact]) -> Sent:
        """A message a fact, one after the other; those for which the time suffices."""
        refused: dict[int, str] = {}
        end = time.monotonic() + self._time
        for place, fact in enumerate(facts):
            try:
                self._judge(await self._post(*message(fact)))
            except Refused as error:
                refused[place] = str(error)
            except Unreachable as error:
                whole = min(refused, default=place)
                raise Unreachable(str(error), whole, error.after) from None
            if time.monotonic() > end:
                return Sent(place + 1 - len(refused), refused, done=place + 1)
        return Sent(len(facts) - len(refused), refused)

    async def check(self) -> str:
        """A message of the type `noise.test`."""
        now = self._clock()
        body = _body("noise.test", moment(now), {})
        self._judge(await self._post(f"test_{int(now)}", body))
        return f"{self._http.url.host} takes what is sent."

    async def close(self) -> None:
        await self._http.close()

    def _judge(self, answer: Answer) -> None:
        """Success is any 2xx (Delivery success and failure)."""
        if answer.status == _GONE:
            raise Unreachable(
                f"{self._http.url.host} wants no more of these (410): take it out of the file.",
                after=LONGEST_WAIT,
            )
        self._http.refuse_unless(answer, *range(200, 300))

    async def _post(self, id: str, body: bytes) -> Answer:
        """The time is that of this attempt, the id that of the message."""
        at = int(self._clock())
        return await self._http.ask(
            "POST",
            content=body,
            headers={
                "webhook-id": id,
                "webhook-timestamp": str(at),
                "webhook-signature": " ".join(signature(key, id, at, body) for key in self._keys),
            },
        )


def message(fact: Fact) -> tuple[str, bytes]:
    """(its id, its body). The id stays the same however often it is sent; a correction of what
    was told before has the key of that and an id of its own.
    """
    told = plain(fact)
    kind = f"{fact.kind}.{fact.what}" if fact.what else fact.kind
    body = _body(f"noise.{_type(kind)}", moment(fact.until), told)
    return f"msg_{hashlib.sha256(body).hexdigest()[:32]}", body


def key_of(secret: str) -> bytes | None:
    """Of a `whsec_` secret; None where it is none."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if 24 <= len(key) <= 64 else None


def signature(key: bytes, id: str, at: int, body: bytes) -> str:
    """As in `webhook-signature`: symmetric, v1."""
    signed = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _body(kind: str, at: str, data: Mapping[str, object]) -> bytes:
    told = {"type": kind, "timestamp": at, "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _type(kind: str) -> str:
    """Event types are of letters, digits, _ and full stops."""
    return "".join(sign if sign.isalnum() or sign == "." else "_" for sign in kind)
