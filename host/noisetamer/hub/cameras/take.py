"""One picture of a camera: its snapshot, else a frame of its stream, else why there is none."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PIL import Image

from noisetamer.hub.cameras import no_picture, snapshot, stream
from noisetamer.hub.cameras.answer import Answer
from noisetamer.hub.cameras.blur import blurred
from noisetamer.hub.cameras.decode import Picture, decode, encode
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.no_picture import NoPictureError
from noisetamer.hub.cameras.settings import Camera


@dataclass(frozen=True)
class Why:
    """way: "snapshot", "stream", or "" where neither was tried; reason, detail: as of
    NoPictureError.
    """

    way: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Shot:
    """at: when the camera had answered, Unix s by the hub's clock; image: as the camera saw it,
    None where there is none; way: which led to it; clock_error: the camera's clock less the
    hub's, s, None where it did not tell; why: of every way tried in vain.
    """

    at: float
    image: Image.Image | None
    way: str
    clock_error: float | None
    why: tuple[Why, ...]


@dataclass(frozen=True)
class Taken:
    """What may be kept of a shot."""

    at: float
    picture: Picture | None
    way: str
    clock_error: float | None
    why: tuple[Why, ...]


Way = Callable[[Camera, Login | None, Callable[[], float]], Awaitable[Answer]]


async def take(
    camera: Camera, login: Login | None, clock: Callable[[], float] = time.time
) -> Taken:
    """`shoot` and `developed` in one."""
    return await developed(await shoot(camera, login, clock), camera.blur)


async def shoot(
    camera: Camera, login: Login | None, clock: Callable[[], float] = time.time
) -> Shot:
    """clock: Unix time, s. Takes up to 13 s; never raises for what a camera does."""
    ways: list[tuple[str, Way]] = []
    if camera.snapshot:
        ways.append(("snapshot", snapshot.ask))
    if camera.stream:
        ways.append(("stream", stream.frame))
    why: list[Why] = [] if ways else [Why("", no_picture.NO_ADDRESS)]
    for name, way in ways:
        try:
            answer = await way(camera, login, clock)
            at = clock()
            image = await asyncio.to_thread(decode, answer.body)
        except NoPictureError as error:
            why.append(Why(name, error.reason, error.detail))
        else:
            return Shot(at, image, name, answer.clock_error, tuple(why))
    return Shot(clock(), None, "", None, tuple(why))


async def developed(shot: Shot, blur: str) -> Taken:
    """Blurred as the square wants it. Takes up to a minute where faces are looked for."""
    picture = None
    if shot.image is not None:
        picture = await asyncio.to_thread(encode, *await blurred(shot.image, blur))
    return Taken(shot.at, picture, shot.way, shot.clock_error, shot.why)
