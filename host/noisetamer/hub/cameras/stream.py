"""One frame of a camera's RTSP stream (RFC 2326), by ffmpeg, a program of the system.

A DESCRIBE goes ahead without a login: it tells what ffmpeg would not say apart (nobody there,
sent elsewhere, a login in clear), and the camera's clock. ffmpeg is given the address with the
login as a list of one file on its standard input, since every user of a machine can read the
command lines of all its programs.
"""

import asyncio
import email.parser
import os
import shutil
import sys
import time
from collections.abc import Callable
from urllib.parse import quote, urlsplit, urlunsplit

from noisetamer.hub.bus import die_with_parent
from noisetamer.hub.cameras import no_picture
from noisetamer.hub.cameras.answer import Answer, clock_error
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.no_picture import NoPictureError
from noisetamer.hub.cameras.settings import Camera

SECONDS = 8.0
MOST_BYTES = 12_000_000
PROGRAM = "ffmpeg"

_PORT = 554
_MOST_HEADERS = 16_384
_OPTIONS = (
    *("-hide_banner", "-nostats", "-loglevel", "error", "-fpsprobesize", "0"),
    # nothing else may be opened, whatever the list or the stream asks for
    *("-f", "concat", "-safe", "0", "-protocol_whitelist", "pipe,rtsp,tcp,rtp"),
    *("-max_pixels", "60000000", "-threads", "1", "-i", "pipe:0"),
    *("-an", "-sn", "-dn", "-frames:v", "1", "-q:v", "2"),
    *("-f", "image2pipe", "-c:v", "mjpeg", "pipe:1"),
)


async def frame(
    camera: Camera,
    login: Login | None,
    clock: Callable[[], float] = time.time,
    seconds: float = SECONDS,
) -> Answer:
    """The next whole picture, as a JPEG. seconds: for all of it. Raises NoPictureError."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise NoPictureError(no_picture.NO_FFMPEG)
    try:
        async with asyncio.timeout(seconds):
            error = await _describe(camera, clock)
            return Answer(await _frame(program, camera.stream, login), error)
    except TimeoutError:
        raise NoPictureError(no_picture.TIME_OUT, f"{seconds:g}") from None


async def _describe(camera: Camera, clock: Callable[[], float]) -> float | None:
    """By how much the camera's clock leads ours, s."""
    split = urlsplit(camera.stream)
    try:
        reader, writer = await asyncio.open_connection(split.hostname, split.port or _PORT)
    except (OSError, UnicodeError):
        raise NoPictureError(no_picture.UNREACHABLE) from None
    try:
        writer.write(
            f"DESCRIBE {camera.stream} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n"
            "\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise NoPictureError(no_picture.STREAM) from None
    finally:
        writer.close()
    line, _, rest = head[:_MOST_HEADERS].decode("latin-1").partition("\r\n")
    headers = email.parser.HeaderParser().parsestr(rest)
    protocol, _, status = line.partition(" ")
    code = status[:3]
    if not protocol.startswith("RTSP/") or not code.isdigit():
        raise NoPictureError(no_picture.STREAM)
    asked = [one.strip().lower() for one in headers.get_all("WWW-Authenticate", [])]
    if code == "401":
        digest = any(one.startswith("digest") for one in asked)
        if not digest and not camera.in_clear:
            raise NoPictureError(no_picture.IN_CLEAR)
    elif code.startswith("3"):
        raise NoPictureError(no_picture.ELSEWHERE)
    elif code != "200":
        raise NoPictureError(no_picture.STATUS, code)
    return clock_error(headers.get("Date", ""), clock())


async def _frame(program: str, address: str, login: Login | None) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", die_with_parent.__file__, str(os.getpid()), program, *_OPTIONS),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        process.stdin.write(_list(address, login).encode())
        process.stdin.close()
        found, said = await asyncio.gather(
            _read(process.stdout, MOST_BYTES), _read(process.stderr, MOST_BYTES)
        )
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    if found:
        return found
    # what it said stays here: it names the address with the login
    refused = b"401 Unauthorized" in said or b"403 Forbidden" in said
    raise NoPictureError(no_picture.LOGIN if refused else no_picture.NO_FRAME)


def _list(address: str, login: Login | None) -> str:
    """ffmpeg's concat format, with one entry."""
    split = urlsplit(address)
    if login:
        user, password = (quote(one, safe="") for one in (login.user, login.password))
        split = split._replace(netloc=f"{user}:{password}@{split.netloc}")
    return (
        f"ffconcat version 1.0\nfile '{urlunsplit(split)}'\n"
        # all in one connection, in which no packet is lost
        "option rtsp_transport tcp\noption fpsprobesize 0\n"
    )


async def _read(stream: asyncio.StreamReader, most: int) -> bytes:
    """Up to its end. Raises NoPictureError."""
    found = bytearray()
    while part := await stream.read(65_536):
        found += part
        if len(found) > most:
            raise NoPictureError(no_picture.TOO_BIG, f"{most // 1_000_000}")
    return bytes(found)
