"""The firmware as it was flashed, in one file beside the files it is of: what has become another
is written anew from it.

Source, not bytecode: a spoilt .mpy may crash the interpreter, a spoilt line raises an exception.

The file begins with a line: MAGIC, the hash of its list, the list's length. A line of the list is
hash, size and path of a file. The contents follow, in its order. Hashes are the first hex digits
of SHA-256.
"""

import binascii
import hashlib
import os

PATH = "/factory.tree"
MAGIC = b"tree1"
DIGITS = 16

# As many faults as a boot record has room for, and some room for others.
_MOST = 6

_piece = memoryview(bytearray(2048))


def mend(feed, path=PATH):
    """{name: what was wrong with it, and what was done} of the files that are not as flashed.

    What is spoilt within `path` is written anew from the files themselves. `feed`: called after
    every file that was written. Raises OSError or ValueError where `path` cannot be used.
    """
    found = {}
    spoilt = []
    with open(path, "rb") as tree:
        for digest, size, at, name in _list(tree):
            wrong = _what_is_wrong(name, size, digest)
            tree.seek(at)
            is_kept = _hash(tree, size) == digest
            if wrong and is_kept:
                found[name] = wrong + _write(tree, at, size, name)
                feed()
            elif wrong:
                found[name] = wrong + ", and so is what it was made of"
            elif not is_kept:
                spoilt.append((at, name))
    if spoilt:
        found[path] = _write_back(path, spoilt)
    return _few(found)


def _list(tree):
    """(hash, size, where its content is, path) of each file, one after the other.

    Never all at once: what an interpreter has held stays held where its stack still shows it.
    """
    magic, digest, length = tree.readline().split()
    line_at, size = tree.tell(), int(length)
    if magic != MAGIC or _hash(tree, size) != digest:
        raise ValueError("its list is spoilt")
    at = end = line_at + size
    while line_at < end:
        tree.seek(line_at)
        line = tree.readline()
        line_at += len(line)
        digest, size, name = line[:-1].split(b" ", 2)
        yield digest, int(size), at, name.decode()
        at += int(size)


def _what_is_wrong(name, size, digest):
    try:
        with open(name, "rb") as file:
            return "" if _hash(file, size + 1) == digest else "spoilt"
    except OSError:
        return "missing"


def _write(tree, at, size, name):
    """Write a file anew; what became of that."""
    try:
        _make_folders(name)
        tree.seek(at)
        with open(name + ".new", "wb") as file:
            _copy(tree, file, size)
        os.rename(name + ".new", name)
    except OSError as wrong:
        return ", and cannot be written: %s" % wrong
    return ", written anew"


def _write_back(path, spoilt):
    """Put whole files in the place of what is spoilt in the tree; what became of that."""
    try:
        with open(path, "r+b") as tree:
            for at, name in spoilt:
                with open(name, "rb") as file:
                    tree.seek(at)
                    _copy(file, tree, os.stat(name)[6])
    except OSError as wrong:
        return "spoilt, and cannot be written: %s" % wrong
    return "spoilt, written anew"


def _copy(source, target, size):
    while size:
        n = source.readinto(_piece[: min(size, len(_piece))])
        if not n:
            raise OSError("it ends too soon")
        target.write(_piece[:n])
        size -= n


def _make_folders(name):
    at = name.find("/", 1)
    while at > 0:
        try:
            os.mkdir(name[:at])
        except OSError:
            # It is there.
            pass
        at = name.find("/", at + 1)


def _hash(file, most):
    """Of the next bytes, at most so many."""
    digest = hashlib.sha256()
    while most:
        n = file.readinto(_piece[: min(most, len(_piece))])
        if not n:
            break
        digest.update(_piece[:n])
        most -= n
    return _hex(digest)


def _hex(digest):
    return binascii.hexlify(digest.digest())[:DIGITS]


def _few(found):
    """As many as a boot record has room for, and how many more there are."""
    names = sorted(found)
    few = {name[1:]: found[name] for name in names[: _MOST - 1]}
    if len(names) >= _MOST:
        few["others"] = "%d more" % (len(names) - _MOST + 1)
    return few
