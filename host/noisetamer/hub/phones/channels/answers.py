"""What services say, and what it means: most answer HTTP 200 whatever became of a message. Pure.

Sources: developer.work.weixin.qq.com/document/path/91770 (group robot), /90313 (error codes);
open.dingtalk.com custom robots; open.feishu.cn custom bots; sct.ftqq.com; Bark's and ntfy's own
servers. A code that is not here is believed to be a refusal.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.phones.channels.channel import Result

MINUTE = 60.0


@dataclass(frozen=True)
class Heard:
    """What came back for one request. status: HTTP's; 0: nothing came, then `fault` says whether
    the request had left: "unreachable" (it had not) or "silent" (it had).
    """

    method: str
    status: int
    text: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Service:
    """How one service answers, and what it takes.

    code, words: the fields of its answer, the first that is there; well: the codes of success;
    none: HTTP's status is all it says; busy: codes that say "later", with s to wait; why: codes
    that a person can do something about; most_bytes: UTF-8 of a text, longer is refused or cut;
    a_minute: messages it takes.
    """

    name: str
    code: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    well: frozenset[int] = frozenset()
    busy: Mapping[int, float] = field(default_factory=dict)
    why: Mapping[int, str] = field(default_factory=dict)
    most_bytes: int = 4000
    a_minute: int = 60


_WECOM_BUSY = {45009: MINUTE, 45033: MINUTE, -1: 2.0}
_FEISHU = Service(
    "飞书",
    ("code", "StatusCode"),
    ("msg", "StatusMessage"),
    frozenset({0}),
    {11232: 10.0, 11233: 10.0, 99991400: 10.0},
    {19001: "key", 19021: "signature", 19022: "address", 19024: "keyword", 9499: "form"},
    most_bytes=20_000,
    a_minute=100,
)
_BARK = Service(
    "Bark",
    ("code",),
    ("message",),
    frozenset({200}),
    {},
    {400: "device"},
    # all of a push to an iPhone is 4 KB (APNs)
    most_bytes=2_500,
)
_NTFY = Service("ntfy", ("code",), ("error",), most_bytes=4_096)
_MAIL = Service("e-mail", most_bytes=100_000)
_WEBHOOK = Service("webhook", most_bytes=100_000, a_minute=600)

SERVICES: dict[str, Service] = {
    "wecombot": Service(
        "企业微信机器人",
        ("errcode",),
        ("errmsg",),
        frozenset({0}),
        _WECOM_BUSY,
        {93000: "key", 40058: "long", 93008: "address"},
        most_bytes=2_048,
        a_minute=20,
    ),
    "wechat": Service(
        "企业微信应用",
        ("errcode",),
        ("errmsg",),
        frozenset({0}),
        # a token that has run out: the next attempt asks for another
        {**_WECOM_BUSY, 40014: 0.0, 42001: 0.0},
        {
            40001: "key",
            40013: "key",
            40091: "key",
            60020: "address",
            81013: "member",
            82001: "member",
            40003: "member",
            301002: "member",
            40058: "long",
        },
        most_bytes=2_048,
        a_minute=30,
    ),
    "dingtalk": Service(
        "钉钉",
        ("errcode",),
        ("errmsg",),
        frozenset({0}),
        # over 20 a minute it takes nothing for ten
        {130101: 10 * MINUTE, -1: 2.0},
        {310000: "keyword", 300001: "key", 300005: "key", 40035: "form"},
        most_bytes=20_000,
        a_minute=20,
    ),
    "feishu": _FEISHU,
    "lark": _FEISHU,
    "schan": Service(
        "Server酱",
        ("code", "errno"),
        ("message", "info", "errmsg"),
        frozenset({0}),
        {},
        {40001: "key_or_quota", 20001: "long"},
        most_bytes=30_000,
        a_minute=10,
    ),
    "pushplus": Service(
        "PushPlus",
        ("code",),
        ("msg",),
        frozenset({200}),
        {},
        {900: "key_or_quota", 903: "key", 905: "key_or_quota"},
        most_bytes=20_000,
        a_minute=10,
    ),
    "bark": _BARK,
    "barks": _BARK,
    "ntfy": _NTFY,
    "ntfys": _NTFY,
    "mailto": _MAIL,
    "mailtos": _MAIL,
    "json": _WEBHOOK,
    "jsons": _WEBHOOK,
    "form": _WEBHOOK,
    "forms": _WEBHOOK,
}
"""{scheme of an apprise address: the service behind it}"""


def judge(service: Service, heard: Sequence[Heard]) -> Result:
    """What became of a message, by all that came back while it was sent."""
    if not heard:
        return Result("unknown", "unreachable", again=True)
    results = [(each, _one(service, each)) for each in heard]
    # a token that was asked for first is no message
    taken = [
        result
        for each, result in results
        if result.state == "delivered" and each.method in ("POST", "PUT")
    ]
    refused = [result for _, result in results if result.state != "delivered"]
    if taken and not refused:
        return taken[-1]
    if taken:
        return Result("delivered", f"partly: {refused[-1].detail}")
    return refused[-1] if refused else Result("unknown", "unreadable")


def _one(service: Service, heard: Heard) -> Result:
    if heard.status == 0:
        # one that had left may have arrived; another attempt may ring twice, none not at all
        return Result("unknown", heard.fault, again=True)
    answer = _fields(heard.text)
    code = _code(service, answer)
    if heard.status == 429 or code in service.busy:
        after = service.busy.get(code if code is not None else 0, MINUTE)
        return Result("refused", _said(service, heard, answer, code, "busy"), True, after)
    if heard.status >= 500:
        return Result("unknown", _said(service, heard, answer, code, "ill"), again=True)
    if not service.well:
        if 200 <= heard.status < 300:
            return Result("delivered", service.name)
        return Result("refused", _said(service, heard, answer, code, "no"))
    if code is None:
        if heard.status >= 400:
            return Result("refused", _said(service, heard, answer, code, "no"))
        # somebody else answers: a login page of the network, a proxy
        return Result("unknown", "unreadable", again=True)
    if code not in service.well:
        why = service.why.get(code, "no")
        return Result("refused", _said(service, heard, answer, code, why))
    if answer.get("invaliduser") or answer.get("invalidparty"):
        return Result("refused", _said(service, heard, answer, code, "member"))
    return Result("delivered", service.name)


def _fields(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _code(service: Service, answer: dict[str, Any]) -> int | None:
    for name in service.code:
        value = answer.get(name)
        if isinstance(value, int) or (isinstance(value, str) and value.lstrip("-").isdecimal()):
            return int(value)
    return None


def _said(
    service: Service, heard: Heard, answer: dict[str, Any], code: int | None, why: str
) -> str:
    """As a key of the words, and what a person who looks it up needs."""
    words = next((str(answer[name]) for name in service.words if answer.get(name)), "")
    number = f"HTTP {heard.status}" if code is None else str(code)
    return f"{why}: {service.name} {number} {' '.join(words.split())[:120]}".rstrip()
