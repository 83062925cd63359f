"""A real RTSP server and a real ffmpeg; each is asked for once, its start takes seconds."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import SUPPORT
from hub_process import until
from peers import HERE, server
from waiting import DEADLINE

from noisetamer.hub.cameras import stream
from noisetamer.hub.cameras.decode import decode
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.no_picture import NoPictureError
from noisetamer.hub.cameras.settings import Camera
from noisetamer.hub.cameras.take import Why, take

pytestmark = pytest.mark.tools

PYTHON = "/usr/bin/python3"  # Debian's, which has GStreamer
LOGIN = Login("admin", "s3cret:/@%x '\"")
PARTS = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base -good -ugly"


@pytest.fixture(scope="module")
def camera() -> Iterator[str]:
    """Its address, without a path."""
    if not shutil.which(stream.PROGRAM):
        pytest.skip("ffmpeg is not installed")
    process = subprocess.Popen(
        [PYTHON, SUPPORT / "rtsp_camera.py", LOGIN.user, LOGIN.password],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin and process.stdout
    port = process.stdout.readline().strip()
    if not port:
        process.wait()
        pytest.skip(f"GStreamer's RTSP server is not installed ({PARTS})")
    yield f"rtsp://{HERE}:{port}"
    process.stdin.close()
    process.wait(timeout=DEADLINE)


def command_lines() -> str:
    """Of every process of this machine, as any of its users may read them."""
    found: list[str] = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)


def children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


def test_a_frame_of_the_stream_comes_and_no_process_shows_its_login(camera: str):
    seen: list[str] = []

    async def watch() -> None:
        while True:
            seen.append(command_lines())
            await asyncio.sleep(0.1)

    async def both() -> None:
        watching = asyncio.create_task(watch())
        answer = await stream.frame(Camera(stream=f"{camera}/live"), LOGIN, seconds=DEADLINE)
        watching.cancel()
        picture = decode(answer.body)
        assert (picture.width, picture.height) == (640, 360)
        assert answer.clock_error is not None and abs(answer.clock_error) < 3

    asyncio.run(both())
    ours = [line for lines in seen for line in lines.splitlines() if "image2pipe" in line]
    assert ours, "ffmpeg was never seen"
    assert not any(word in line for line in ours for word in ("s3cret", "rtsp://", camera))


def test_a_snapshot_that_fails_is_followed_by_the_stream_and_both_are_told(camera: str):
    wrong = Camera(snapshot=f"http://{HERE}:9/", stream=f"{camera}/nothing")
    taken = asyncio.run(take(wrong, LOGIN))
    assert taken.picture is None
    assert [(why.way, why.reason) for why in taken.why] == [
        ("snapshot", "unreachable"),
        ("stream", "status"),
    ]
    assert taken.why[-1].detail == "404"


def test_a_camera_that_only_begins_to_answer_is_told(camera: str):
    def speak(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"RTSP/1.0 200 OK\r\n\r\n")
        connection.close()

    with server(speak) as port:
        taken = asyncio.run(take(Camera(stream=f"rtsp://{HERE}:{port}/x"), LOGIN))
    assert taken.why == (Why("stream", "no_frame"),)


def test_a_wrong_login_is_told(camera: str):
    taken = asyncio.run(take(Camera(stream=f"{camera}/live"), Login("admin", "wrong")))
    assert taken.why == (Why("stream", "login"),)


def test_a_stream_that_sends_nothing_is_not_waited_for_and_leaves_no_process(camera: str):
    before = children()
    with pytest.raises(NoPictureError) as found:
        asyncio.run(stream.frame(Camera(stream=f"{camera}/mute"), LOGIN, seconds=1.5))
    assert found.value.reason == "time_out"
    assert children() == before


def test_a_hub_that_is_killed_leaves_no_ffmpeg_behind(camera: str):
    asks = (
        "import asyncio, sys; from noisetamer.hub.cameras import settings, stream;"
        " asyncio.run(stream.frame(settings.Camera(stream=sys.argv[1]), None, seconds=60))"
    )
    waiting = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        if not waiting.is_set():  # the question that goes ahead
            waiting.set()
            connection.sendall(b"RTSP/1.0 200 OK\r\n\r\n")
            connection.close()
        else:
            connection.recv(1)

    with server(serve) as port:
        hub = subprocess.Popen([sys.executable, "-c", asks, f"rtsp://{HERE}:{port}/x"])
        until(lambda: _children(hub.pid) and "ffmpeg" in _command(_children(hub.pid)[0]), "ffmpeg")
        (ffmpeg,) = _children(hub.pid)
        hub.kill()
        hub.wait()
        until(lambda: "ffmpeg" not in _command(ffmpeg), "its end")


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(pid: int) -> str:
    """The program's own name, once it is that program; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


ANSWERS = {
    b"RTSP/1.0 302 Moved\r\nLocation: rtsp://elsewhere/\r\n\r\n": ("elsewhere", ""),
    b'RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n': ("in_clear", ""),
    b"RTSP/1.0 454 Session Not Found\r\n\r\n": ("status", "454"),
    b"HTTP/1.1 200 OK\r\n\r\n": ("stream", ""),
    b"\r\n\r\n": ("stream", ""),
    b"RTSP/1.0": ("stream", ""),
    b"x" * 100_000: ("stream", ""),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_no_camera_is_told_before_anything_is_started(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "which", lambda _: "/nowhere/ffmpeg")

    def speak(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)
        connection.close()

    with server(speak) as port, pytest.raises(NoPictureError) as found:
        asyncio.run(stream.frame(Camera(stream=f"rtsp://{HERE}:{port}/x"), LOGIN))
    assert (found.value.reason, found.value.detail) == ANSWERS[answer]


def test_without_ffmpeg_that_is_the_reason(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    taken = asyncio.run(take(Camera(stream=f"rtsp://{HERE}/x"), LOGIN))
    assert taken.why == (Why("stream", "no_ffmpeg"),)
