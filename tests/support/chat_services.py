"""Chat services on this machine: each answers as the real one does, HTTP 200 for nearly all.

What is sent to their hosts' names arrives here, through the real HTTP library.
"""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from waiting import DEADLINE

from noisetamer.hub.phones.channels import this_computer

GOOD = "GOODKEY1-2345-6789-abcd-ef0123456789"
KEYWORD = "治噪者"


class Services:
    """got: (host, what was said) of every message that was taken; forced: an answer for a host
    whatever it is asked, as (status, body), or None to hang up without a word; elsewhere: where
    an answer sends the asker on to; asked: requests.
    """

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.forced: dict[str, tuple[int, str] | None] = {}
        self.asked: list[tuple[str, str]] = []
        self.slow = 0.0
        self.elsewhere = ""
        services = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                host = self.headers["Host"]
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                services.asked.append((host, self.path))
                if services.slow:
                    time.sleep(services.slow)
                if host in services.forced:
                    forced = services.forced[host]
                    if forced is None:
                        self.connection.close()
                        return
                    status, text = forced
                else:
                    status, answer = services.answer(host, self.path, body, self.headers)
                    text = json.dumps(answer, ensure_ascii=False)
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                if services.elsewhere:
                    self.send_header("Location", services.elsewhere)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.port = self._server.server_address[1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, host: str, target: str, body: str, headers: Any) -> tuple[int, Any]:
        """As the service of that name would."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        match host:
            case "qyapi.weixin.qq.com" if path.endswith("/webhook/send"):
                return 200, self._wecom_robot(query.get("key", [""])[0], json.loads(body))
            case "qyapi.weixin.qq.com" if path.endswith("/gettoken"):
                if query["corpsecret"] != ["secret"]:
                    return 200, {"errcode": 40001, "errmsg": "invalid credential, hint: [1]"}
                return 200, {"errcode": 0, "errmsg": "ok", "access_token": "T", "expires_in": 7200}
            case "qyapi.weixin.qq.com":
                said = json.loads(body)
                if said.get("touser") == "nobody":
                    return 200, {"errcode": 0, "errmsg": "ok", "invaliduser": "nobody"}
                return self._took(host, said, {"errcode": 0, "errmsg": "ok", "msgid": "x"})
            case "oapi.dingtalk.com":
                said = json.loads(body)
                if query.get("access_token") != ["g" * 64]:
                    return 200, {"errcode": 300005, "errmsg": "token is not exist"}
                if KEYWORD not in said["text"]["content"]:
                    words = "错误描述:关键词不匹配"
                    return 200, {"errcode": 310000, "errmsg": words}
                return self._took(host, said, {"errcode": 0, "errmsg": "ok"})
            case "open.feishu.cn":
                if GOOD not in path:
                    words = "param invalid: incoming webhook access token invalid"
                    return 200, {"code": 19001, "data": {}, "msg": words}
                said = json.loads(body)
                if KEYWORD not in said["content"]["text"]:
                    return 200, {"code": 19024, "data": {}, "msg": "Key Words Not Found"}
                return self._took(host, said, {"StatusCode": 0, "code": 0, "msg": "success"})
            case "sctapi.ftqq.com":
                if "SCTgood" not in path:
                    return 400, {"code": 40001, "message": "[AUTH]错误的Key", "data": None}
                answer = {"code": 0, "message": "", "data": {"pushid": "1", "errno": 0}}
                return self._took(host, parse_qs(body), answer)
            case "api.day.app":
                said = json.loads(body)
                if said["device_key"] != "gooddevice":
                    words = "failed to get device token: failed to get [x] device token"
                    return 400, {"code": 400, "message": words, "timestamp": 1}
                return self._took(host, said, {"code": 200, "message": "success", "timestamp": 1})
            case "ntfy.sh":
                said = json.loads(body)
                if said["topic"] == "reserved":
                    return 403, {"code": 40301, "http": 403, "error": "forbidden"}
                said["headers"] = {key.lower(): value for key, value in headers.items()}
                return self._took(host, said, {"id": "x", "event": "message", **said})
            case "hook.example":
                return self._took(host, json.loads(body), {})
        return 404, {}

    def _took(self, host: str, said: Any, answer: Any) -> tuple[int, Any]:
        self.got.append((host, said))
        return 200, answer

    def _wecom_robot(self, key: str, said: Any) -> Any:
        if key != GOOD:
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}
        content = said["text"]["content"]
        if len(content.encode()) > 2048:
            words = "text.content exceed max length 2048. invalid Request Parameter"
            return {"errcode": 40058, "errmsg": words}
        robot = [said for host, said in self.got if host == "qyapi.weixin.qq.com"]
        if len(robot) >= 20:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        self.got.append(("qyapi.weixin.qq.com", said))
        return {"errcode": 0, "errmsg": "ok"}


@contextmanager
def chat_services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Whatever requests sends to a host meanwhile goes to this machine, under that host's name."""
    services = Services()
    send = HTTPAdapter.send

    def redirected(
        adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.headers["Host"] = parts.hostname or ""
        query = f"?{parts.query}" if parts.query else ""
        request.url = f"http://127.0.0.1:{services.port}{parts.path}{query}"
        return send(adapter, request, **options)

    monkeypatch.setattr(HTTPAdapter, "send", redirected)
    # no name server is asked
    monkeypatch.setattr(this_computer, "leads_here", this_computer.is_named)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    try:
        yield services
    finally:
        services.close()


class MailServer:
    """Takes mail for anybody but those it was told to refuse. got: the messages."""

    def __init__(self, refuses: dict[str, str]) -> None:
        self.got: list[str] = []
        self._refuses = refuses
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.port = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(DEADLINE)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(DEADLINE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                self.got.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            if verb == "RCPT":
                refusals = [words for name, words in self._refuses.items() if name in line]
                writer.write((refusals[0] if refusals else "250 ok").encode() + b"\r\n")
            elif verb == "QUIT":
                break
            else:
                writer.write(b"250 ok\r\n")
        writer.close()
