"""A camera that answers snapshots over HTTP, and each way in which one fails."""

import hashlib
import io
import re
import secrets
import struct
import time
import zlib
from contextlib import AbstractContextManager, suppress
from email.utils import formatdate
from http.server import ThreadingHTTPServer

from http_beside import Handler, served
from PIL import Image

USER, PASSWORD = "admin", "s3cret:/@%x '\""
REALM = "camera"
SLOW_SECONDS = 1.5


def jpeg(width: int = 640, height: int = 360) -> bytes:
    """A picture whose every corner is another colour, with what must not come through."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.putpixel((0, 0), (255, 0, 0))
    exif = Image.Exif()
    exif[0x010F] = "SECRET-MAKER"
    written = io.BytesIO()
    image.save(written, "JPEG", quality=95, exif=exif)
    return written.getvalue()


def png_bomb(edge: int) -> bytes:
    """A PNG of edge x edge pixels in a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        whole = name + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(edge // 8 + 1), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class SnapshotCamera(ThreadingHTTPServer):
    """behind: seconds its clock is behind; asked: (path, Authorization) of every request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = 0.0
        self.asked: list[tuple[str, str]] = []
        self.picture = jpeg()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


def snapshot_camera() -> AbstractContextManager[SnapshotCamera]:
    return served(SnapshotCamera())


class _Handler(Handler):
    protocol_version = "HTTP/1.1"

    @property
    def camera(self) -> SnapshotCamera:
        assert isinstance(self.server, SnapshotCamera)
        return self.server

    def do_GET(self) -> None:
        authorization = self.headers.get("Authorization", "")
        self.camera.asked.append((self.path, authorization))
        fault = self.path.strip("/")
        if fault == "open":
            return self._send(200, self.camera.picture)
        if fault == "basic":
            return self._send(401, b"", ("WWW-Authenticate", f'Basic realm="{REALM}"'))
        if fault == "elsewhere":
            return self._send(302, b"", ("Location", self.camera.address("open")))
        if not self._digest_is_right(authorization):
            nonce = secrets.token_hex(8)
            challenge = f'Digest realm="{REALM}", qop="auth", nonce="{nonce}", algorithm=MD5'
            return self._send(401, b"", ("WWW-Authenticate", challenge))
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        if fault == "broken":
            return self._send(500, b"no")
        if fault == "half":
            return self._send(200, self.camera.picture, cut=True)
        bodies = {
            "truncated": self.camera.picture[: len(self.camera.picture) // 2],
            "html": b"\n<!DOCTYPE html><title>Login</title>",
            "nothing": b"",
            "noise": bytes(range(256)) * 8,
            "bomb": png_bomb(9_000),
            "larger-bomb": png_bomb(20_000),
            "dot": jpeg(8, 8),
        }
        if fault == "huge":
            return self._send_for_ever()
        return self._send(200, bodies.get(fault, self.camera.picture))

    def _send(self, status: int, body: bytes, *more: tuple[str, str], cut: bool = False) -> None:
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() - self.camera.behind, usegmt=True))
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(body)))
        for header in more:
            self.send_header(*header)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = cut

    def _send_for_ever(self) -> None:
        self.send_response_only(200)
        self.send_header("Connection", "close")
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(1 << 20))
        self.close_connection = True

    def _digest_is_right(self, authorization: str) -> bool:
        """RFC 7616, 3.4.1, of MD5 and qop=auth."""
        if not authorization.startswith("Digest "):
            return False
        given = {
            name: quoted or plain
            for name, quoted, plain in re.findall(
                r'(\w+)=(?:"((?:\\.|[^"])*)"|([^\s,]+))', authorization
            )
        }
        secret = _md5(f"{USER}:{REALM}:{PASSWORD}")
        what = _md5(f"GET:{given['uri']}")
        chain = (secret, given["nonce"], given["nc"], given["cnonce"], given["qop"], what)
        return given["response"] == _md5(":".join(chain))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
