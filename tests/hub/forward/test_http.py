"""What a destination is asked, and where: by a real server, and by answers of services."""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from service_beside import Reply, service
from some_facts import NOON, around
from waiting import DEADLINE

from noisetamer.hub.bus.authority import certificates
from noisetamer.hub.forward import http
from noisetamer.hub.forward.format import Asked, Refused, Unreachable
from noisetamer.hub.forward.http import Answer, Http


def client(url: str, private: bool = True, timeout: float = DEADLINE, ca_file: str = "") -> Http:
    keys = {"url": url, "private": private, "ca_file": ca_file}
    return Http(Asked("tried", "webhook", (), timeout=timeout, keys=keys), around(NOON))


def asked(url: str, **how: Any) -> Answer:
    async def ask() -> Answer:
        http = client(url, **how)
        try:
            return await http.ask("POST", "/a", content=b"x", params={"b": "c d"})
        finally:
            await http.close()

    return asyncio.run(ask())


def test_a_request_arrives_under_the_name_it_was_asked_by():
    with service(lambda _: Reply(200, {"message": "well"})) as there:
        port = there.url.rpartition(":")[2]
        answer = asked(f"http://localhost:{port}/api/")
    (got,) = there.got
    assert (got.method, got.path, got.query, got.body) == ("POST", "/api/a", {"b": "c d"}, b"x")
    assert got.headers["host"] == f"localhost:{port}"
    assert answer.json() == {"message": "well"}


def test_a_private_address_is_asked_only_where_the_destination_says_so():
    with service() as there:
        port = there.url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"):
            with pytest.raises(Unreachable, match="private network"):
                asked(f"https://{host}:{port}/", private=False)
        assert there.got == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1"])
def test_a_link_local_address_is_never_asked(host: str):
    with pytest.raises(Unreachable, match="none of these is asked"):
        asked(f"http://{host}:1/")


Leads = Callable[..., list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Leads:
    """names(addresses, ...): where a name leads at each look."""

    def lead(*turns: Sequence[str]) -> list[str]:
        looks: list[str] = []

        async def look(self: object, host: str, port: int, **_: Any) -> list[Any]:
            addresses = turns[len(looks)]
            looks.append(host)
            family = socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

        loop = asyncio.new_event_loop()
        loop.close()
        monkeypatch.setattr(type(loop), "getaddrinfo", look)
        return looks

    return lead


def test_where_a_name_leads_is_where_it_was_looked_at(names: Leads):
    """A name that leads elsewhere at the second look changes nothing: there is none."""
    looks = names(["127.0.0.1"], ["169.254.169.254"])
    with service() as there:
        port = there.url.rpartition(":")[2]
        assert asked(f"http://rebound.example:{port}/").status == 204
    assert there.got[0].headers["host"] == f"rebound.example:{port}"
    assert looks == ["rebound.example"]


def test_of_several_addresses_only_those_that_may_be_asked_are(names: Leads):
    """As of a name that a network tells by itself, which leads to a link-local one too."""
    names(["fe80::1", "127.0.0.2", "127.0.0.1"], ["10.0.0.1", "127.0.0.1"])
    with service() as there:
        port = there.url.rpartition(":")[2]
        assert asked(f"http://box.local:{port}/").status == 204
        with pytest.raises(Unreachable, match=r"10\.0\.0\.1, in a private network"):
            asked(f"https://inside.example:{port}/", private=False)
    assert len(there.got) == 1


def test_the_certificate_is_that_of_the_name_whatever_the_address(tmp_path: Path):
    made = certificates(tmp_path / "made", ["localhost"], datetime.now(UTC))
    ca_file = str(made.ca_pem)
    with service(tls=made) as there:
        port = there.url.rpartition(":")[2]
        assert asked(f"https://localhost:{port}/", ca_file=ca_file).status == 204
        with pytest.raises(Unreachable, match="certificate verify failed"):  # another name
            asked(f"https://127.0.0.1:{port}/", ca_file=ca_file)
        with pytest.raises(Unreachable, match="certificate verify failed"):  # unknown to us
            asked(f"https://localhost:{port}/")
        with pytest.raises(Unreachable, match="is no PEM file"):
            asked(f"https://localhost:{port}/", ca_file=str(made.server_key.parent))
    assert len(there.got) == 1


def test_a_redirect_is_not_followed():
    with service() as elsewhere, service() as there:
        there.answer = lambda _: Reply(307, headers={"Location": f"{elsewhere.url}/secret"})
        answer = asked(there.url)
        with pytest.raises(Unreachable, match=f"sends on to {elsewhere.url}/secret"):
            client(there.url).refuse_unless(answer, 200)
    assert elsewhere.got == []


def test_no_answer_is_waited_for_for_ever():
    released = threading.Event()

    def slow(_: object) -> Reply:
        released.wait(DEADLINE)
        return Reply()

    with service(slow) as there:
        with pytest.raises(Unreachable, match=r"did not answer within 0\.2 s"):
            asked(there.url, timeout=0.2)
        released.set()


def test_nobody_there_and_a_connection_that_ends_are_no_answer():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1: "):
            asked(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    with service(lambda _: Reply(hang_up=True)) as there, pytest.raises(Unreachable):
        asked(there.url)
    with pytest.raises(Unreachable, match="nothing is known under this name"):
        asked("http://no-such-name.invalid/")


def test_of_an_answer_without_end_only_the_beginning_is_read():
    with service(lambda _: Reply(200, b"a" * 2_000_000)) as there:
        assert len(asked(there.url).body) == http.MOST_BYTES


@pytest.mark.parametrize(
    ("status", "headers", "raised", "after"),
    [
        (400, {}, Refused, None),
        (401, {}, Unreachable, 0.0),
        (403, {}, Unreachable, 0.0),
        (404, {}, Unreachable, 0.0),
        (413, {}, Refused, None),
        (422, {}, Refused, None),
        (429, {"retry-after": "17"}, Unreachable, 17.0),
        (429, {"retry-after": "Sun, 01 Nov 2026 02:28:00 GMT"}, Unreachable, 60.0),
        (503, {"retry-after": "99999999"}, Unreachable, 3600.0),
        (503, {"retry-after": "soon"}, Unreachable, 0.0),
        (500, {}, Unreachable, 0.0),
    ],
)
def test_what_an_answer_means(
    status: int, headers: Mapping[str, str], raised: type[Exception], after: float | None
):
    told = client("https://there.example/").judged(
        Answer(status, headers, b'{"error":"it is so"}')
    )
    assert type(told) is raised
    assert "it is so" in str(told)
    if isinstance(told, Unreachable):
        assert told.after == after


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"url": "http://there.example/"}, "plain http sends everything readable"),
        ({"url": "https://me:secret@there.example/"}, "no login"),
        ({"url": "https://there.example/#part"}, "no #"),
        ({"url": "https://there.example:99999/"}, "a port that is none"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(keys: dict[str, Any], words: str):
    usual = {"url": "https://there.example/", "private": False, "ca_file": ""}
    assert http.judge(usual) == []
    ((key, why),) = http.judge({**usual, **keys})
    assert key in keys
    assert words in why
