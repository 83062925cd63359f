"""ntfy's subscribe protocol, as its phone app speaks it. Pure.

Source: docs.ntfy.sh/subscribe/api, /publish. Only the hub's own messages are served; whoever
knows a topic reads it, so a topic is 128 random bits.
"""

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from noisetamer.hub.phones.postbox import Kept

KEEPALIVE_SECONDS = 45.0
"""As ntfy's own server; its app takes a connection for dead after 77 s."""

TOPIC = r"[a-z2-7]{26}"
"""As `people.contacts` makes them. They stand at the root of the hub's address, beside its pages
(none is called so): links of the app, ntfy://host/topic, know no path before the topic."""

TOPICS = rf"{TOPIC}(?:,{TOPIC})*"
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_ID = re.compile(r"[-_A-Za-z0-9]{12}")
_TRUE = ("1", "yes", "true")


@dataclass(frozen=True)
class Since:
    """From where on a subscriber wants what was sent before. kind: "none", "all", "latest",
    "id" or "time" (Unix s).
    """

    kind: str
    id: str = ""
    time: float = 0.0


def since(text: str, poll: bool, now: float) -> Since:
    """What `since=` asks for. Without a word: nothing, or all where it polls.

    Raises ValueError.
    """
    if not text:
        return Since("all" if poll else "none")
    if text in ("all", "none", "latest"):
        return Since(text)
    if text.isdecimal() and len(text) < 16:
        return Since("time", time=float(text))
    if _DURATION.fullmatch(text):
        ago = sum(float(n) * _SECONDS[unit] for n, unit in _PART.findall(text))
        return Since("time", time=now - ago)
    if _ID.fullmatch(text):
        return Since("id", id=text)
    raise ValueError(text)


def is_true(text: str) -> bool:
    """Of a query's switch, as in `poll=1`."""
    return text.lower() in _TRUE


def control(event: str, topics: str, t: float) -> dict[str, Any]:
    """The object of an `open` or `keepalive` line."""
    id = secrets.token_urlsafe(9)
    return {"id": id, "time": int(t), "event": event, "topic": topics}


def message(kept: Kept) -> dict[str, Any]:
    """The object of a message."""
    return {
        "id": kept.id,
        "time": int(kept.t),
        "event": "message",
        "topic": kept.topic,
        **kept.body,
    }


def as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def as_sse(told: dict[str, Any]) -> str:
    """Server-sent events: a message has no event name, so `onmessage` hears it."""
    name = "" if told["event"] == "message" else f"event: {told['event']}\n"
    return f"{name}data: {as_json(told)}\n"


def as_raw(told: dict[str, Any]) -> str:
    """Only the text, a message a line; an empty line for all else."""
    return told.get("message", "").replace("\n", " ") + "\n"


def as_ws(told: dict[str, Any]) -> str:
    return as_json(told).rstrip("\n")


FORMS = {
    "json": (as_json, "application/x-ndjson; charset=utf-8"),
    "sse": (as_sse, "text/event-stream; charset=utf-8"),
    "raw": (as_raw, "text/plain; charset=utf-8"),
}


def error(code: int, http: int, words: str) -> dict[str, Any]:
    """As ntfy's server says it; the app shows `error`."""
    return {"code": code, "http": http, "error": words}
