"""A service of somebody else's beside a test, that answers as the test says."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from http_beside import Handler, served

from noisetamer.hub.bus.authority import Certificates


@dataclass(frozen=True)
class Request:
    """headers: names in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """hang_up: the connection ends without an answer."""

    status: int = 204
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False


class Service:
    """got: every request, oldest first; answers: the next ones, before those of `answer`."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.answers: list[Reply] = []
        self.got: list[Request] = []
        self.url = ""


@contextmanager
def service(
    answer: Callable[[Request], Reply] = lambda _: Reply(), tls: Certificates | None = None
) -> Iterator[Service]:
    """On this computer, until the end of the block."""
    found = Service(answer)

    class Asked(Handler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # ssl.SSLError is one
                self.close_connection = True

        def _reply(self) -> None:
            at = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(
                *(self.command, at.path, dict(parse_qsl(at.query)), headers, self.body())
            )
            found.got.append(request)
            reply = found.answers.pop(0) if found.answers else found.answer(request)
            if reply.hang_up:
                self.close_connection = True
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _reply

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.server_pem, tls.server_key)
        # shakes hands in the thread of the connection
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    with served(server):
        yield found
