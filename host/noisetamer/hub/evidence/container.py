"""The zip of a bundle in its one form (proof/BUNDLE.md), streamed from a folder of its members."""

import hashlib
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from noisetamer.base.errors import UserError
from noisetamer.base.output import writing

SUMS = "SHA256SUMS"
MOST_BYTES = 2_000_000_000
MOST_MEMBERS = 65_535
"""Beyond them a zip would want its 64-bit form, which this one has not."""

_AT_ONCE = 1 << 20


class Folder:
    """Members as files: what a bundle is made of before it is one."""

    def __init__(self, folder: Path, out: Path) -> None:
        """out: what is to become of it, beside the folder; named where there is no room."""
        self.folder = folder
        self._out = out
        self.files: dict[str, tuple[int, str]] = {}
        """{member: (bytes, SHA-256 hex)}"""
        self._bytes = 0

    def put(self, name: str, pieces: bytes | Iterable[bytes]) -> None:
        """Raises UserError where a bundle would be too large, or finds no room."""
        path = self.folder / name
        digest, size = hashlib.sha256(), 0
        with writing(self._out):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                for piece in (pieces,) if isinstance(pieces, bytes) else pieces:
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
        self.files[name] = size, digest.hexdigest()
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise UserError("The bundle would be larger than 2 GB: ask for a shorter time.")
        if len(self.files) > MOST_MEMBERS:
            raise UserError(
                "The bundle would have more than 65535 members: ask for a shorter time."
            )

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def into(self, out: IO[bytes]) -> None:
        """All of it as the zip, with the sums; out: can be sought in."""
        sums = "".join(f"{self.files[name][1]}  {name}\n" for name in sorted(self.files))
        self.put(SUMS, sums.encode())
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(self.files):
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.create_system, info.external_attr = 3, 0o100644 << 16
                info.file_size = self.files[name][0]
                with archive.open(info, "w") as member, (self.folder / name).open("rb") as file:
                    shutil.copyfileobj(file, member, _AT_ONCE)
