"""What services answer while apprise speaks to them: it counts any HTTP 200 as sent, and keeps the
answer to itself.
"""

import functools
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import requests

from noisetamer.hub.phones.channels import this_computer
from noisetamer.hub.phones.channels.answers import Heard

_MOST = 4_000

_heard: ContextVar[list[Heard] | None] = ContextVar("heard", default=None)


@contextmanager
def overheard() -> Iterator[list[Heard]]:
    """Every answer to a request made in this thread meanwhile, in their order."""
    answers: list[Heard] = []
    token = _heard.set(answers)
    try:
        yield answers
    finally:
        _heard.reset(token)


def _listening(send: Any) -> Any:
    """apprise's plugins call requests.post, which makes a session of its own each time: there is
    no other place to stand. Nothing changes for whoever does not listen.
    """

    @functools.wraps(send)
    def sent(
        session: requests.Session, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        answers = _heard.get()
        method = request.method or ""
        if answers is not None and this_computer.leads_here(
            urlsplit(str(request.url)).hostname or ""
        ):
            # where a service has sent it on to
            answers.append(Heard(method, 0, fault="unreachable"))
            raise requests.ConnectionError("this computer itself is not asked")
        try:
            response = send(session, request, **options)
            if answers is not None:
                text = response.content[:_MOST].decode("utf-8", "replace")
                answers.append(Heard(method, response.status_code, text))
        except requests.RequestException as error:
            if answers is not None:
                before = isinstance(error, requests.ConnectTimeout) or (
                    isinstance(error, requests.ConnectionError) and _never_left(error)
                )
                answers.append(Heard(method, 0, fault="unreachable" if before else "silent"))
            raise
        return response

    return sent


def _never_left(error: requests.ConnectionError) -> bool:
    """Refused, no such name, no route: by the words of urllib3, which has a class for each."""
    words = repr(error)
    return any(each in words for each in ("NewConnectionError", "NameResolutionError"))


requests.Session.send = _listening(requests.Session.send)  # type: ignore[method-assign]


class MailLog(logging.Handler):
    """What a mail server said: apprise's plugin keeps it from its caller, but writes it down."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._thread = threading.get_ident()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.lines.append(record.getMessage())

    def __enter__(self) -> list[str]:
        logging.getLogger("apprise").addHandler(self)
        return self.lines

    def __exit__(self, *error: object) -> None:
        logging.getLogger("apprise").removeHandler(self)
