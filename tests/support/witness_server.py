"""A witness behind HTTP, beside the test: real requests, and answers that can be turned wrong."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import ThreadingHTTPServer

from http_beside import Handler, served

from noisetamer.hub.log.witness import Answer

Answering = Callable[[bytes], Answer]


class WitnessServer(ThreadingHTTPServer):
    """asked: bodies; answering: may be replaced."""

    def __init__(self, answering: Answering) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answering = answering
        self.asked: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(Handler):
    server: WitnessServer  # type: ignore[assignment]

    def do_POST(self) -> None:
        body = self.body()
        self.server.asked.append(body)
        answer = self.server.answering(body)
        if self.path != "/add-checkpoint":
            answer = Answer(404, "elsewhere")
        self.answer(answer.status, answer.kind, answer.body.encode())


def serving(answering: Answering) -> AbstractContextManager[WitnessServer]:
    return served(WitnessServer(answering))
