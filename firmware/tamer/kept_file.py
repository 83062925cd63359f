"""A file that people edit, and the last good copy of it in the chip's own memory: a spoilt file
system does not reach that one."""

import binascii
import errno
import gc
import hashlib
import json
import os

from tamer import blob

# A file full of faults still makes one boot record that the hub takes.
_LONGEST_FAULT = 1000  # characters

# Some editors begin a file with it.
_MARK = b"\xef\xbb\xbf"


def read(path, memory, key, most, parse):
    """(what `parse` makes of the file's JSON, what is wrong or None, whether it is another file).

    `memory`: the chip's own (esp32.NVS), which keeps the copy under `key`, or None. `most`: bytes
    that the file may have. `parse` raises whatever it likes for what it does not take.

    The copy stands in for a file that is missing or not taken; None where there is no good one
    either. A good file becomes the copy.
    """
    copy, text = blob(memory, key, most), b""
    try:
        with open(path, "rb") as file:
            text = file.read(most + 1)
    except OSError as wrong:
        is_there = wrong.args[0] != errno.ENOENT
        if not (is_there or copy):
            return None, None, False
        found, fault = None, "cannot be read: %s" % wrong if is_there else "missing"
    else:
        found, fault = _parsed(text, most, parse)
    if fault is None:
        is_new = text != copy
        if is_new and memory is not None:
            _keep(memory, key, text)
        return found, None, is_new and bool(copy)
    if copy:
        found, _ = _parsed(copy, most, parse)
        if found is not None:
            return found, fault + "; the last good copy is used", False
    return None, fault, False


def mend(path, memory, key, most, digest):
    """Write a file anew from its copy where it has another SHA-256 than `digest`, in hex.

    What was wrong with it, or None. A file that is right becomes the copy.
    """
    copy, content = blob(memory, key, most), None
    try:
        with open(path, "rb") as file:
            content = file.read(most + 1)
    except OSError:
        pass
    if content is not None and _digest(content) == digest:
        if content != copy and memory is not None:
            _keep(memory, key, content)
        return None
    fault = "missing" if content is None else "spoilt"
    if _digest(copy) != digest:
        return fault
    try:
        with open(path + ".new", "wb") as file:
            file.write(copy)
        os.rename(path + ".new", path)
    except OSError as wrong:
        return "%s, and cannot be written: %s" % (fault, wrong)
    return fault + ", written anew"


def _digest(content):
    return binascii.hexlify(hashlib.sha256(content).digest()).decode()


def _parsed(text, most, parse):
    """(what is in it or None, what is wrong with it or None)."""
    if len(text) > most:
        return None, "larger than %d bytes" % most
    if text.startswith(_MARK):
        text = text[len(_MARK) :]
    try:
        return parse(json.loads(text)), None
    except MemoryError:
        fault = "too much for the memory"
    except Exception as wrong:
        # Whatever it is: nothing in a file may keep a box from measuring.
        fault = str(wrong)[:_LONGEST_FAULT] or "not JSON"
    gc.collect()
    return None, fault


def _keep(memory, key, text):
    try:
        memory.set_blob(key, text)
        memory.commit()
    except OSError:
        # No room: then there is no copy.
        pass
