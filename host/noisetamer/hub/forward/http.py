"""Requests to a destination by HTTP: where they may go, how long they take, what an answer means.

Where they may go: to the address in forward.toml and nowhere else. A redirect is not followed, a
proxy of the environment not asked. An address of a private network, of this computer too, is
asked only where the destination says `private = true`; what a name leads to is looked at for
every request, and the connection goes to the address that was looked at, so that a name which
leads elsewhere a moment later changes nothing. Link-local addresses, where clouds keep their
secrets, are never asked. Plain HTTP goes to private networks only.
"""

import asyncio
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from noisetamer import __version__
from noisetamer.hub.forward.format import Around, Asked, Key, Refused, Unreachable

MOST_BYTES = 256 * 1024
"""Of an answer; what is beyond is not read."""
LONGEST_WAIT = 3600.0
"""Whoever says "not before tomorrow" is asked in an hour."""

KEYS: Mapping[str, Key] = {
    "url": Key("url", what="where it is: https://..., or http://... with private = true"),
    "private": Key("yes", False, what="it is in a network of our own, or on this computer"),
    "ca_file": Key("text", "", what="PEM that vouches for it; the usual authorities without it"),
}
"""Of every destination that is asked by HTTP."""


def judge(keys: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(key, what is wrong)] of those of KEYS."""
    found = []
    try:
        url = httpx.URL(keys["url"])
    except httpx.InvalidURL as error:
        return [("url", f"is no address: {error}")]
    if not url.host or (url.port is not None and not 0 < url.port < 65536):
        found.append(("url", "has no host, or a port that is none of 1 to 65535"))
    if url.userinfo or url.fragment:
        found.append(("url", "has no login and no # in it; secrets have keys of their own"))
    if url.scheme == "http" and not keys["private"]:
        found.append(
            (
                "url",
                "plain http sends everything readable: https, or private = true where it is in "
                "a network of your own",
            )
        )
    return found


_LATER = (408, 425, 429)


@dataclass(frozen=True)
class Answer:
    """headers: names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def said(self) -> str:
        """For people: its status and the first words, of JSON those that say what is wrong."""
        told = self.json()
        words = ""
        if isinstance(told, dict):
            found = (told.get(key) for key in ("message", "detail", "description", "error"))
            words = next((one for one in found if isinstance(one, str) and one), "")
        words = words or self.body[:1000].decode("utf-8", "replace")
        return f"HTTP {self.status} {' '.join(words.split())[:200]}".rstrip()


class Http:
    """Of one destination."""

    def __init__(
        self,
        asked: Asked,
        around: Around,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """asked.keys: those of KEYS, judged; headers: of every request."""
        self._private: bool = asked.keys["private"]
        self.url = httpx.URL(asked.keys["url"])
        self._timeout = asked.timeout
        self._clock = around.clock
        self._headers = {"User-Agent": f"NoiseTamer/{__version__}", **(headers or {})}
        self._ca = around.data / asked.keys["ca_file"] if asked.keys["ca_file"] else None
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self,
        method: str,
        path: str = "",
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """path: after that of the destination's address. Raises Unreachable."""
        url = self.url.copy_with(path=self.url.path.rstrip("/") + path) if path else self.url
        if params:
            url = url.copy_merge_params(dict(params))
        host = url.host
        try:
            async with asyncio.timeout(self._timeout):
                addresses = await self._addresses(host, url.port or _PORTS[url.scheme])
                return await self._at(addresses, method, url, content, dict(headers or {}))
        except TimeoutError:
            raise Unreachable(f"{host} did not answer within {self._timeout:g} s.") from None
        except httpx.HTTPError as error:
            raise Unreachable(f"{host}: {str(error) or type(error).__name__}") from None

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()
            self._client = None

    def refuse_unless(self, answer: Answer, *good: int) -> None:
        """Raises Unreachable for what is no fault of the facts, Refused for what may be one."""
        if answer.status in good:
            return
        raise self.judged(answer)

    def judged(self, answer: Answer) -> Unreachable | Refused:
        """What an answer that is no success means, where the format knows no better. Too much
        together (413) is refused: then it is tried in parts.
        """
        where, status = self.url.host, answer.status
        if 300 <= status < 400:
            to = answer.headers.get("location", "elsewhere")[:200]
            return Unreachable(
                f"{where} sends on to {to}: write the address it is at now; none is followed."
            )
        if status in (401, 403, 407):
            return Unreachable(f"{where} does not let us in: {answer.said}")
        if status in (404, 405, 410, 501):
            return Unreachable(f"{where} has nothing at this address: {answer.said}")
        if status in _LATER or status >= 500 or status < 200:
            return Unreachable(f"{where}: {answer.said}", after=self._after(answer))
        return Refused(answer.said)

    def _after(self, answer: Answer) -> float:
        """Retry-After, RFC 9110, 10.2.3: s, or a date."""
        told = answer.headers.get("retry-after", "").strip()
        if told.isdecimal():
            return min(float(told[:9]), LONGEST_WAIT)
        try:
            at = parsedate_to_datetime(told).timestamp()
        except (ValueError, TypeError, OverflowError):
            return 0.0
        return min(max(0.0, at - self._clock()), LONGEST_WAIT)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError):
            raise Unreachable(f"{host}: nothing is known under this name.") from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        why_not = {address: _why_not(address, self._private) for address in addresses}
        if allowed := [address for address, why in why_not.items() if not why]:
            return allowed
        raise Unreachable(f"{host} is {next(iter(why_not.values()))}")

    async def _at(
        self,
        addresses: Sequence[str],
        method: str,
        url: httpx.URL,
        content: bytes,
        headers: dict[str, str],
    ) -> Answer:
        for last, address in ((one is addresses[-1], one) for one in addresses):
            try:
                return await self._asked_at(address, method, url, content, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if last:
                    raise
        raise AssertionError("a name leads to an address at least")

    async def _asked_at(
        self, address: str, method: str, url: httpx.URL, content: bytes, headers: dict[str, str]
    ) -> Answer:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=_tls(self._ca),
                trust_env=False,
                follow_redirects=False,
                timeout=self._timeout,
                limits=httpx.Limits(max_connections=8, max_keepalive_connections=2),
            )
        request = self._client.build_request(
            method,
            url.copy_with(host=address),
            content=content or None,
            headers={**self._headers, **headers, "Host": url.netloc.decode()},
            # its certificate is that of the name
            extensions={"sni_hostname": url.host} if url.scheme == "https" else {},
        )
        response = await self._client.send(request, stream=True)
        body = b""
        try:
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) >= MOST_BYTES:
                    break
        finally:
            await response.aclose()
        return Answer(response.status_code, dict(response.headers), body[:MOST_BYTES])


_PORTS = {"http": 80, "https": 443}


def _why_not(text: str, private: bool) -> str:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        return f"{address}, a link-local address: none of these is asked."
    if not private and not address.is_global:
        return f"{address}, in a private network: say private = true where that is meant."
    return ""


def _tls(ca: Path | None) -> ssl.SSLContext:
    """Raises Unreachable for a file that is none."""
    if ca is None:
        return _usual_tls()
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError:  # ssl.SSLError is one
        raise Unreachable(f"{ca} is no PEM file with a certificate.") from None


@cache
def _usual_tls() -> ssl.SSLContext:
    """Reading all authorities takes a tenth of a second."""
    return httpx.create_ssl_context(trust_env=False)
