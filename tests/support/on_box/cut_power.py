"""What of a box outlasts a cut of its power, where the writes of a TornFlash are counted: its
memory, the time, and each of its lives. Runs in MicroPython."""

import asyncio
import errno
import os

import vfs

NOW = 1795431600


class Memory:
    """The chip's own: what is committed is there whole or not at all, and counts as a write."""

    def __init__(self, flash):
        self.flash = flash
        self.kept = {}
        self._new = {}

    def get_blob(self, key, buffer):
        if key not in self.kept or len(self.kept[key]) > len(buffer):
            raise OSError(-0x1102)
        buffer[: len(self.kept[key])] = self.kept[key]
        return len(self.kept[key])

    def set_blob(self, key, value):
        self._new[key] = bytes(value)

    def get_i32(self, key):
        if key not in self.kept:
            raise OSError(-0x1102)
        return self.kept[key]

    def set_i32(self, key, value):
        self._new[key] = value

    def commit(self):
        new, self._new = self._new, {}
        if not self.flash.left:
            raise OSError(errno.EIO)
        self.flash.left -= 1
        if self.flash.left:
            self.kept.update(new)


class Clock:
    """And what it hears: since long ago."""

    def now(self):
        return NOW

    def unix(self, t):
        return 0


class machine:  # noqa: N801
    """For the module of that name, which is loaded when it is wanted."""

    @staticmethod
    def reset():
        raise SystemExit


def life(flash, lives, *arguments):
    """What a life answers, None where the power or a restart ended it."""
    asyncio.new_event_loop()
    vfs.mount(vfs.VfsLfs2(flash), "/")
    os.chdir("/")
    try:
        return lives(*arguments)
    except (OSError, SystemExit):
        return None
    finally:
        vfs.umount("/")
