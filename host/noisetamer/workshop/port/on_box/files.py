"""Runs on the box, in its raw REPL: what is in its file system, and what is to be."""

import binascii
import hashlib
import os
import sys

_FOLDER = 0x4000
PIECE = 3072

_piece = memoryview(bytearray(PIECE))
_text = memoryview(bytearray(PIECE // 3 * 4))
_console = getattr(sys.stdin, "buffer", sys.stdin)


def _hash(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while n := file.readinto(_piece):
            digest.update(_piece[:n])
    return binascii.hexlify(digest.digest()).decode()


def _is_folder(path):
    """None where there is nothing of that name."""
    try:
        return os.stat(path)[0] & _FOLDER != 0
    except OSError:
        return None


def _told(places, tell):
    """Each line at once: kept, they would lie scattered between the buffers of a hundred files."""
    for place in places:
        kind = _is_folder(place)
        if kind:
            _told(["%s/%s" % (place, entry[0]) for entry in os.ilistdir(place)], tell)
        elif kind is False:
            tell("%s %s\n" % (_hash(place), place))


def listing(places):
    """Print SHA-256 and path of files and of all files in folders, in LittleFS's order: by name.
    What is not there is left out."""
    _told(places, lambda line: print(line, end=""))


def listing_hash(places):
    """SHA-256 of all that `listing` would print."""
    digest = hashlib.sha256()
    _told(places, lambda line: digest.update(line.encode()))
    return binascii.hexlify(digest.digest()).decode()


def receive(path, size):
    """Take a file of `size` bytes from the console; print its SHA-256 as read back.

    It comes in base64, in which no byte means anything to the console, a piece for each "+".
    Until it is whole it has another name.
    """
    folder = ""
    for name in path.split("/")[1:-1]:
        folder += "/" + name
        if _is_folder(folder) is None:
            os.mkdir(folder)
    with open(path + ".new", "wb") as file:
        while size > 0:
            print("+", end="")
            length = (min(size, PIECE) + 2) // 3 * 4
            got = 0
            while got < length:
                got += _console.readinto(_text[got:length])
            size -= file.write(binascii.a2b_base64(_text[:length]))
    os.rename(path + ".new", path)
    print(_hash(path))


def content(path):
    """A small file in base64; None where there is none."""
    try:
        with open(path, "rb") as file:
            return binascii.b2a_base64(file.read()).decode()
    except OSError:
        return None


def remove(path):
    """If it is there."""
    if _is_folder(path) is not None:
        os.remove(path)
