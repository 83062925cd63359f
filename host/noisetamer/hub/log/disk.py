"""Files that are on the disk before anything names them."""

import os
import shutil
from pathlib import Path

PUBLIC = 0o644


class Disk:
    """Whole files under their names; `settle` makes the names last through a power cut."""

    def __init__(self) -> None:
        self._unsettled: set[Path] = set()

    def put(self, file: Path, content: bytes) -> None:
        """Under its name it is never seen in part. Raises OSError."""
        self._folder(file.parent)
        draft = file.with_name(f".{file.name}.new")
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PUBLIC), "wb", 0
        ) as out:
            self.write(out.fileno(), content)
            self.sync(out.fileno())
        self.rename(draft, file)
        self._unsettled.add(file.parent)

    def settle(self) -> None:
        """Raises OSError; then nothing may be named."""
        for folder in sorted(self._unsettled, key=lambda one: -len(one.parts)):
            self.sync_folder(folder)
        self._unsettled.clear()

    # What a test cuts.

    def write(self, file: int, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]

    def sync(self, file: int) -> None:
        os.fsync(file)

    def rename(self, draft: Path, file: Path) -> None:
        draft.replace(file)

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o755)

    def sync_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove_folder(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._folder(folder.parent)
            self.make_folder(folder)
            self._unsettled.add(folder.parent)
