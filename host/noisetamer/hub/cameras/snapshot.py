"""A camera's snapshot over HTTP: one GET, bounded in time and size, with digest authentication.

Digest: RFC 7616, by httpx. Basic (RFC 7617) shows the password to whoever listens, so it goes
out over checked HTTPS, and in clear only where the square says so: a camera that is somebody
else could ask for it.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Generator

import httpx

from noisetamer.hub.cameras import no_picture
from noisetamer.hub.cameras.answer import Answer, clock_error
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.no_picture import NoPictureError
from noisetamer.hub.cameras.settings import Camera

SECONDS = 5.0
MOST_BYTES = 12_000_000


async def ask(
    camera: Camera,
    login: Login | None,
    clock: Callable[[], float] = time.time,
    seconds: float = SECONDS,
) -> Answer:
    """clock: Unix time, s; seconds: for all of it. Raises NoPictureError."""
    try:
        async with asyncio.timeout(seconds):
            return await _ask(camera, login, clock)
    except TimeoutError:
        raise NoPictureError(no_picture.TIME_OUT, f"{seconds:g}") from None
    except httpx.TimeoutException:
        raise NoPictureError(no_picture.TIME_OUT, f"{seconds:g}") from None
    except httpx.ConnectError as error:
        of_tls = isinstance(_root(error), ssl.SSLError)
        reason = no_picture.CERTIFICATE if of_tls else no_picture.UNREACHABLE
        raise NoPictureError(reason) from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        raise NoPictureError(no_picture.CUT_OFF) from None
    except (KeyError, NotImplementedError, ValueError):
        # a challenge that httpx does not know
        raise NoPictureError(no_picture.LOGIN) from None


async def _ask(camera: Camera, login: Login | None, clock: Callable[[], float]) -> Answer:
    way = _Way(login, camera)
    async with (
        httpx.AsyncClient(
            verify=not camera.any_certificate,
            trust_env=False,
            follow_redirects=False,
            timeout=SECONDS,
            headers={"Accept": "image/jpeg, image/png", "Accept-Encoding": "identity"},
        ) as client,
        client.stream("GET", camera.snapshot, auth=way) as response,
    ):
        at = clock()
        if response.status_code == 401:
            raise NoPictureError(no_picture.IN_CLEAR if way.kept_back else no_picture.LOGIN)
        if response.is_redirect:
            raise NoPictureError(no_picture.ELSEWHERE)
        if response.status_code != 200:
            raise NoPictureError(no_picture.STATUS, str(response.status_code))
        body = bytearray()
        # raw: what a camera packs might unpack to anything
        async for part in response.aiter_raw():
            body += part
            if len(body) > MOST_BYTES:
                raise NoPictureError(no_picture.TOO_BIG, f"{MOST_BYTES // 1_000_000}")
        return Answer(bytes(body), clock_error(response.headers.get("date", ""), at))


class _Way(httpx.Auth):
    """Answers the camera's challenge, and no other address's. kept_back: it asked for Basic,
    where the password would have been read by anybody.
    """

    def __init__(self, login: Login | None, camera: Camera) -> None:
        self._login = login
        self._basic = camera.in_clear or (
            camera.snapshot.lower().startswith("https://") and not camera.any_certificate
        )
        self.kept_back = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield request
        if response.status_code != 401 or self._login is None:
            return
        user, password = self._login.user, self._login.password
        asked = [
            challenge.strip().partition(" ")[0].lower()
            for challenge in response.headers.get_list("www-authenticate")
        ]
        if "digest" in asked:
            digest = httpx.DigestAuth(user, password).auth_flow(request)
            next(digest)
            try:
                yield digest.send(response)
            except StopIteration:
                return
        elif "basic" in asked and self._basic:
            yield next(httpx.BasicAuth(user, password).auth_flow(request))
        elif "basic" in asked:
            self.kept_back = True


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
