"""Chats, mail and webhooks: what each cuts, refuses, or answers 200 to and never delivers."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from chat_services import GOOD, MailServer, Services, chat_services

from noisetamer.base.errors import UserError
from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels import this_computer
from noisetamer.hub.phones.channels.channel import Parcel, Result
from noisetamer.hub.phones.channels.services import ServiceChannel, checked
from noisetamer.hub.phones.message import RING, Message

LINK = "https://hub.example/a/" + "t" * 90
SAID = Message("东门广场 72 分贝，限值 60", ("超限 4 分钟，21:03 起", "设备已亮灯"), RING, ())
PARCEL = Parcel("AbCdEfGh_-12", "call 1", SAID, LINK, "我来处理", "查看")
WECOM = f"wecombot://{GOOD}"
APP = "wechat://corp:secret@1000002/@wang"
DING = f"dingtalk://{'g' * 64}"
FEISHU = f"feishu://{GOOD}"


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with chat_services(monkeypatch) as services:
        yield services


def send(url: str, parcel: Parcel = PARCEL, times: int = 1, signature: str = "治噪者") -> Result:
    channel = ServiceChannel(signature, clock=lambda: 0.0)

    async def sends() -> Result:
        contact = Contact(1, 1, "apprise", url, "", "")
        return [await channel.send(parcel, contact) for _ in range(times)][-1]

    try:
        return asyncio.run(sends())
    finally:
        channel.close()


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        (WECOM, "qyapi.weixin.qq.com", "企业微信机器人"),
        (APP, "qyapi.weixin.qq.com", "企业微信应用"),
        (DING, "oapi.dingtalk.com", "钉钉"),
        (FEISHU, "open.feishu.cn", "飞书"),
        ("schan://SCTgood", "sctapi.ftqq.com", "Server酱"),
        ("barks://api.day.app/gooddevice", "api.day.app", "Bark"),
        ("ntfy://station", "ntfy.sh", "ntfy"),
        ("jsons://hook.example/noise", "hook.example", "webhook"),
    ],
)
def test_a_message_arrives_whole(services: Services, url: str, host: str, name: str):
    assert send(url) == Result("delivered", name)
    ((where, said),) = services.got
    assert where == host
    everything = json.dumps(said, ensure_ascii=False)
    for part in (SAID.title, *SAID.lines, LINK, "治噪者"):
        assert part in everything, part


def test_what_only_some_can_do(services: Services):
    send("barks://api.day.app/gooddevice")
    assert services.got[-1][1]["url"] == LINK
    assert services.got[-1][1]["level"] == "timeSensitive"
    send("ntfy://station")
    headers = services.got[-1][1]["headers"]
    assert headers["x-click"] == LINK and headers["x-priority"] in ("5", "max")
    send("jsons://hook.example/noise")
    assert services.got[-1][1]["id"] == PARCEL.id


# What was refused, though nearly all of it is HTTP 200; the key of the words, whether again.
@pytest.mark.parametrize(
    ("url", "key", "again"),
    [
        ("wecombot://WRONGKEY-2345", "key", False),
        ("wechat://corp:wrong@1000002/@wang", "key", False),
        ("wechat://corp:secret@1000002/@nobody", "member", False),
        (f"dingtalk://{'b' * 64}", "key", False),
        ("feishu://WRONGKEY-2345-6789-abcd-ef0123456789", "key", False),
        ("schan://SCTbad", "key_or_quota", False),
        ("barks://api.day.app/baddevice", "device", False),
        ("ntfy://reserved", "no", False),
    ],
)
def test_a_refusal_is_one(services: Services, url: str, key: str, again: bool):
    result = send(url)
    assert result.state == "refused", result
    assert result.detail.startswith(f"{key}: "), result
    assert result.again is again
    assert services.got == []


def test_robots_that_ask_for_a_keyword_get_it(services: Services):
    assert send(DING, signature="").detail.startswith("keyword: 钉钉 310000 ")
    assert send(FEISHU, signature="").detail.startswith("keyword: 飞书 19024 ")
    assert services.got == []
    assert send(DING).state == send(FEISHU).state == "delivered"


@pytest.mark.parametrize(
    ("host", "status", "body", "url", "wanted"),
    [
        ("qyapi.weixin.qq.com", 200, {"errcode": 40058, "errmsg": "too long"}, WECOM, "long"),
        ("qyapi.weixin.qq.com", 200, {"errcode": 45009, "errmsg": "freq"}, WECOM, "busy"),
        ("oapi.dingtalk.com", 200, {"errcode": 130101, "errmsg": "too fast"}, DING, "busy"),
        ("open.feishu.cn", 200, {"code": 9499, "msg": "Bad Request"}, FEISHU, "form"),
        ("open.feishu.cn", 200, {"code": 11232, "msg": "frequency limited"}, FEISHU, "busy"),
        ("open.feishu.cn", 429, {}, FEISHU, "busy"),
        ("sctapi.ftqq.com", 200, {"code": 400, "message": "x"}, "schan://SCTgood", "no"),
        ("oapi.dingtalk.com", 200, {"errcode": 987654, "errmsg": "new"}, DING, "no"),
    ],
)
def test_codes(services: Services, host: str, status: int, body: object, url: str, wanted: str):
    services.forced[host] = (status, json.dumps(body))
    result = send(url)
    assert result.state == "refused", result
    assert result.detail.startswith(f"{wanted}: "), result
    assert result.again is (wanted == "busy")


@pytest.mark.parametrize(
    ("answer", "detail", "again"),
    [
        ((200, "<html>Log in to the hotel's network</html>"), "unreadable", True),
        ((200, "[]"), "unreadable", True),
        ((200, '{"errmsg": "ok"}'), "unreadable", True),
        ((502, "bad gateway"), "ill: 企业微信机器人 HTTP 502", True),
        (None, "silent", True),
    ],
)
def test_no_answer_that_can_be_read_is_unknown(
    services: Services, answer: tuple[int, str] | None, detail: str, again: bool
):
    services.forced["qyapi.weixin.qq.com"] = answer
    assert send(WECOM) == Result("unknown", detail, again)


def test_an_answer_that_does_not_come_is_unknown(services: Services):
    services.slow = 1.0
    assert send(f"{WECOM}?rto=0.2") == Result("unknown", "silent", True)


def test_no_network_is_unknown_and_nothing_has_left(services: Services):
    services.close()
    assert send(WECOM) == Result("unknown", "unreachable", True)


def test_too_long_is_cut_before_the_link(services: Services):
    long = Message(SAID.title, ("设备" * 1000,), RING, ())
    parcel = Parcel(PARCEL.id, PARCEL.call, long, LINK)
    assert send(WECOM, parcel).state == "delivered"
    content = services.got[0][1]["text"]["content"]
    assert 1900 < len(content.encode()) <= 2048
    assert content.endswith(f"…\n{LINK}\n治噪者")


def test_not_more_a_minute_than_a_robot_takes(services: Services):
    """The twenty-first waits here: WeCom would refuse it, DingTalk everything for ten minutes."""
    result = send(WECOM, times=21)
    assert result == Result("refused", "pace: 企业微信机器人", True, 60.0)
    assert len(services.got) == 20


def test_mail(monkeypatch: pytest.MonkeyPatch):
    # whether this machine has a name server is no part of this
    monkeypatch.setattr("socket.getfqdn", lambda: "hub.example")
    for name in ("is_named", "leads_here"):
        monkeypatch.setattr(this_computer, name, lambda host: False)
    refuses = {"full@": "452 mailbox full", "gone@": "550 no such user"}
    server = MailServer(refuses)

    def mail(to: str) -> Result:
        url = f"mailto://127.0.0.1:{server.port}?from=hub@example.com&to={to}@example.com"
        return send(url)

    try:
        assert mail("wang") == Result("delivered", "e-mail")
        assert "Subject: =?utf-8?" in server.got[0]
        gone = mail("gone")
        assert (gone.state, gone.again) == ("refused", False), gone
        assert gone.detail.startswith("no: e-mail ") and "550" in gone.detail
        full = mail("full")
        assert (full.state, full.again) == ("refused", True), full
    finally:
        server.close()
    lost = mail("wang")
    assert (lost.state, lost.again) == ("unknown", True), lost


THIS_COMPUTER = (
    "json://127.0.0.1:4222/x",
    "jsons://localhost/x",
    "json://[::1]/x",
    "json://169.254.169.254/latest",
    "ntfy://0.0.0.0/x",
    "json://[::ffff:127.0.0.1]/x",
    "json://localhost./x",
)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "dbus://",
        "syslog://",
        "wecombot://",
        "http://x",
        "file:///etc/passwd",
        "干扰",
        *THIS_COMPUTER,
    ],
)
def test_what_is_no_address(url: str):
    with pytest.raises(UserError):
        checked(url)
    assert send(url) == Result("refused", "bad_address")


@pytest.mark.parametrize(
    "url", ["json://2130706433/x", "mailto://a:b@example.com?smtp=127.0.0.1&to=c@example.com"]
)
def test_this_computer_is_not_asked_by_another_name(url: str):
    assert checked(url)
    assert send(url) == Result("refused", "bad_address")


def test_this_computer_is_not_asked_where_a_service_sends_it_on(services: Services):
    services.forced["hook.example"] = (307, "")
    services.elsewhere = "http://127.0.0.1/secret"
    assert send("json://hook.example/noise") == Result("unknown", "silent", True)
    assert services.asked == [("hook.example", "/noise")]
