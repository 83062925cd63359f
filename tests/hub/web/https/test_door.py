"""One port: HTTPS is let in, plain HTTP is sent there, silence is shown out."""

import asyncio
import datetime
import gc
import socket
import ssl
from asyncio import sslproto
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.hub.web import patience
from noisetamer.hub.web.https import door
from noisetamer.hub.web.https.authority import PageAuthority
from noisetamer.hub.web.https.certificate import GivenCertificate, OwnCertificate
from noisetamer.hub.web.patience import ImpatientProtocol
from noisetamer.hub.web.server import Server

NOW = datetime.datetime.now(datetime.UTC)
ASK = b"GET /fleet?show=ill HTTP/1.1\r\nHost: hub.example:8080\r\nConnection: close\r\n\r\n"

Asking = Callable[[int, ssl.SSLContext], Awaitable[None]]


async def app(scope: dict[str, str], receive: object, send: Callable[..., Awaitable[None]]):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["scheme"].encode()})


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (door, patience):
        monkeypatch.setattr(module, "IDLE_SECONDS", 2.0)


def serving(folder: Path, ask: Asking) -> None:
    """Have `ask` ask a server whose certificate it trusts."""
    authority = PageAuthority(folder, ["localhost"])
    certificate = OwnCertificate(authority, lambda: NOW)
    trusting = ssl.create_default_context(cafile=str(authority.authority_pem))

    async def both() -> None:
        config = uvicorn.Config(app, http=ImpatientProtocol, lifespan="off", log_level="error")
        server = Server(config, certificate)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            running = asyncio.create_task(server.serve([listener]))
            try:
                await asyncio.wait_for(ask(listener.getsockname()[1], trusting), DEADLINE)
            finally:
                server.should_exit = True
                await asyncio.wait_for(running, DEADLINE)

    asyncio.run(both())


async def answer(port: int, sent: bytes, trusting: ssl.SSLContext | None = None) -> bytes:
    name = "localhost" if trusting else None
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=trusting, server_hostname=name
    )
    writer.write(sent)
    told = await reader.read()
    writer.close()
    return told


def test_https_is_answered_and_plain_http_is_told_where_to_go(tmp_path: Path):
    async def ask(port: int, trusting: ssl.SSLContext) -> None:
        assert b"\r\nhttps\r\n" in await answer(port, ASK, trusting)
        told = await answer(port, ASK)
        assert b"307 Temporary Redirect" in told
        assert b"location: https://hub.example:8080/fleet?show=ill\r\n" in told
        assert b"400 Bad Request" in await answer(port, b"GET / HTTP/1.0\r\n\r\n")
        for noise in (b"\x16noise that is no handshake", b"\x00\xff", b"SSH-2.0-x\r\n"):
            await answer(port, noise)
        with pytest.raises(ssl.SSLCertVerificationError):
            await answer(port, ASK, ssl.create_default_context())
        assert b"\r\nhttps\r\n" in await answer(port, ASK, trusting)

    serving(tmp_path, ask)


def test_who_says_nothing_is_shown_out_and_many_who_do_harm_nobody(tmp_path: Path):
    async def ask(port: int, trusting: ssl.SSLContext) -> None:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
        half = await asyncio.open_connection("127.0.0.1", port)
        half[1].write(b"\x16\x03\x01")  # a handshake that goes no further
        assert b"\r\nhttps\r\n" in await answer(port, ASK, trusting)
        for reader, writer in [*silent, half]:
            assert await reader.read() in (b"",)
            writer.close()

    serving(tmp_path, ask)


def test_a_renewed_certificate_is_shown_to_the_next_one_who_comes(tmp_path: Path):
    now = [NOW]
    authority = PageAuthority(tmp_path, ["localhost"])
    certificate = OwnCertificate(authority, lambda: now[0])
    context = certificate.context
    before = authority.page_pem.read_bytes()
    now[0] += datetime.timedelta(days=370)
    certificate.look()
    assert authority.page_pem.read_bytes() != before
    assert certificate.context is context  # the server keeps it: nobody is thrown out


def test_the_users_certificate_is_checked_at_the_start_and_taken_when_it_is_another(
    tmp_path: Path,
):
    one, other = (PageAuthority(tmp_path / name, ["localhost"]) for name in ("one", "other"))
    for each in (one, other):
        each.renew(NOW)
    with pytest.raises(UserError, match="cannot be read"):
        GivenCertificate(tmp_path / "none.pem", one.page_key)
    with pytest.raises(UserError, match="key values mismatch"):
        GivenCertificate(one.page_pem, other.page_key)
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(UserError, match="cannot be used"):
        GivenCertificate(tmp_path / "empty", one.page_key)
    given = GivenCertificate(one.page_pem, one.page_key)
    given.look()
    good = one.page_key.read_bytes()
    one.page_key.write_bytes(b"half a fi")
    given._had = [0.0, 0.0]
    with pytest.raises(UserError):
        given.look()  # and the one before goes on serving
    one.page_key.write_bytes(good)
    given.look()


def test_a_phone_that_only_listens_costs_little_memory(tmp_path: Path):
    """asyncio would keep 256 KB ready for each."""

    async def ask(port: int, trusting: ssl.SSLContext) -> None:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusting, server_hostname="localhost"
        )
        buffers = [
            len(vars(one)["_ssl_buffer"])
            for one in gc.get_objects()
            if isinstance(one, sslproto.SSLProtocol)
        ]
        assert len(buffers) >= 2
        assert max(buffers) <= 32 * 1024
        writer.close()

    serving(tmp_path, ask)
