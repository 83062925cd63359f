"""The cells of a column: as text, and as characters side by side.

A million cells are read in the time it takes to look at each of their characters once: cells of
the same length are laid side by side, and a place of all of them is one array.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIGITS = str.maketrans("123456789", "000000000")
"""Of a text to its picture: every digit 0."""

Rows = NDArray[np.intp]


_WORD = 8

# Rows: what they need stays in the processor's cache, and in memory that is there already.
_AT_A_TIME = 1 << 15


@dataclass(frozen=True)
class Group:
    """Cells of one length. rows: which. words: their characters, uint8[n, 8] each, 8 places each;
    code points above 255 are 255."""

    rows: Rows
    length: int
    words: Sequence[NDArray[np.uint8]]

    def text(self, cell: int) -> str:
        whole = b"".join(word[cell].tobytes() for word in self.words)
        return whole[: self.length].decode("latin-1")

    def alike(self, picture: str) -> NDArray[np.bool_]:
        """Which have digits where the picture has 0, and elsewhere the picture's characters."""
        alike = np.ones(len(self.rows), np.bool_)
        for number, word in enumerate(self.words):
            part = picture[number * _WORD : (number + 1) * _WORD].encode("latin-1")
            digit = np.frombuffer(part.ljust(_WORD, b"\0"), np.uint8) == ord("0")
            # A digit is 0x30 to 0x39: its upper half is 3, and stays 3 with 6 added.
            upper = np.where(digit, 0xF0, 0xFF).astype(np.uint8)
            upper[len(part) :] = 0
            wanted = np.frombuffer(part.ljust(_WORD, b"\0"), np.uint8) & upper
            six = np.where(digit, 6, 0).astype(np.uint8)
            whole = word.view(np.uint64)[:, 0]
            mask, value, more = (one.view(np.uint64)[0] for one in (upper, wanted, six))
            alike &= (whole & mask) == value
            if digit.any():
                alike &= ((whole + more) & mask) == value
        return alike

    def only(self, which: NDArray[np.bool_]) -> "Group":
        if which.all():
            return self
        return Group(self.rows[which], self.length, [word[which] for word in self.words])

    def digits(self, begin: int, end: int) -> NDArray[np.int64]:
        """The numbers between two places, all of them digits."""
        places = [self.words[at // _WORD][:, at % _WORD] for at in range(begin, end)]
        if len(places) == 1:
            return (places[0] - np.uint8(ord("0"))).astype(np.int64)
        # Two digits are less than 256: 10 * 48 + 48 = 528, which is 16 beyond twice 256.
        pair = places[-2] * np.uint8(10) + places[-1] - np.uint8(16)
        value = pair.astype(np.int64)
        for power, place in enumerate(reversed(places[:-2]), 2):
            value += (place - np.uint8(ord("0"))).astype(np.int64) * 10**power
        return value


class Column(Sequence[str]):
    """Cells of any text."""

    def __init__(self, texts: Sequence[str]):
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: Any) -> Any:
        return self._texts[at]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    @property
    def isascii(self) -> bool:
        return all(map(str.isascii, self._texts))

    def groups(self, longest: int) -> Iterator[Group]:
        """Of cells up to a length, those of each length, some thousands at a time."""
        for first in range(0, len(self), _AT_A_TIME):
            some = self._texts[first : first + _AT_A_TIME]
            lengths = np.fromiter(map(len, some), np.int64, len(some))
            for length in _distinct(lengths, longest):
                rows = np.flatnonzero(lengths == length)
                padding = "\0" * (-length % _WORD)
                text = padding.join([some[row] for row in rows.tolist()]) + padding
                if text.isascii():
                    characters = np.frombuffer(text.encode("ascii"), np.uint8)
                else:
                    wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
                    characters = np.minimum(wide, 255).astype(np.uint8)
                table = characters.reshape(len(rows), -1, _WORD)
                words = list(np.ascontiguousarray(table.transpose(1, 0, 2)))
                yield Group(first + rows, length, words)


class CutColumn(Column):
    """Cells cut out of ASCII text: from behind `before` to `ends`."""

    def __init__(self, text: str, characters: NDArray[np.uint8], before: Rows, ends: Rows):
        self._text, self._characters, self._before, self._ends = text, characters, before, ends

    @cached_property
    def _texts(self) -> list[str]:
        return list(map(self.__getitem__, range(len(self))))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        return self._text[self._before[at] + 1 : self._ends[at]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    @property
    def isascii(self) -> bool:
        return True

    def groups(self, longest: int) -> Iterator[Group]:
        # Eight characters from each place on, in one look-up.
        anywhere = np.ndarray(
            (len(self._characters) - _WORD + 1,), np.uint64, self._characters, strides=(1,)
        )
        for first in range(0, len(self), _AT_A_TIME):
            begins = self._before[first : first + _AT_A_TIME] + 1
            lengths = self._ends[first : first + _AT_A_TIME] - begins
            for length in _distinct(lengths, longest):
                rows = np.flatnonzero(lengths == length)
                words = [
                    anywhere[begins[rows] + place].view(np.uint8).reshape(-1, _WORD)
                    for place in range(0, length, _WORD)
                ]
                yield Group(first + rows, length, words)


def cut(text: str, delimiter: str, width: int, count: int) -> list[Column] | None:
    """Columns of `count` lines without quotes; None where one has not so many cells."""
    if not text.isascii():
        lines = text.split("\n")
        if any(line.count(delimiter) != width - 1 for line in lines):
            return None
        flat = text.replace("\n", delimiter).split(delimiter)
        return [Column(flat[at::width]) for at in range(width)]
    # So that eight characters can be looked up from any.
    characters = np.frombuffer(text.encode("ascii") + bytes(_WORD), np.uint8)
    edges = np.empty(count * width + 1, np.int64)
    edges[0], edges[-1] = -1, len(text)
    filled = 1
    for first in range(0, len(text), 16 * _AT_A_TIME):
        some = characters[first : min(first + 16 * _AT_A_TIME, len(text))]
        at = np.flatnonzero((some == ord(delimiter)) | (some == ord("\n")))
        if filled + len(at) >= len(edges):
            return None
        edges[filled : filled + len(at)] = at + first
        filled += len(at)
    if filled != len(edges) - 1:
        return None
    # As many newlines as there are lines, each where a line of this width ends.
    if not (characters[edges[width:-1:width]] == ord("\n")).all():
        return None
    return [
        CutColumn(text, characters, edges[at:-1:width], edges[at + 1 :: width])
        for at in range(width)
    ]


def _distinct(lengths: NDArray[np.int64], longest: int) -> list[int]:
    counts = np.bincount(np.minimum(lengths, longest + 1), minlength=longest + 2)
    return [int(length) for length in np.flatnonzero(counts[1 : longest + 1]) + 1]
