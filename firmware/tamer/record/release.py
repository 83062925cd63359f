"""The form of a release: firmware for one board in one file, signed, for the air. Pure.

The same form without a signature is a unit's `/factory.tree`, of which the box mends itself; a
release that has proved itself becomes that file as it is. Byte by byte:

1. One line, `tree2 DIGEST LENGTH`: the first 16 hex digits of the manifest's SHA-256, and how many
   bytes it has. All lines end with one \\n, all words have one space between them.
2. The manifest, ASCII, at most MOST_MANIFEST bytes. Its lines, all there, in this order:

       noisetamer release/v1
       number 7            rising for ever, 1 to MOST_NUMBER; 0 as flashed
       firmware 0.2.0      what the boot record says, VERSION; of the characters of a path
       board esp32_c3      the name of its board file, likewise
       mpy 12038           sys.implementation._mpy of that box, & MPY_BITS
       stamp MODULUS       of the RSA-2048 key of time stamps; `-` as flashed
       root MODULUS        from now on the box's root key; `-`: it stays
                           (an empty line)
       DIGEST SIZE PATH    for each file: SHA-256, bytes, path on the box

   MODULUS is the big-endian modulus in base64 with its padding (the exponent is 65537), DIGEST
   here all of SHA-256 in base64 without its padding, 43 characters. First the files that are
   firmware (`is_firmware`), then those that are given once (`is_given`), each sorted by path; no
   path twice.
3. One line: the root's signature over the manifest's bytes, RSASSA-PKCS1-v1_5 with SHA-256
   (RFC 8017, 8.2), in base64 with its padding; `-` as flashed.
4. The contents, one after the other in that order, as one zlib stream (RFC 1950) with a window of
   at most 2 ** MOST_WINDOW bytes.
5. So that the box can mend the file itself: of 1 to 4, cut into chunks of CHUNK bytes (the last
   one of what is left), the first CHECK bytes of each chunk's SHA-256; then CHUNK bytes, the XOR
   of all chunks, the last one filled up with zeros. Not signed: it decides nothing.

The stamp is `release NUMBER DIGEST until T`, ASCII without a line's end (`stamp_text`), DIGEST all
64 hex digits of the manifest's SHA-256, T Unix s at most MOST_FRESH ahead; signed likewise by the
stamp key. It travels in the order `update` (`tamer.record.orders`) beside size and SHA-256 of the
file: `release` is NUMBER, `manifest` DIGEST, `fresh` T and `stamp` the signature in base64. Who
keeps a box from newer releases cannot pass an old one for new when the stamp has run out.

A box's root key is its file `/root.key`: MODULUS and a line's end. Without it no release is taken.
"""

import hashlib
from binascii import a2b_base64, b2a_base64, hexlify
from collections import namedtuple

MAGIC = b"tree2"
FORM = "noisetamer release/v1"
NAMES = ("number", "firmware", "board", "mpy", "stamp", "root")
NONE = "-"

# Hex digits of the manifest's hash in the first line.
DIGITS = 16
CHUNK, CHECK = 1024, 8

# Bytes of the file, of its manifest, and of a path; files; bits of the stream's window.
MOST_BYTES = 1 << 20
MOST_MANIFEST = 32768
LONGEST_PATH = 80
MOST_FILES = 400
MOST_WINDOW = 15
MOST_NUMBER = 2**31 - 1
# Version, sub-version and architecture of .mpy files.
MPY_BITS = 0x3FFF
# s that a stamp may hold.
MOST_FRESH = 8 * 86400

# Where a release may write. What starts a box and carries it back is not among it: main.py,
# first.py, factory.py, nor /lib, from where MicroPython would import an os.py before its own, and
# they with it; nor is what people have set: settings.json, hub.der, root.key.
_FIRMWARE = ("/tamer/", "/microphones/", "/fonts/")
_BOARD = "/board.py"
_VOICES = "/voices/"
POLICY = "/policy.json"
_OF_A_PATH = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"

_EXPONENT = 65537
# Bytes of a modulus: RSA-2048, RSA-3072, RSA-4096.
_SIZES = (256, 384, 512)
# DigestInfo of SHA-256 before the hash (RFC 8017, 9.2, note 1).
_SHA256 = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"

# `stamp`, `root`: modulus as bytes, or None.
Header = namedtuple("Header", NAMES)


def header_text(header):
    """The lines of a manifest down to the empty one."""
    values = [modulus_text(v) if i > 3 else str(v) for i, v in enumerate(header)]
    lines = [name + " " + value for name, value in zip(NAMES, values)]
    return "\n".join([FORM] + lines + ["", ""])


def file_line(digest, size, path):
    """The line of a file. digest: the 32 bytes of its SHA-256."""
    return "%s %d %s\n" % (b2a_base64(digest).decode()[:43], size, path)


def read_header(line):
    """The Header of a manifest. `line()`: its next line, as bytes. Raises ValueError."""
    if line() != FORM.encode() + b"\n":
        raise ValueError("another form")
    values = []
    for name in NAMES:
        words = line().decode().split(" ")
        if len(words) != 2 or words[0] != name or words[1][-1:] != "\n" or len(words[1]) < 2:
            raise ValueError(name)
        values.append(words[1][:-1])
    if line() != b"\n":
        raise ValueError("no empty line")
    number, firmware, board, mpy, stamp, root = values
    # They are shown to whoever signs, and stand in the boot record.
    if not (_is_plain(firmware) and _is_plain(board)):
        raise ValueError("a name")
    number = whole(number, MOST_NUMBER)
    mpy = whole(mpy, MPY_BITS)
    return Header(number, firmware, board, mpy, _modulus(stamp), _modulus(root))


def read_file(line):
    """(32 bytes of SHA-256, size, path) of a file's line, as bytes. Raises ValueError."""
    words = line.decode().split(" ")
    if len(words) != 3 or words[2][-1:] != "\n":
        raise ValueError("a file's line")
    digest, size, path = words[0], words[1], words[2][:-1]
    content = a2b_base64(digest + "=")
    if b2a_base64(content).decode()[:43] != digest or len(content) != 32:
        raise ValueError("a file's digest")
    if not (is_firmware(path) or is_given(path)):
        raise ValueError("no path for a release: " + path)
    return content, whole(size, MOST_BYTES), path


def is_firmware(path):
    """Whether it may be in a release, and is mended at each start."""
    return path == _BOARD or (path.startswith(_FIRMWARE) and _is_path(path))


def is_given(path):
    """Whether it may be in a release, is put in its place once, and is then people's own."""
    return path == POLICY or (path.startswith(_VOICES) and _is_path(path))


def _is_path(path):
    if len(path) > LONGEST_PATH or path.endswith(("/", ".new", ".tree")):
        return False
    return _is_plain(path) and "//" not in path and "/." not in path


def _is_plain(text):
    return all([c in _OF_A_PATH for c in text])


def stamp_text(number, digest, until):
    """What the stamp key signs. digest: 64 hex digits of the manifest's SHA-256."""
    return ("release %d %s until %d" % (number, digest, until)).encode()


def is_signed(message_digest, signature, modulus):
    """Whether the 32 bytes of a message's SHA-256 are signed so (RFC 8017, 8.2.2)."""
    size = len(modulus)
    n, s = int.from_bytes(modulus, "big"), int.from_bytes(signature, "big")
    if size not in _SIZES or len(signature) != size or s >= n:
        return False
    head = b"\0\1" + b"\xff" * (size - 3 - len(_SHA256) - len(message_digest)) + b"\0"
    return pow(s, _EXPONENT, n).to_bytes(size, "big") == head + _SHA256 + message_digest


def modulus_text(modulus):
    """As a manifest and the box's root.key have it."""
    return b2a_base64(modulus).decode()[:-1] if modulus else NONE


def _modulus(text):
    if text == NONE:
        return None
    modulus = unbase64(text)
    if len(modulus) not in _SIZES:
        raise ValueError("a key's length")
    return modulus


def unbase64(text):
    """The bytes of base64 in its one canonical form. Raises ValueError."""
    content = a2b_base64(text)
    if b2a_base64(content).decode()[:-1] != text:
        raise ValueError("base64")
    return content


def whole(text, most):
    """A number as a manifest writes it. Raises ValueError."""
    number = int(text)
    if not 0 <= number <= most or str(number) != text:
        raise ValueError("a number")
    return number


def hex_of(content):
    """All of SHA-256, in hex."""
    return hexlify(hashlib.sha256(content).digest()).decode()
