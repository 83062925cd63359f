"""The fixed-point kernel's arithmetic in plain Python: what both machine codes compute.

Slow, to be read and to be compared with. Samples are halved or shelved, freed of direct current
(0.93 Hz), and weighted: every high-pass is a leaky section `x -= s; s += k*x`, k in 2**-32 and
the product's high word, rounded down. At 20.6 Hz a quiet sound moves the state by less than a
step, so what is rounded there is dithered. Squares of Z are summed in 64 bits; those of C and A
are of 15 bits, with a shift that the block's own peak sets. Fast and Slow take the mean of four
samples (83 us), the last one to three of a block singly; they keep 62 bits.
"""

from array import array
from collections.abc import Sequence

from tamer.hear.kernel.fixed_context import (
    A_OFFSET,
    AT,
    FOUND_AT,
    WORD,
)

_LARGEST_SQUARED = 0x7FFE  # so that four squares, rounded up before, fit a word
_SHIFT_BITS = 31


def block(words: Sequence[int], context: "array[int]") -> None:
    """Take in I2S words, as signed numbers of 32 bits: at least one, at most LONGEST."""
    memory = _Memory(context)
    memory.found("raw_min", min(words) >> 8)
    memory.found("raw_max", max(words) >> 8)
    memory.found("raw_sum", sum(word >> 15 for word in words))
    x = _shelved(list(words), memory)
    x = _c_weighted(_low_cut(x, memory), memory)
    memory.found("C_peak", _peak(x))
    shift = _shift(_peak(x))
    memory.found("C_shift", shift)
    memory.found_sum("C", sum(_squares(x, shift)))
    x = _a_weighted(x, memory)
    shift = _shift(_peak(x))
    memory.found("A_shift", shift)
    squares = _squares(x, shift)
    memory.found_sum("A", sum(squares))
    for detector in ("fast", "slow"):
        _detect(detector, squares, shift, memory)


class _Memory:
    def __init__(self, context: "array[int]") -> None:
        self._context = context
        self._found = context[AT["found"]] // WORD

    def __getitem__(self, name: str) -> int:
        return self._context[AT[name]]

    def __setitem__(self, name: str, value: int) -> None:
        self._context[AT[name]] = value

    def unsigned(self, name: str) -> int:
        return self[name] & 0xFFFFFFFF

    def found(self, name: str, value: int) -> None:
        self._context[self._found + FOUND_AT[name]] = value

    def found_sum(self, name: str, value: int) -> None:
        self.found(f"{name}_low", _signed(value))
        self.found(f"{name}_high", _signed(value >> 32))


def _signed(value: int) -> int:
    return (value & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


def _high(x: int, k: int) -> int:
    return x * k >> 32


def _shelved(x: list[int], memory: _Memory) -> list[int]:
    if memory["shelves"]:
        x = [word >> 1 for word in x]
    for i in range(memory["shelves"]):
        shelf = f"shelf_{i + 1}"
        k, from_x, from_s = (
            memory.unsigned(f"{shelf}_k"),
            *(memory[f"{shelf}_{n}"] for n in "xg"),
        )
        s = memory[f"{shelf}_s"]
        for at, value in enumerate(x):
            x[at] = _high(value, from_x) + _high(s, from_s)
            s += _high(value - s, k)
        memory[f"{shelf}_s"] = s
    return x


def _low_cut(x: list[int], memory: _Memory) -> list[int]:
    """Direct current is removed and Z summed; then 20.6 Hz twice."""
    s, rest, total = memory["direct_current_s"], memory["direct_current_r"], 0
    s1, s2, k = memory["low_1_s"], memory["low_2_s"], memory["low_k"]
    dither = memory.unsigned("dither")
    for at, word in enumerate(x):
        value = (word >> 3) - s
        rest += value
        s += rest >> 13
        rest &= 0x1FFF
        total += (value >> 4) ** 2
        dither = dither * memory["dither_multiplier"] & 0xFFFFFFFF
        noise = _high(dither, memory["dither_width"])
        value -= s1
        s1 += _high(value + noise, k)
        value -= s2
        s2 += _high(value + noise, k)
        x[at] = value
    memory["direct_current_s"], memory["direct_current_r"] = s, rest
    memory["low_1_s"], memory["low_2_s"] = s1, s2
    memory["dither"] = _signed(dither)
    memory.found_sum("Z", total)
    return x


def _high_passed(x: list[int], state: str, k: int, memory: _Memory) -> list[int]:
    s = memory[state]
    for at, value in enumerate(x):
        x[at] = value - s
        s += _high(x[at], k)
    memory[state] = s
    return x


def _c_weighted(x: list[int], memory: _Memory) -> list[int]:
    b2, a1, a2 = memory["pole_pair_b2"], memory.unsigned("pole_pair_a1"), memory["pole_pair_a2"]
    s1, s2 = memory["pole_pair_1_s"], memory["pole_pair_2_s"]
    for at, value in enumerate(x):
        y = value + s1
        s1 = s2 + _high(y, a1)
        s2 = _high(value, b2) + _high(y, a2)
        x[at] = y
    memory["pole_pair_1_s"], memory["pole_pair_2_s"] = s1, s2
    return x


def _a_weighted(x: list[int], memory: _Memory) -> list[int]:
    x = _high_passed(x, "a_low_s", memory["a_low_k"], memory)
    x = _high_passed(x, "a_high_s", memory["a_high_k"], memory)
    return [value - A_OFFSET for value in x]


def _peak(x: Sequence[int]) -> int:
    return max(map(abs, x))


def _shift(peak: int) -> int:
    shift = 0
    while peak >> shift > _LARGEST_SQUARED:
        shift += 1
    return shift


def _squares(x: Sequence[int], shift: int) -> list[int]:
    half = (1 << shift) >> 1
    return [((value + half) >> shift) ** 2 for value in x]


def _detect(name: str, squares: Sequence[int], block_shift: int, memory: _Memory) -> None:
    value, rest, shift = memory[name], memory.unsigned(f"{name}_r"), memory[f"{name}_shift"]
    # A detector outlives the block: its scale follows the block's as far as its value lets it.
    while shift < block_shift:
        shift += 1
        value >>= 2
    while shift > block_shift and value < 1 << 27:
        shift -= 1
        value <<= 2
    fours = len(squares) // 4 * 4
    steps = [(sum(squares[at : at + 4]), 2, memory[f"{name}_4_k"]) for at in range(0, fours, 4)]
    steps += [(square, 0, memory[f"{name}_k"]) for square in squares[fours:]]
    most, least = 0, 0x3FFFFFFF
    for square, more, k in steps:
        right = min(2 * (shift - block_shift) + more, _SHIFT_BITS)
        whole = (value << 32) + rest + ((square >> right) - value) * k
        value, rest = whole >> 32, whole & 0xFFFFFFFF
        most, least = max(most, value), min(least, value)
    memory[name], memory[f"{name}_r"], memory[f"{name}_shift"] = value, _signed(rest), shift
    memory.found(f"{name}_scale", shift)
    memory.found(f"{name}_max", most)
    memory.found(f"{name}_min", least)
