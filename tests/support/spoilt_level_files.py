"""Level tables spoilt by chance: bytes, lines and cells changed, cut, doubled, swapped."""

import numpy as np
from level_files import KINDS, Evening

_WORDS = (
    "", "-", "--.-", "OL", "NaN", "inf", "1e999", "-1", "0", "99999999999999999999", "66,6",
    "2026-02-30 19:00:00", "31.12.9999 23:59:59", "00/00/0000 00:00:00", "24:00:00", "19:60:61",
    "1795431601", "LAeq", "LCeq", "time", "Overload", "é", "声级", "\x00", "\ufeff", '"', "=1/0",
    "19:00:01 PM", "23/11/2026", "+99:99", "2026-11-23T19:00:01+99:99", "1" * 400, "\x1f", "\x85",
    "19 maj 2026", "maj 32 2026", "May", "sie 0000", "İ", "٣", "½", "\ud7ff", "[dB]", "{", "}",
)  # fmt: skip


def written(kind: str, evening: Evening) -> bytes:
    content = KINDS[kind](evening)
    return content if isinstance(content, bytes) else content.encode()


def spoilt(data: bytes, chance: np.random.Generator) -> bytes:
    """A file with some to many things wrong."""
    for _ in range(int(chance.integers(1, 6))):
        data = _ONE_OF[int(chance.integers(len(_ONE_OF)))](data, chance) or b"x"
    return data


def _place(data: bytes, chance: np.random.Generator) -> int:
    # The head is where it hurts.
    end = len(data) if chance.random() < 0.5 else min(len(data), 400)
    return int(chance.integers(max(1, end)))


def _bytes(data: bytes, chance: np.random.Generator) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.bytes(int(chance.integers(1, 9))) + data[at + 3 :]


def _cut(data: bytes, chance: np.random.Generator) -> bytes:
    at = _place(data, chance)
    return data[:at] if chance.random() < 0.5 else data[at:]


def _word(data: bytes, chance: np.random.Generator) -> bytes:
    for mark in (b";", b"\t", b","):
        parts = data.split(mark)
        if len(parts) > 3:
            at = int(chance.integers(len(parts) if chance.random() < 0.5 else min(30, len(parts))))
            parts[at] = _WORDS[int(chance.integers(len(_WORDS)))].encode("utf-8", "replace")
            return mark.join(parts)
    return data


def _lines(data: bytes, chance: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    one, other = (int(chance.integers(len(lines))) for _ in range(2))
    what = chance.integers(4)
    if what == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif what == 1:
        lines.insert(one, lines[other])
    elif what == 2:
        del lines[min(one, other) : max(one, other)]
    else:
        lines[one] = _WORDS[int(chance.integers(len(_WORDS)))].encode("utf-8", "replace")
    return b"\n".join(lines)


def _character(data: bytes, chance: np.random.Generator) -> bytes:
    marks = b",;\t\n\"'.:-/ 0"
    old, new = (int(chance.integers(len(marks))) for _ in range(2))
    return data.replace(marks[old : old + 1], marks[new : new + 1])


def _encoding(data: bytes, chance: np.random.Generator) -> bytes:
    text = data.decode("utf-8", "replace")
    encoding = ("utf-16", "utf-16-be", "gb18030", "cp1252", "utf-32")[int(chance.integers(5))]
    return text.encode(encoding, "replace")


_ONE_OF = (_bytes, _cut, _word, _word, _word, _lines, _lines, _character, _encoding)
