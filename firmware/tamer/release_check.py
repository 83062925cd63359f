"""Whether the box takes a release: who signed it, for which board and when, and every file of it.

At a start, when there is memory; `feed`: the watchdog's, called again and again.
"""

import hashlib
import os
import sys
from binascii import hexlify

from tamer import saved_release
from tamer.record import release
from tamer.saved_orders import POLICY
from tamer.saved_release import NEW, ROOT

_PIECE = 1024
# Blocks that the file system keeps for itself; bytes of a file that lies in its folder.
_SPARE, _INLINE = 2, 128


class _RefusedError(Exception):
    """args: why, what exactly."""


def refusal(order, feed):
    """(why, what exactly) the release in /new.tree is refused; None: it may be tried.

    order: the table of the order that has brought it. Raises OSError, MemoryError.
    """
    try:
        with open(NEW, "rb") as tree, open(NEW, "rb") as stream:
            _check(order, tree, stream, feed)
        return None
    except _RefusedError as refused:
        return refused.args
    except (ValueError, KeyError, EOFError) as wrong:
        return "spoilt", str(wrong)


def _check(order, tree, stream, feed):
    """tree, stream: of the same file. Raises _RefusedError, ValueError."""
    words = tree.readline().split(b" ")
    if len(words) != 3 or words[0] != release.MAGIC:
        raise ValueError("no release")
    length = release.whole(words[2][:-1].decode(), release.MOST_MANIFEST)
    begin = tree.tell()
    digest = hashlib.sha256()
    _read(tree, length, digest.update, feed)
    digest = digest.digest()
    told = hexlify(digest)
    if words[1] != told[: release.DIGITS] or told.decode() != order["manifest"]:
        raise ValueError("another manifest")
    signature = tree.readline()[:-1].decode()
    stream.seek(tree.tell())
    if not _is_signed(digest, signature, _root()):
        raise _RefusedError("signature", "root")
    feed()
    tree.seek(begin)
    header = release.read_header(tree.readline)
    _check_header(order, header)
    begin, end = tree.tell(), begin + length
    _check_room(_files(tree, end), feed)
    tree.seek(begin)
    _check_files(_files(tree, end), stream, feed)
    _check_tail(tree, feed)


def _check_header(order, header):
    _, board = saved_release.running(None)
    mpy = sys.implementation._mpy & release.MPY_BITS
    if header.number != order["release"]:
        raise ValueError("another number")
    if header.board != board:
        raise _RefusedError("board", "%s, it is %s" % (header.board, board))
    if header.mpy != mpy:
        raise _RefusedError("board", "mpy %d, it has %d" % (header.mpy, mpy))
    text = release.stamp_text(header.number, order["manifest"], order["fresh"])
    digest = hashlib.sha256(text).digest()
    if not (header.stamp and _is_signed(digest, order["stamp"], header.stamp)):
        raise _RefusedError("signature", "stamp")


def _check_room(files, feed):
    """Each file is written beside the one it replaces."""
    block, _, _, free = os.statvfs("/")[:4]
    more = largest = 0
    for _, size, path in files:
        needs, has = _blocks(size, block), 0
        try:
            has = _blocks(os.stat(path)[6], block)
        except OSError:
            # It is a new one.
            pass
        more += max(0, needs - has)
        largest = max(largest, needs)
        feed()
    needs = more + largest + _SPARE
    if needs > free:
        raise _RefusedError("no room", "%d blocks, %d are free" % (needs, free))


def _check_files(files, stream, feed):
    """What each is. Its policy is put where the trial looks for it."""
    import deflate

    contents = deflate.DeflateIO(stream, deflate.ZLIB)
    for told, size, path in files:
        digest = hashlib.sha256()
        if path == release.POLICY:
            with open(POLICY, "wb") as policy:

                def take(data, digest=digest, policy=policy):
                    digest.update(data)
                    policy.write(data)

                _read(contents, size, take, feed)
        else:
            _read(contents, size, digest.update, feed)
        if digest.digest() != told:
            raise ValueError(path)
    try:
        more = contents.read(1)
    except OSError:
        # So it says that their checksum is another.
        raise ValueError("the checksum of its contents") from None
    if more:
        raise ValueError("more contents than files")


def _check_tail(tree, feed):
    """Of what follows the contents factory.py would mend them: it is to be of them alone."""
    rest = os.stat(NEW)[6] - release.CHUNK
    chunks = -(-rest // (release.CHUNK + release.CHECK))
    body = rest - chunks * release.CHECK
    tree.seek(body)
    checks, both = tree.read(chunks * release.CHECK), 0
    tree.seek(0)
    for i in range(chunks):
        chunk = tree.read(min(release.CHUNK, body - i * release.CHUNK))
        check = checks[i * release.CHECK : (i + 1) * release.CHECK]
        if hashlib.sha256(chunk).digest()[: release.CHECK] != check:
            raise ValueError("its checks")
        both ^= int.from_bytes(chunk, "big") << 8 * (release.CHUNK - len(chunk))
        feed()
    tree.seek(rest)
    if int.from_bytes(tree.read(release.CHUNK), "big") != both:
        raise ValueError("its parity")


def _files(tree, end):
    """Of each line of a manifest what it says."""
    while tree.tell() < end:
        yield release.read_file(tree.readline())


def _read(stream, size, take, feed):
    """Hand on so many bytes. Raises ValueError where there are fewer."""
    piece = memoryview(bytearray(min(size, _PIECE)))
    while size:
        try:
            n = stream.readinto(piece[: min(size, _PIECE)])
        except OSError:
            # So it says what is no zlib stream.
            n = 0
        if not n:
            raise ValueError("its contents end too early")
        take(piece[:n])
        size -= n
        feed()


def _is_signed(digest, signature, modulus):
    """signature: in base64."""
    return release.is_signed(digest, release.unbase64(signature), modulus)


def _root():
    """The modulus of the root's key."""
    try:
        with open(ROOT) as file:
            return release.unbase64(file.read(1000).strip())
    except (OSError, ValueError):
        raise _RefusedError("no key", "root.key is spoilt") from None


def _blocks(size, block):
    return (size + block - 1) // block if size > _INLINE else 0
