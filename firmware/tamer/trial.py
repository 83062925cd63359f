"""A release on trial: whether it proves itself, and what becomes of it; at a start, and after it.

What goes wrong here costs the release its trial: `first.py` gives it so much time and `factory.py`
so many starts, whatever is in this file.
"""

import asyncio
import gc
import hashlib
import json
import os

from tamer import kept_file, saved_release, unload
from tamer.saved_orders import POLICY, STAGE
from tamer.saved_release import (
    BACK,
    CHECK,
    FACTORY,
    NEW,
    ORDER,
    PROVEN,
    ROOT,
    SETTLED,
    TRIAL,
    State,
    turned,
)

_TIME, _LOOK = 600, 2  # s
_HEARD = 20  # s that it must have heard
_STARTS = 3  # of a trial: one may meet a power cut
_VOICES = "/voices/"
_LONGEST_WHY = 120
_LAST_WORDS = 1000  # ms


def resume(n, failed, path, memory, feed, shut):
    """(Policy on trial or None, (n, verb, result, why, detail)) of a release, at a start.

    n: of the order that is not done. `failed`: what failed starts count. `path`: of the policy,
    None where only some of the settings are used. `feed`: the watchdog's. `shut()`: why the
    firmware could be given no other release, None where it could.
    """
    state = saved_release.load(memory)
    of = state.order, "update"
    if state.phase == CHECK:
        why = _check(state, memory, feed) or ()
        _forget()
        saved_release.save(memory, turned(state, SETTLED))
        return None, of + ("refused",) + why
    if state.phase == TRIAL:
        from tamer import failed_starts

        policy = None
        if failed >= failed_starts.MANY:
            _go_back(memory, state, "its starts crashed")
        why = shut()
        if why:
            _go_back(memory, state, "it could take no other: %s" % why)
        if POLICY[1:] in os.listdir("/"):
            from tamer.judge import policy as judged

            found = kept_file.read(POLICY, None, "policy", judged.MOST_BYTES, judged.read)
            policy, fault, _ = found
            if policy is None:
                _go_back(memory, state, "its policy: %s" % fault)
        return policy, of + (TRIAL, None, None)
    if state.phase == PROVEN:
        try:
            for _ in finish(state, path or "/policy.json", memory):
                feed()
        except ValueError:
            # Its list is spoilt: nobody could mend the box from it. The old one holds again.
            _forget()
            saved_release.save(memory, turned(state, SETTLED, why="its tree was spoilt"))
        except (OSError, EOFError, MemoryError):
            # The new tree holds all the same; the next start tries it again.
            pass
        if n != state.order:
            return None, None
        return None, of + ("done", None, "%d" % state.release)
    if state.phase == BACK:
        _forget()
        return None, of + ("refused", "went back", state.why)
    _forget()
    if n == state.order and state.release == state.number:
        return None, of + ("done", None, "%d" % state.release)
    if n == state.order and state.why:
        return None, of + ("refused", "went back", state.why)
    return None, (n, "update", "refused", "cut", None)


def _check(state, memory, feed):
    """(why, what exactly) a release is not tried. If it is, the box starts again."""
    if not state.left:
        return "failed", "no start came to the end of its check"
    saved_release.save(memory, turned(state, CHECK, state.left - 1))
    gc.collect()
    try:
        from tamer import release_check

        with open(ORDER) as file:
            order = json.load(file)
        why = release_check.refusal(order, feed)
    except MemoryError:
        why = "no memory", None
    except Exception as wrong:
        why = "failed", str(wrong)[:_LONGEST_WHY]
    unload("tamer", "release_check")
    unload("tamer.record", "release")
    if why:
        return why
    memory.set_i32("late", 0)
    memory.set_i32("failed", 0)
    saved_release.save(memory, turned(state, TRIAL, _STARTS))
    _start_again()
    return None


def _forget():
    """Of a release that is not tried nothing is left."""
    for path in (STAGE, NEW, ORDER, POLICY):
        _remove(path)


async def settle(memory, path, health, flush):
    """(result, why, detail) of a trial that has proved itself; else the box starts again.

    `health()`: (words for the kernel's self-test, seconds heard since the start, whether the hub
    has acknowledged something). `flush`: what was heard is on flash.
    """
    state = saved_release.load(memory)
    missing = None
    for _ in range(0, _TIME, _LOOK):
        await asyncio.sleep(_LOOK)
        missing = _missing(*health())
        if not missing:
            break
    else:
        flush()
        await asyncio.sleep_ms(_LAST_WORDS)
        _go_back(memory, state, missing)
    # From here on the new one holds, wherever its files are.
    state = State(state.release, PROVEN, 0, state.order, state.release, "")
    saved_release.save(memory, state)
    try:
        for _ in finish(state, path, memory):
            await asyncio.sleep(0)
    except (OSError, ValueError, EOFError, MemoryError):
        # The next start goes on with it.
        pass
    return "done", None, "%d" % state.release


async def told(memory, is_new, flush):
    """The hub will hear of it: what went back is over. is_new: it was on trial until now; what
    a running box has no memory for is left to a start."""
    state = saved_release.load(memory)
    if state.phase == BACK:
        saved_release.save(memory, turned(state, SETTLED, why=state.why))
    elif is_new:
        flush()
        await asyncio.sleep_ms(_LAST_WORDS)
        _start_again()


def _missing(self_test, heard, is_reached):
    """What it has not proved, in words; None where nothing is missing."""
    if self_test != "passed":
        return "the kernel's self-test: %s" % self_test
    if heard < _HEARD:
        return "it heard %d seconds" % heard
    if not is_reached:
        return "the hub was not reached"
    return None


def _start_again():
    import machine

    machine.reset()


def _go_back(memory, state, why):
    state = turned(state, BACK, why=why[:_LONGEST_WHY])
    try:
        memory.set_i32("failed", 0)
        saved_release.save(memory, state)
    except OSError:
        # Then it is one of its starts.
        pass
    _start_again()


def finish(state, path, memory):
    """The new tree takes the old one's place, in steps; begun again wherever it was cut off.

    Raises OSError, ValueError, EOFError.
    """
    there = os.listdir("/")
    if POLICY[1:] in there:
        os.rename(POLICY, path)
    _remove(ORDER)
    if NEW[1:] in there:
        yield from _give()
        os.rename(NEW, FACTORY)
    saved_release.save(memory, turned(state, SETTLED))
    yield None


def _give():
    """Voices in their place; the root's new key."""
    with open(NEW, "rb") as tree:
        length = int(tree.readline().split()[2])
        begin = tree.tell()
        for _ in range(6):
            tree.readline()
        root = tree.readline()[:-1].split(b" ")[1]
    if root != b"-":
        with open(ROOT + ".new", "wb") as file:
            file.write(root + b"\n")
        os.rename(ROOT + ".new", ROOT)
    yield None
    behind = 0
    for name, size, _ in _files(NEW):
        if name.startswith(_VOICES):
            break
        behind += size
    else:
        return
    import deflate

    with open(NEW, "rb") as tree:
        tree.seek(begin + length)
        tree.readline()
        contents = deflate.DeflateIO(tree, deflate.ZLIB)
        yield from _copy(contents, behind, None)
        for name, size, digest in _files(NEW):
            if not name.startswith(_VOICES):
                continue
            try:
                yield from _write(contents, name, size, digest)
            except OSError:
                # There is no room any more: a box with other voices is better than none.
                _remove(name + ".new")
                return


def _write(contents, name, size, digest):
    held = hashlib.sha256()
    with open(name + ".new", "wb") as file:

        def take(data):
            held.update(data)
            file.write(data)

        yield from _copy(contents, size, take)
    if held.digest() == digest:
        os.rename(name + ".new", name)
    else:
        _remove(name + ".new")


def _copy(stream, size, take):
    piece = memoryview(bytearray(512))
    while size:
        n = stream.readinto(piece[: min(size, len(piece))])
        if not n:
            raise EOFError
        if take:
            take(piece[:n])
        size -= n
        yield None


def _files(path):
    """(path, size, digest) of each in a tree's list."""
    from binascii import a2b_base64

    with open(path, "rb") as tree:
        end = int(tree.readline().split()[2])
        end += tree.tell()
        while tree.readline() != b"\n":
            pass
        while tree.tell() < end:
            digest, size, name = tree.readline()[:-1].split(b" ", 2)
            yield name.decode(), int(size), a2b_base64(digest + b"=")


def _remove(path):
    try:
        os.remove(path)
    except OSError:
        # It is gone.
        pass
