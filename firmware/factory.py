"""What carries a box back, whatever becomes of its files: trees of the firmware, each in one file,
from which what has become another is written anew; and which of them holds now.

`/start.tree` is main.py, first.py and this file, `/factory.tree` all the rest as it has proved
itself, `/new.tree` a release on trial. Their form: tamer/record/release.py. A trial has so many
starts; then, and when its own firmware or `first.py` gives it up, the old tree is written back.

Never changed over the air: what is written here holds for every release that will ever come.
Source, not bytecode: a spoilt .mpy may crash the interpreter, a spoilt line raises an exception.

The chip's memory has, under `release`, JSON: [highest number that has proved itself, phase, starts
left, number of the order, number of the release, why it went back]. Phase: "" nothing to be done,
"trial", "proven" (the new tree holds; it is to take the old one's place), "back" (the old one).
"""

import binascii
import hashlib
import json
import os

START, FACTORY, NEW = "/start.tree", "/factory.tree", "/new.tree"
MAGIC = b"tree2"
CHUNK, CHECK, DIGITS = 1024, 8, 16
# What is put in its place once, and not mended: people's own from then on.
GIVEN = ("/voices/", "/policy.json")

# As many faults as a boot record has room for, and some room for others.
_MOST = 6

_ANEW = ", written anew"
_LOST = ", and so is what it was made of"

# The number of the release that this start is a trial of.
trial = 0

_piece = memoryview(bytearray(2048))


def mend(feed, path=None):
    """{name: what was wrong with it, and what was done} of the files that are not as they should
    be, by the trees that hold now; or by the one at `path`.

    `feed`: called after every file that was written. What is spoilt in a tree is mended as well.
    """
    global trial
    if path:
        return _few(_mended(path, feed)[0])
    found = _tried(START, feed)[0]
    state, memory = _state()
    if state[1] == "trial":
        why = _ends(state, memory)
        if not why:
            # So that it is tried as it will be, and no folder comes before a module of its name.
            _tidy(NEW, FACTORY, feed)
            more, is_whole = _tried(NEW, feed)
            if is_whole:
                # What it wrote is no fault.
                trial = state[4]
                return _few(found)
            why = "it could not be written: %s" % more
        state[1], state[5] = "back", why[:120]
        _keep(memory, state)
    moves = state[1] == "back"
    if moves and _has(NEW):
        _tidy(FACTORY, NEW, feed)
        _remove("/policy.new")
        _remove(NEW)
    more = _tried(NEW if state[1] == "proven" and _has(NEW) else FACTORY, feed)[0]
    for name in more:
        if not (moves and more[name].endswith(_ANEW)):
            found[name] = more[name]
    return _few(found)


def _ends(state, memory):
    """Why the trial has come to its end before this start; None: it goes on, and this is told."""
    if not _has(NEW):
        return "its tree is gone"
    if not state[2]:
        return "its starts were in vain"
    try:
        if memory.get_i32("late") == state[4]:
            return "it did not prove itself in time"
    except OSError:
        # It never was.
        pass
    state[2] -= 1
    return None if _keep(memory, state) else "nothing keeps count of its starts"


def _state():
    """(what the chip's memory has of releases, that memory)."""
    try:
        import esp32

        memory = esp32.NVS("tamer")
        buffer = bytearray(400)
        state = json.loads(bytes(buffer[: memory.get_blob("release", buffer)]))
        is_one = len(state) == 6 and isinstance(state[2], int)
        if is_one and state[1] in ("trial", "proven", "back"):
            return state, memory
    except Exception:
        # There is none, or nothing that could be read.
        pass
    return [0, "", 0, 0, 0, ""], None


def _keep(memory, state):
    """Whether it is on flash. What fails from now on is the old firmware's fault again."""
    try:
        memory.set_blob("release", json.dumps(state).encode())
        if state[1] == "back":
            memory.set_i32("failed", 0)
            memory.set_i32("late", 0)
        memory.commit()
        return True
    except Exception:
        return False


def _tidy(kept, other, feed):
    """What only the tree at `other` has goes, and the folders that this leaves empty."""
    try:
        names = set()
        with open(kept, "rb") as tree:
            for _, _, name in _list(tree):
                names.add(name)
        with open(other, "rb") as tree:
            for _, _, name in _list(tree):
                if name not in names and not name.startswith(GIVEN):
                    _remove(name)
                    _remove(name + ".new")
                    _remove_folders(name)
                    feed()
    except (OSError, ValueError):
        # Then some files lie about.
        pass


def _tried(path, feed):
    """As `_mended`, also for a tree that cannot be used."""
    try:
        return _mended(path, feed)
    except (OSError, ValueError, EOFError) as wrong:
        return {path: "missing" if not _has(path) else str(wrong) or "spoilt"}, False


def _mended(path, feed):
    """({name: what was wrong with it, and what was done}, whether all is now as the tree has it).

    Raises OSError or ValueError where the tree cannot be used.
    """
    found, is_whole = {}, True
    wrong = _mend_tree(path)
    if wrong:
        found[path] = wrong
    stream, behind = None, 0
    with open(path, "rb") as tree:
        for digest, size, name in _list(tree):
            if name.startswith(GIVEN):
                break
            wrong = _what_is_wrong(name, size, digest)
            if not wrong:
                behind += size
                continue
            if not stream:
                stream = _contents(path)
            done = _LOST if _read(stream, behind, None) else _write(stream, size, name, digest)
            behind = 0
            is_whole = is_whole and done == _ANEW
            found[name] = wrong + done
            feed()
    return found, is_whole


def _list(tree):
    """(hash, size, path) of each file, one after the other.

    Never all at once: what an interpreter has held stays held where its stack still shows it.
    """
    magic, digest, length = tree.readline().split()
    at, left = tree.tell(), int(length)
    end = at + left
    held = hashlib.sha256()
    while left:
        n = tree.readinto(_piece[: min(left, len(_piece))])
        if not n:
            break
        held.update(_piece[:n])
        left -= n
    if magic != MAGIC or binascii.hexlify(held.digest())[:DIGITS] != digest:
        raise ValueError("its list is spoilt")
    tree.seek(at)
    while tree.readline() != b"\n":
        pass
    while tree.tell() < end:
        digest, size, name = tree.readline()[:-1].split(b" ", 2)
        yield digest, int(size), name.decode()


def _contents(path):
    """The stream of a tree's contents."""
    import deflate

    tree = open(path, "rb")
    length = int(tree.readline().split()[2])
    tree.seek(tree.tell() + length)
    # The signature: whoever took the tree has looked at it.
    tree.readline()
    return deflate.DeflateIO(tree, deflate.ZLIB)


def _what_is_wrong(name, size, digest):
    held = hashlib.sha256()
    try:
        with open(name, "rb") as file:
            while True:
                n = file.readinto(_piece)
                if not n:
                    break
                held.update(_piece[:n])
    except OSError:
        return "missing"
    return "" if _base64(held) == digest else "spoilt"


def _write(stream, size, name, digest):
    """Write a file anew; what became of that."""
    held = hashlib.sha256()
    try:
        _make_folders(name)
        with open(name + ".new", "wb") as file:

            def take(data):
                held.update(data)
                file.write(data)

            if _read(stream, size, take):
                return _LOST
        if _base64(held) != digest:
            _remove(name + ".new")
            return _LOST
        os.rename(name + ".new", name)
    except OSError as wrong:
        _remove(name + ".new")
        return ", and cannot be written: %s" % wrong
    return _ANEW


def _read(stream, size, take):
    """Take so many bytes; how many are missing. Where `take` fails, the rest is read all the same:
    the next file comes after it."""
    failed = None
    while size:
        piece = _piece[: min(size, len(_piece))]
        try:
            n = stream.readinto(piece)
        except (OSError, EOFError):
            n = 0
        if not n:
            break
        size -= n
        try:
            if take and not failed:
                take(piece[:n])
        except OSError as wrong:
            failed = wrong
    if failed:
        raise failed
    return size


def _mend_tree(path):
    """What was wrong with a tree as a file, and what was done: one chunk can be made of all the
    others and of their XOR, which are at its end."""
    rest = os.stat(path)[6] - CHUNK
    chunks = (rest + CHUNK + CHECK - 1) // (CHUNK + CHECK)
    body = rest - chunks * CHECK
    with open(path, "r+b") as tree:
        tree.seek(body)
        checks = tree.read(chunks * CHECK)
        spoilt = []
        tree.seek(0)
        for i in range(chunks):
            chunk = tree.read(min(CHUNK, body - i * CHUNK))
            if hashlib.sha256(chunk).digest()[:CHECK] != checks[i * CHECK : (i + 1) * CHECK]:
                spoilt.append(i)
        if not spoilt:
            return ""
        if len(spoilt) > 1:
            return "spoilt"
        (i,) = spoilt
        size = min(CHUNK, body - i * CHUNK)
        tree.seek(rest)
        made, was = int.from_bytes(tree.read(CHUNK), "big"), b""
        for j in range(chunks):
            tree.seek(j * CHUNK)
            chunk = tree.read(min(CHUNK, body - j * CHUNK))
            if j == i:
                was = chunk
            else:
                made ^= int.from_bytes(chunk, "big") << 8 * (CHUNK - len(chunk))
        made = made.to_bytes(CHUNK, "big")[:size]
        check = hashlib.sha256(made).digest()[:CHECK]
        try:
            if check == checks[i * CHECK : (i + 1) * CHECK]:
                tree.seek(i * CHUNK)
                tree.write(made)
            elif made == was:
                # The chunk is right, what it is checked by is not.
                tree.seek(body + i * CHECK)
                tree.write(check)
            else:
                return "spoilt"
        except OSError as wrong:
            return "spoilt, and cannot be written: %s" % wrong
    return "spoilt" + _ANEW


def _base64(held):
    return binascii.b2a_base64(held.digest())[:43]


def _make_folders(name):
    at = name.find("/", 1)
    while at > 0:
        try:
            os.mkdir(name[:at])
        except OSError:
            # It is there.
            pass
        at = name.find("/", at + 1)


def _remove_folders(name):
    try:
        while name.rfind("/") > 0:
            name = name[: name.rfind("/")]
            os.rmdir(name)
    except OSError:
        # Others are in it, or it is gone.
        pass


def _has(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _remove(path):
    try:
        os.remove(path)
    except OSError:
        # It is gone.
        pass


def _few(found):
    """As many as a boot record has room for, and how many more there are."""
    names = sorted(found)
    few = {name[1:]: found[name] for name in names[: _MOST - 1]}
    if len(names) >= _MOST:
        few["others"] = "%d more" % (len(names) - _MOST + 1)
    return few
