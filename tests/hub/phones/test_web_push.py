"""Web Push: what a browser would decrypt, and what its service answers."""

import asyncio
import base64
import datetime
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from noisetamer.base.errors import UserError
from noisetamer.hub.bus.authority import certificates
from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels.channel import Parcel, Result
from noisetamer.hub.phones.channels.web_push import (
    WebPushChannel,
    checked,
    new_key,
    public_key,
)
from noisetamer.hub.phones.message import RING, Message

KEY = new_key()
SAID = Message("东门广场 72 分贝，限值 60", ("超限 4 分钟，21:03 起",), RING, ())
PARCEL = Parcel("AbCdEfGh_-12", "call 1", SAID, "https://hub/a/token", "我来处理", "查看")


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class PushService:
    """A browser's push service, and the browser: keeps what it was sent, answers as told."""

    def __init__(self, folder: Path) -> None:
        now = datetime.datetime.now(datetime.UTC)
        made = certificates(folder, ["localhost"], now)
        self.ca = made.ca_pem
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 201
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"sixteen bytes :)"
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.got.append((headers, body))
                self.send_response(service.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.server_pem, made.server_key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def subscription(self) -> str:
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": encoded(point), "auth": encoded(self.auth)}
        endpoint = f"https://localhost:{self._server.server_address[1]}/push/1"
        return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})

    def read(self, body: bytes) -> dict[str, Any]:
        """As the browser decrypts it (RFC 8188, 8291)."""
        return json.loads(http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    service = PushService(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(service.ca))
    monkeypatch.setenv("NO_PROXY", "localhost")
    yield service
    service.close()


def send(address: str) -> Result:
    channel = WebPushChannel(lambda: KEY, "https://hub.example", ("localhost",))
    return asyncio.run(channel.send(PARCEL, Contact(1, 1, "web-push", address, "", "")))


def test_the_browser_reads_it_and_nobody_else(service: PushService):
    assert send(service.subscription) == Result("delivered", "pushed")
    ((headers, body),) = service.got
    told = service.read(body)
    assert (told["title"], told["body"]) == (SAID.title, SAID.body)
    assert (told["link"], told["act"], told["rings"]) == (PARCEL.link, "我来处理", True)
    assert SAID.title.encode() not in body and PARCEL.link.encode() not in body
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("3600", "high", PARCEL.id)
    assert headers["content-encoding"] == "aes128gcm"


def test_the_service_knows_the_hub_by_its_key(service: PushService):
    send(service.subscription)
    word = service.got[0][0]["authorization"]
    assert Vapid02.verify(word)
    assert word.endswith(f"k={public_key(KEY)}")
    claims = json.loads(base64.urlsafe_b64decode(word.split("t=")[1].split(".")[1] + "=="))
    assert claims["aud"].startswith("https://localhost:")
    assert claims["sub"] == "https://hub.example"


@pytest.mark.parametrize(
    ("status", "state", "detail", "again"),
    [
        (410, "refused", "gone", False),
        (404, "refused", "gone", False),
        (429, "refused", "busy: HTTP 429", True),
        (413, "refused", "long: HTTP 413", False),
        (403, "refused", "no: HTTP 403", False),
        (503, "unknown", "ill: HTTP 503", True),
    ],
)
def test_answers(service: PushService, status: int, state: str, detail: str, again: bool):
    service.status = status
    result = send(service.subscription)
    assert (result.state, result.detail, result.again) == (state, detail, again)


def test_no_service_is_unknown(service: PushService):
    service.close()
    assert send(service.subscription) == Result("unknown", "unreachable", again=True)


@pytest.mark.parametrize(
    "subscription",
    [
        "",
        "[]",
        "{}",
        '{"endpoint": "https://fcm.googleapis.com/x"}',
        '{"endpoint": "https://127.0.0.1/x", "keys": {"p256dh": "a", "auth": "b"}}',
        '{"endpoint": "http://fcm.googleapis.com/x", "keys": {"p256dh": "a", "auth": "b"}}',
        '{"endpoint": "https://fcm.googleapis.com.evil/x", "keys": {"p256dh": "a", "auth": "b"}}',
        '{"endpoint": 7, "keys": {"p256dh": "a", "auth": "b"}}',
        # of what one reader takes for a login, another takes the host
        r'{"endpoint": "https://127.1\\@fcm.googleapis.com/", "keys": {"p256dh": "", "auth": ""}}',
        '{"endpoint": "https://a@fcm.googleapis.com/", "keys": {"p256dh": "a", "auth": "b"}}',
    ],
)
def test_what_is_no_subscription(subscription: str):
    with pytest.raises(UserError):
        checked(subscription)
    channel = WebPushChannel(lambda: KEY, "")
    sent = channel.send(PARCEL, Contact(1, 1, "web-push", subscription, "", ""))
    assert asyncio.run(sent) == Result("refused", "bad_address")


def test_browsers_services_are_known():
    for host in ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"):
        told = {"endpoint": f"https://{host}/x", "keys": {"p256dh": "a", "auth": "b"}}
        assert checked(json.dumps(told))["endpoint"] == told["endpoint"]
