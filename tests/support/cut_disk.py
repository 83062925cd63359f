"""A disk whose power is cut at any step: what was not synced may be torn, or never have been."""

import random
from collections.abc import Callable
from pathlib import Path

from noisetamer.hub.log.disk import Disk


class PowerCutError(Exception):
    """The power is gone."""


class CutDisk(Disk):
    """Fails at step number `cut` of writes, syncs and renames (None: never), and leaves the folder
    as a disk would: names and folders that were not synced may be as before, content too.
    """

    def __init__(self, cut: int | None, chance: random.Random) -> None:
        super().__init__()
        self.steps = 0
        self._cut = cut
        self._chance = chance
        # {folder: what takes back the names that are not settled there}
        self._names: dict[Path, list[Callable[[], None]]] = {}
        # {file: its content is not on the disk yet}
        self._content: set[Path] = set()
        self._writing: Path | None = None

    def put(self, file: Path, content: bytes) -> None:
        self._writing = file.with_name(f".{file.name}.new")
        super().put(file, content)

    def write(self, file: int, content: bytes) -> None:
        assert self._writing
        self._content.add(self._writing)
        if self._step():
            super().write(file, content[: self._chance.randrange(len(content) + 1)])
            self._go_dark()
        super().write(file, content)

    def sync(self, file: int) -> None:
        self._or_dark()
        super().sync(file)
        assert self._writing
        self._content.discard(self._writing)

    def rename(self, draft: Path, file: Path) -> None:
        self._or_dark()
        before = file.read_bytes() if file.exists() else None
        super().rename(draft, file)
        if draft in self._content:
            self._content.remove(draft)
            self._content.add(file)

        def back() -> None:
            if before is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(before)

        self._names.setdefault(file.parent, []).append(back)

    def make_folder(self, folder: Path) -> None:
        self._or_dark()
        super().make_folder(folder)

        def back() -> None:
            super(CutDisk, self).remove_folder(folder)

        self._names.setdefault(folder.parent, []).append(back)

    def sync_folder(self, folder: Path) -> None:
        self._or_dark()
        super().sync_folder(folder)
        self._names.pop(folder, None)

    def remove_folder(self, folder: Path) -> None:
        self._or_dark()
        super().remove_folder(folder)

    def _step(self) -> bool:
        self.steps += 1
        return self.steps - 1 == self._cut

    def _or_dark(self) -> None:
        if self._step():
            self._go_dark()

    def _go_dark(self) -> None:
        for file in self._content:
            if file.exists() and self._chance.random() < 0.7:
                whole = file.read_bytes()
                file.write_bytes(whole[: self._chance.randrange(len(whole) + 1)])
        for backs in self._names.values():
            for back in reversed(backs):
                if self._chance.random() < 0.7:
                    back()
        raise PowerCutError
