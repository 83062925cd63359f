"""Which characters a file's bytes are."""

import codecs
import re
from pathlib import Path

from noisetamer.base.errors import UserError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What Windows saves as in the countries whose meters these are.
_NATIONAL = ["gb18030", "cp1252", "cp1250", "cp1251", "big5", "shift_jis", "cp949", "mac_roman"]

_SAMPLE = 20_000

_SOMETHING = re.compile(rb"[^\0 \r\n\t]")


def read_bytes(path: Path) -> bytes:
    """Raises UserError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not _SOMETHING.search(data):
        raise UserError(f"{path}: is empty; export the table again")
    return data


def decoded(data: bytes) -> str:
    """Text. Bytes that mean nothing in it become U+FFFD."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if encoding := _wide(data[:_SAMPLE]):
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_national(data), errors="replace")


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: of numbers and Latin letters every second byte is 0."""
    half = len(head) // 2
    if half < 8:
        return None
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _national(data: bytes) -> str:
    from charset_normalizer import from_bytes

    # Only lines with letters beyond ASCII say anything; the rest are numbers.
    telling = b"\n".join(line for line in data[:_SAMPLE].splitlines() if not line.isascii())
    if not telling:
        return "cp1252"
    # A header of a few Chinese words is too short to be told from cp1252 by its statistics, and
    # cp1252 text hardly ever makes pairs of common characters: lead and trail byte of GB 2312.
    if _is_gb2312(telling):
        return "gb18030"
    best = from_bytes(telling, cp_isolation=_NATIONAL).best()
    return best.encoding if best else "cp1252"


def _is_gb2312(text: bytes) -> bool:
    try:
        words = text.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return sum("\u4e00" <= one <= "\u9fff" for one in words) >= 2
