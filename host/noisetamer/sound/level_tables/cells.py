"""The cells of a column: as text, and as characters side by side.

A million cells are read in the time it takes to look at each of their characters once: cells of
the same length are laid side by side, and a place of all of them is one array.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIGITS = str.maketrans("123456789", "000000000")
"""Of a text to its picture: every digit 0."""

Rows = NDArray[np.signedinteger]


_WORD = 8
_ZEROS = np.uint64(int.from_bytes(b"0" * _WORD, "little"))
_ALL = np.uint64(2**64 - 1)

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

    def numbers(self) -> Iterator[Group]:
        """Of short cells, with zeros before them where that makes one group of several lengths:
        it changes no number."""
        return self.groups(_WORD)

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
    """Cells cut out of ASCII text: from behind `before` to `ends`, which rise."""

    def __init__(self, body: memoryview, before: Rows, ends: Rows):
        self._body, self._before, self._ends = body, before, ends

    @cached_property
    def _texts(self) -> list[str]:
        return list(map(self.__getitem__, range(len(self))))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        return str(self._body[self._before[at] + 1 : self._ends[at]], "ascii")

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    @property
    def isascii(self) -> bool:
        return True

    def blocks(self) -> Iterator[tuple[int, Rows, Rows]]:
        """(first row, begins, lengths) of some thousand rows at a time."""
        for first in range(0, len(self), _AT_A_TIME):
            begins = self._before[first : first + _AT_A_TIME] + 1
            yield first, begins, self._ends[first : first + _AT_A_TIME] - begins

    def words(self, places: Rows, length: int) -> list[NDArray[np.uint64]]:
        """The characters from each of rising places on, eight in each word; behind the text
        there is 0."""
        count = -(-length // _WORD)
        # Of no type, so that it may begin anywhere.
        anywhere = np.ndarray(
            (max(0, len(self._body) - count * _WORD + 1),),
            f"V{count * _WORD}",
            self._body,
            strides=(1,),
        )
        inside = int(np.searchsorted(places, len(anywhere)))
        whole = anywhere[places[:inside]]
        if inside < len(places):
            last = b"".join(
                bytes(self._body[at : at + count * _WORD]).ljust(count * _WORD, b"\0")
                for at in places[inside:].tolist()
            )
            whole = np.append(whole, np.frombuffer(last, whole.dtype))
        return list(whole.view(np.uint64).reshape(-1, count).T)

    def only(self, rows: Rows) -> "CutColumn":
        """Some of its cells, in their order."""
        return CutColumn(self._body, self._before[rows], self._ends[rows])

    def numbers(self) -> Iterator[Group]:
        if sys.byteorder != "little":
            yield from super().numbers()
            return
        for first, begins, lengths in self.blocks():
            rows = np.flatnonzero((lengths > 0) & (lengths <= _WORD))
            if not len(rows):
                continue
            lengths = lengths[rows]
            longest = int(lengths.max())
            spare = (longest - lengths).astype(np.uint64) * np.uint64(8)
            # In memory the first character is the lowest byte: up it goes, zeros come below.
            (word,) = self.words(begins[rows], _WORD)
            filled = (word << spare) | (_ZEROS & ~(_ALL << spare))
            yield Group(first + rows, longest, [_characters(filled)])

    def runs(self, begin: int, end: int) -> tuple[Rows, NDArray[np.uint8]] | None:
        """(rows that differ from the row before by more than a number of two digits at these
        places, that number of every row).

        None where cells are not of one length, or one has no number below 60 there.
        """
        numbers, news = np.empty(len(self), np.uint8), []
        length = int(self._ends[0] - self._before[0]) - 1
        mask = bytes(0 if begin <= at < end else 255 for at in range(length))
        before: list[Any] = [None] * len(mask)
        for first, begins, lengths in self.blocks():
            if (lengths != length).any():
                return None
            new = np.zeros(len(begins), np.bool_)
            digits = []
            for number, word in enumerate(self.words(begins, length)):
                place = number * _WORD
                digits += [
                    _characters(word)[:, at - place] - np.uint8(ord("0"))
                    for at in range(max(begin, place), min(end, place + _WORD))
                ]
                part = mask[place : place + _WORD].ljust(_WORD, b"\0")
                word = word & np.frombuffer(part, np.uint64)[0]
                new[1:] |= word[1:] != word[:-1]
                new[0] |= word[0] != before[number]
                before[number] = word[-1]
            if ((digits[0] > 5) | (digits[1] > 9)).any():
                return None
            numbers[first : first + len(begins)] = digits[0] * np.uint8(10) + digits[1]
            news.append(np.flatnonzero(new) + first)
        return np.concatenate(news), numbers

    def groups(self, longest: int) -> Iterator[Group]:
        for first, begins, lengths in self.blocks():
            for length in _distinct(lengths, longest):
                rows = np.flatnonzero(lengths == length)
                words = [_characters(word) for word in self.words(begins[rows], length)]
                yield Group(first + rows, length, words)


def cut(body: str | memoryview, delimiter: str, width: int) -> list[Column] | None:
    """Columns of lines without quotes; None where one has not `width` cells."""
    if isinstance(body, str):
        if not body.isascii():
            lines = body.split("\n")
            if any(line.count(delimiter) != width - 1 for line in lines):
                return None
            flat = body.replace("\n", delimiter).split(delimiter)
            return [Column(flat[at::width]) for at in range(width)]
        body = memoryview(body.encode("ascii"))
    characters = np.frombuffer(body, np.uint8)
    # As many as there may be: memory that is not written to costs nothing.
    edges = np.empty(len(body) + 2, np.int32 if len(body) < 2**31 else np.int64)
    edges[0], count, lines = -1, 1, 0
    for first in range(0, len(body), 4 * _AT_A_TIME):
        some = characters[first : first + 4 * _AT_A_TIME]
        new = some == ord("\n")
        lines += np.count_nonzero(new)
        new |= some == ord(delimiter)
        at = np.flatnonzero(new)
        at += first
        edges[count : count + len(at)] = at
        count += len(at)
    edges[count] = len(body)
    edges = edges[: count + 1]
    # Each line ends where a line of this width does, and no line ends elsewhere.
    ends = edges[width:-1:width]
    if count % width or lines != len(ends) or not (characters[ends] == ord("\n")).all():
        return None
    return [CutColumn(body, edges[at:-1:width], edges[at + 1 :: width]) for at in range(width)]


def _characters(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(words).view(np.uint8).reshape(-1, _WORD)


def _distinct(lengths: NDArray[np.int64], longest: int) -> list[int]:
    counts = np.bincount(np.minimum(lengths, longest + 1), minlength=longest + 2)
    return [int(length) for length in np.flatnonzero(counts[1 : longest + 1]) + 1]
