"""A release, or a factory tree, as one file: the host's side of `tamer.record.release`."""

import base64
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.errors import UserError
from tamer.record import release
from tamer.record.release import Header


@dataclass(frozen=True)
class Release:
    """header: of the manifest. digest: its SHA-256, hex. signature: None as flashed. files:
    content by path, in the manifest's order.
    """

    header: Header
    manifest: bytes
    signature: bytes | None
    files: dict[str, bytes]

    @property
    def digest(self) -> str:
        return release.hex_of(self.manifest)

    def is_signed(self, modulus: bytes) -> bool:
        """Whether the root with this modulus has signed it."""
        digest = hashlib.sha256(self.manifest).digest()
        return self.signature is not None and release.is_signed(digest, self.signature, modulus)


def listed(header: Header, files: Mapping[str, bytes]) -> bytes:
    """The manifest of any files."""
    lines = [
        release.file_line(hashlib.sha256(files[path]).digest(), len(files[path]), path)
        for path in _ordered(files)
    ]
    return (release.header_text(header) + "".join(lines)).encode("ascii")


def manifest(header: Header, files: Mapping[str, bytes]) -> bytes:
    """What the root signs. Raises ValueError for files that no release may have."""
    if len(files) > release.MOST_FILES:
        raise ValueError(f"{len(files)} files, {release.MOST_FILES} are allowed")
    text = listed(header, files)
    if len(text) > release.MOST_MANIFEST:
        raise ValueError(f"a manifest of {len(text)} bytes, {release.MOST_MANIFEST} are allowed")
    # Whatever a box would refuse is no manifest.
    _read(text)
    return text


def packed(text: bytes, files: Mapping[str, bytes], signature: bytes | None = None) -> bytes:
    """The file. text: a `manifest` of these files. Raises ValueError where it is too large."""
    digest = release.hex_of(text)[: release.DIGITS].encode()
    signed = base64.b64encode(signature) if signature else release.NONE.encode()
    stream = zlib.compressobj(9, zlib.DEFLATED, release.MOST_WINDOW)
    contents = stream.compress(b"".join(files[path] for path in _ordered(files)))
    contents += stream.flush()
    head = b"%s %s %d\n" % (release.MAGIC, digest, len(text))
    body = head + text + signed + b"\n" + contents
    whole = body + _tail(body)
    if len(whole) > release.MOST_BYTES:
        raise ValueError(f"{len(whole)} bytes, {release.MOST_BYTES} are allowed")
    return whole


def read(file: Path) -> tuple[bytes, Release]:
    """(the file, all of it). Raises UserError for what is no release."""
    try:
        whole = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror or error}).") from None
    try:
        return whole, unpacked(whole)
    except ValueError as error:
        raise UserError(f"{file} is no release, or damaged ({error}): build it again.") from None


def unpacked(whole: bytes) -> Release:
    """All of such a file, held to its one form and to the hashes of its files. Raises ValueError,
    with what is wrong in a few words.
    """
    if len(whole) > release.MOST_BYTES:
        raise ValueError("too large")
    head, _, rest = whole.partition(b"\n")
    words = head.split(b" ")
    if len(words) != 3 or words[0] != release.MAGIC:
        raise ValueError("no release")
    size = release.whole(words[2].decode(), release.MOST_MANIFEST)
    text, rest = rest[:size], rest[size:]
    line, _, rest = rest.partition(b"\n")
    header, listed = _read(text)
    signature = None if line == b"-" else release.unbase64(line.decode())
    stream = zlib.decompressobj(release.MOST_WINDOW)
    try:
        content = stream.decompress(rest, release.MOST_BYTES * 4)
    except zlib.error as error:
        raise ValueError(f"its contents: {error}") from None
    if not stream.eof or stream.unconsumed_tail:
        raise ValueError("its contents end too early")
    files, at = {}, 0
    for digest, size, path in listed:
        files[path] = content[at : at + size]
        at += size
        if hashlib.sha256(files[path]).digest() != digest:
            raise ValueError(f"{path} is another than its hash")
    if at != len(content):
        raise ValueError("more contents than files")
    if packed(text, files, signature) != whole:
        raise ValueError("another form")
    return Release(header, text, signature, files)


def _read(text: bytes) -> tuple[Header, list[tuple[bytes, int, str]]]:
    lines = iter(text.splitlines(keepends=True))
    header = release.read_header(lambda: next(lines, b""))
    files = [release.read_file(line) for line in lines]
    paths = [path for _, _, path in files]
    if paths != _ordered(dict.fromkeys(paths)):
        raise ValueError("files out of order")
    return header, files


def _ordered(files: Mapping[str, object]) -> list[str]:
    return sorted(files, key=lambda path: (release.is_given(path), path))


def _tail(body: bytes) -> bytes:
    chunks = [body[at : at + release.CHUNK] for at in range(0, len(body), release.CHUNK)]
    parity = 0
    for chunk in chunks:
        parity ^= int.from_bytes(chunk.ljust(release.CHUNK, b"\0"), "big")
    checks = b"".join(hashlib.sha256(chunk).digest()[: release.CHECK] for chunk in chunks)
    return checks + parity.to_bytes(release.CHUNK, "big")
