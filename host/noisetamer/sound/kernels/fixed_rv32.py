"""The fixed-point kernel for RISC-V: ESP32-C3 and C6. The arithmetic is that of `fixed_model`.

Called as a viper function `block(samples, context, n)` of MicroPython: a0 = the function object,
a1 = number of arguments, a3 = arguments. `samples` is an array('i') of I2S words, 24 bits
left-aligned in 32; they are overwritten. `context` is the array('i') of
tamer.hear.kernel.fixed_context. Returns `n`; called with other than three arguments it does
nothing and returns 0. Allocates nothing.

A block is gone through in place, each time with all state in registers. gp and tp stay as they
are: an interrupt uses them as it finds them (esp-idf, components/riscv/vectors.S).
"""

from collections.abc import Iterator
from itertools import count

from noisetamer.sound.kernels.held import Held
from noisetamer.sound.kernels.rv32 import RA, SP, ZERO, A, Assembler, S, T, X
from tamer.hear.kernel.fixed_context import (
    A_OFFSET,
    AT,
    FOUND_AT,
    WORD,
)

SAMPLES, CONTEXT, END, FOUND, P = A[6], A[7], A[5], A[4], A[3]
_SAVED = (*S, RA)
_FREE = (*T, *_SAVED, *A[:3])

_ARRAY_ITEMS = 12  # mp_obj_array_t: type, typecode, length, items
_ZERO_OBJECT = 1  # a small int carries one tag bit
_FRAME, _RESULT = 64, 60
_LARGEST_SQUARED = 0x7FFE


def assemble() -> Assembler:
    """The kernel's code and listing; position-independent, to be loaded at a multiple of 4."""
    return _Kernel().assemble()


class _Kernel:
    def __init__(self) -> None:
        self._asm = Assembler()
        self._numbers = count(1)

    def assemble(self) -> Assembler:
        asm = self._asm
        asm.label("block")
        asm.li(T[0], 3)
        asm.beq(A[1], T[0], "begin")
        asm.li(A[0], _ZERO_OBJECT)
        asm.ret()
        asm.label("begin")
        asm.lw(A[0], A[3], 8)
        asm.srai(T[0], A[0], 1)
        asm.blt(ZERO, T[0], "some")
        asm.ret()
        asm.label("some")
        asm.addi(SP, SP, -_FRAME)
        for i, register in enumerate(_SAVED):
            asm.sw(register, SP, WORD * i)
        asm.sw(A[0], SP, _RESULT)
        asm.lw(SAMPLES, A[3], 0)
        asm.lw(SAMPLES, SAMPLES, _ARRAY_ITEMS)
        asm.lw(CONTEXT, A[3], 4)
        asm.lw(CONTEXT, CONTEXT, _ARRAY_ITEMS)
        asm.slli(END, T[0], 2)
        asm.add(END, END, SAMPLES)
        self._find()
        self._shelve()
        self._weigh_c()
        self._weigh_a()
        self._square()
        self._detect()
        asm.lw(A[0], SP, _RESULT)
        for i, register in enumerate(_SAVED):
            asm.lw(register, SP, WORD * i)
        asm.addi(SP, SP, _FRAME)
        asm.ret()
        return asm

    def _shelve(self) -> None:
        """With shelves: raw range and sum, halve, then shelf after shelf."""
        asm, held = self._asm, _held(self._asm)
        left, shelf = held.free(), held.free()
        asm.label("shelve")
        asm.lw(left, CONTEXT, WORD * AT["shelves"])
        asm.beq(left, ZERO, "weigh_c")
        low, high, total, word, t = (held.free() for _ in range(5))
        self._begin_raw(low, high, total)
        asm.mv(P, SAMPLES)
        asm.label("halve")
        asm.lw(word, P, 0)
        self._raw(word, low, high, total, t)
        asm.srai(word, word, 1)
        asm.sw(word, P, 0)
        self._next("halve")
        self._end_raw(low, high, total)

        k, from_x, from_s, s, x, u = (held.free() for _ in range(6))
        asm.addi(shelf, CONTEXT, WORD * AT["shelf_1_k"])
        asm.label("shelf")
        for i, register in enumerate((k, from_x, from_s, s)):
            asm.lw(register, shelf, WORD * i)
        asm.mv(P, SAMPLES)
        asm.label("apply")
        asm.lw(x, P, 0)
        asm.sub(t, x, s)
        asm.mulh(x, x, from_x)
        asm.mulh(u, s, from_s)
        asm.add(x, x, u)
        asm.mulhsu(t, t, k)
        asm.add(s, s, t)
        asm.sw(x, P, 0)
        self._next("apply")
        asm.sw(s, shelf, 3 * WORD)
        asm.addi(shelf, shelf, 4 * WORD)
        asm.addi(left, left, -1)
        asm.bne(left, ZERO, "shelf")

    def _weigh_c(self) -> None:
        """Raw range and sum, remove direct current, sum Z; 20.6 Hz twice, pole pair: C."""
        # One register more than the others have: where the findings go is looked up afterwards.
        asm, held = self._asm, _held(self._asm, (*_FREE, FOUND))
        asm.label("weigh_c")
        s, rest = held.state("direct_current_s"), held.state("direct_current_r")
        dither = held.state("dither")
        low_1, low_2 = held.state("low_1_s"), held.state("low_2_s")
        pole_1, pole_2 = held.state("pole_pair_1_s"), held.state("pole_pair_2_s")
        low_k, b2 = held.constant("low_k"), held.constant("pole_pair_b2")
        a1, a2 = held.constant("pole_pair_a1"), held.constant("pole_pair_a2")
        multiplier, width = held.constant("dither_multiplier"), held.constant("dither_width")
        low, high, total, z_low, z_high, most, least = (held.free() for _ in range(7))
        mask, x, t, u = (held.free() for _ in range(4))
        asm.li(mask, 0x1FFF)
        self._begin_raw(low, high, total)
        for register in (z_low, z_high, most, least):
            asm.li(register, 0)

        for at in self._pairs("c_sample", t):
            asm.lw(x, P, at)
            self._raw(x, low, high, total, t)
            asm.srai(x, x, 3)
            asm.sub(x, x, s)
            asm.add(rest, rest, x)
            asm.srai(t, rest, 13)
            asm.add(s, s, t)
            asm.and_(rest, rest, mask)
            asm.srai(t, x, 4)
            asm.mulh(u, t, t)
            asm.mul(t, t, t)
            asm.add(z_low, z_low, t)
            asm.sltu(t, z_low, t)
            asm.add(z_high, z_high, u)
            asm.add(z_high, z_high, t)
            asm.mul(dither, dither, multiplier)
            asm.mulhu(u, dither, width)
            for low_s in (low_1, low_2):
                asm.sub(x, x, low_s)
                asm.add(t, x, u)
                asm.mulh(t, t, low_k)
                asm.add(low_s, low_s, t)
            asm.add(u, x, pole_1)
            asm.mulhsu(t, u, a1)
            asm.add(pole_1, pole_2, t)
            asm.mulh(pole_2, x, b2)
            asm.mulh(t, u, a2)
            asm.add(pole_2, pole_2, t)
            self._extremes(u, most, least)
            asm.sw(u, P, at)

        held.put_back()
        self._find()
        asm.lw(t, CONTEXT, WORD * AT["shelves"])
        asm.bne(t, ZERO, "raw_is_known")
        self._end_raw(low, high, total)
        asm.label("raw_is_known")
        for name, register in (("Z_low", z_low), ("Z_high", z_high)):
            asm.sw(register, FOUND, WORD * FOUND_AT[name])
        self._peak(most, least)
        asm.sw(most, FOUND, WORD * FOUND_AT["C_peak"])
        self._shift(most, t, x)
        asm.sw(t, FOUND, WORD * FOUND_AT["C_shift"])

    def _weigh_a(self) -> None:
        """Sum C; 107.7 Hz and 737.9 Hz: A."""
        asm, held = self._asm, _held(self._asm)
        asm.label("weigh_a")
        low_s, high_s = held.state("a_low_s"), held.state("a_high_s")
        low_k, high_k = held.constant("a_low_k"), held.constant("a_high_k")
        shift, half, low, high, most, least, x, t = (held.free() for _ in range(8))
        asm.lw(shift, FOUND, WORD * FOUND_AT["C_shift"])
        self._half(half, shift)
        for register in (low, high, most, least):
            asm.li(register, 0)

        for at in self._pairs("a_sample", t):
            asm.lw(x, P, at)
            asm.add(t, x, half)
            asm.sra(t, t, shift)
            asm.mul(t, t, t)
            self._add_up(t, low, high)
            self._high_pass(x, low_s, low_k, t)
            self._high_pass(x, high_s, high_k, t)
            asm.addi(x, x, -A_OFFSET)
            self._extremes(x, most, least)
            asm.sw(x, P, at)

        held.put_back()
        for name, register in (("C_low", low), ("C_high", high)):
            asm.sw(register, FOUND, WORD * FOUND_AT[name])
        self._peak(most, least)
        self._shift(most, t, x)
        asm.sw(t, FOUND, WORD * FOUND_AT["A_shift"])

    def _square(self) -> None:
        """Sum A; leave the sums of four squares and, of what is left over, single ones."""
        asm, held = self._asm, _held(self._asm)
        asm.label("square")
        shift, half, low, high, to, end, square, t = (held.free() for _ in range(8))
        asm.lw(shift, FOUND, WORD * FOUND_AT["A_shift"])
        self._half(half, shift)
        asm.li(low, 0)
        asm.li(high, 0)
        asm.mv(to, SAMPLES)
        asm.mv(P, SAMPLES)
        asm.sub(end, END, SAMPLES)
        asm.srli(end, end, 4)
        asm.slli(end, end, 4)
        asm.add(end, end, SAMPLES)
        asm.beq(end, P, "squares_left")
        asm.label("square_four")
        for i in range(4):
            one = t if i else square
            asm.lw(one, P, WORD * i)
            asm.add(one, one, half)
            asm.sra(one, one, shift)
            asm.mul(one, one, one)
            if i:
                asm.add(square, square, t)
        self._add_up(square, low, high, t)
        asm.sw(square, to, 0)
        asm.addi(to, to, WORD)
        asm.addi(P, P, 4 * WORD)
        asm.bltu(P, end, "square_four")
        asm.label("squares_left")
        asm.bgeu(P, END, "squared")
        asm.lw(square, P, 0)
        asm.add(square, square, half)
        asm.sra(square, square, shift)
        asm.mul(square, square, square)
        self._add_up(square, low, high, t)
        asm.sw(square, to, 0)
        asm.addi(to, to, WORD)
        asm.addi(P, P, WORD)
        asm.j("squares_left")
        asm.label("squared")
        for name, register in (("A_low", low), ("A_high", high)):
            asm.sw(register, FOUND, WORD * FOUND_AT[name])

    def _detect(self) -> None:
        """Fast, then Slow: first over sums of four squares, then over single ones."""
        asm, held = self._asm, _held(self._asm)
        asm.label("detect")
        left, detector, found, block_shift = (held.free() for _ in range(4))
        value, rest, shift, right, most, least, k, end = (held.free() for _ in range(8))
        square, t, limit, fours = (held.free() for _ in range(4))
        asm.li(left, 2)
        asm.addi(detector, CONTEXT, WORD * AT["fast_4_k"])
        asm.addi(found, FOUND, WORD * FOUND_AT["fast_scale"])
        asm.lw(block_shift, FOUND, WORD * FOUND_AT["A_shift"])
        asm.sub(fours, END, SAMPLES)
        asm.srli(fours, fours, 4)
        asm.slli(fours, fours, 2)

        asm.label("detector")
        for i, register in ((2, value), (3, rest), (4, shift)):
            asm.lw(register, detector, WORD * i)
        # A detector outlives the block: its scale follows the block's as far as its value lets it.
        asm.label("coarser")
        asm.bge(shift, block_shift, "finer")
        asm.addi(shift, shift, 1)
        asm.srai(value, value, 2)
        asm.j("coarser")
        asm.label("finer")
        asm.li(t, 1 << 27)
        asm.label("finer_still")
        asm.bge(block_shift, shift, "scaled")
        asm.bge(value, t, "scaled")
        asm.addi(shift, shift, -1)
        asm.slli(value, value, 2)
        asm.j("finer_still")
        asm.label("scaled")
        asm.li(most, 0)
        asm.li(least, 0x3FFFFFFF)
        asm.mv(P, SAMPLES)
        asm.add(end, SAMPLES, fours)
        asm.lw(k, detector, 0)
        asm.sub(right, shift, block_shift)
        asm.slli(right, right, 1)
        asm.addi(right, right, 2)
        asm.label("squares")
        asm.mv(limit, right)
        asm.li(t, 31)
        asm.bge(t, limit, "shifts")
        asm.mv(limit, t)
        asm.label("shifts")
        asm.bgeu(P, end, "last_square")
        asm.label("each_square")
        asm.lw(square, P, 0)
        asm.srl(square, square, limit)
        asm.sub(square, square, value)
        asm.mul(t, square, k)
        asm.mulh(square, square, k)
        asm.add(rest, rest, t)
        asm.sltu(t, rest, t)
        asm.add(value, value, square)
        asm.add(value, value, t)
        self._extremes(value, most, least)
        self._next("each_square", end)
        asm.label("last_square")
        # The squares left over, zero to three, follow the sums of four.
        asm.sub(t, END, SAMPLES)
        asm.andi(t, t, 3 * WORD)
        asm.add(t, t, fours)
        asm.add(t, t, SAMPLES)
        asm.beq(t, end, "detected")
        asm.mv(end, t)
        asm.lw(k, detector, WORD)
        asm.addi(right, right, -2)
        asm.j("squares")
        asm.label("detected")
        for i, register in ((2, value), (3, rest), (4, shift)):
            asm.sw(register, detector, WORD * i)
        for i, register in enumerate((shift, most, least)):
            asm.sw(register, found, WORD * i)
        asm.addi(detector, detector, 5 * WORD)
        asm.addi(found, found, 3 * WORD)
        asm.addi(left, left, -1)
        asm.bne(left, ZERO, "detector")

    # Parts

    def _skip(self) -> str:
        return f"skip_{next(self._numbers)}"

    def _find(self) -> None:
        self._asm.lw(FOUND, CONTEXT, WORD * AT["found"])
        self._asm.add(FOUND, FOUND, CONTEXT)

    def _next(self, label: str, end: X = END) -> None:
        self._asm.addi(P, P, WORD)
        self._asm.bltu(P, end, label)

    def _pairs(self, label: str, t: X) -> Iterator[int]:
        """Loop over two samples a turn, at the offsets given out; an odd block begins half way."""
        asm = self._asm
        asm.mv(P, SAMPLES)
        asm.sub(t, END, SAMPLES)
        asm.andi(t, t, WORD)
        asm.beq(t, ZERO, label)
        asm.addi(P, P, -WORD)
        asm.j(f"{label}_odd")
        asm.label(label)
        yield 0
        asm.label(f"{label}_odd")
        yield WORD
        asm.addi(P, P, 2 * WORD)
        asm.bltu(P, END, label)

    def _begin_raw(self, low: X, high: X, total: X) -> None:
        self._asm.li(low, 0x7FFFFFFF)
        self._asm.li(high, 0x80000000)
        self._asm.li(total, 0)

    def _raw(self, word: X, low: X, high: X, total: X, t: X) -> None:
        self._extremes(word, high, low)
        self._asm.srai(t, word, 15)
        self._asm.add(total, total, t)

    def _end_raw(self, low: X, high: X, total: X) -> None:
        for name, register in (("raw_min", low), ("raw_max", high), ("raw_sum", total)):
            if register != total:
                self._asm.srai(register, register, 8)
            self._asm.sw(register, FOUND, WORD * FOUND_AT[name])

    def _extremes(self, x: X, most: X, least: X) -> None:
        for greater, less, extreme in ((most, x, most), (x, least, least)):
            label = self._skip()
            self._asm.bge(greater, less, label)
            self._asm.mv(extreme, x)
            self._asm.label(label)

    def _high_pass(self, x: X, s: X, k: X, t: X) -> None:
        """x -= s; s += k*x"""
        self._asm.sub(x, x, s)
        self._asm.mulh(t, x, k)
        self._asm.add(s, s, t)

    def _add_up(self, square: X, low: X, high: X, carry: X | None = None) -> None:
        """Into 64 bits; without `carry` the square is lost."""
        carry = carry or square
        self._asm.add(low, low, square)
        self._asm.sltu(carry, low, square)
        self._asm.add(high, high, carry)

    def _peak(self, most: X, least: X) -> None:
        """most = the greatest size"""
        label = self._skip()
        self._asm.sub(least, ZERO, least)
        self._asm.bge(most, least, label)
        self._asm.mv(most, least)
        self._asm.label(label)

    def _shift(self, peak: X, shift: X, limit: X) -> None:
        """The least that leaves 15 bits of the peak, which is lost."""
        again, done = self._skip(), self._skip()
        self._asm.li(shift, 0)
        self._asm.li(limit, _LARGEST_SQUARED)
        self._asm.label(again)
        self._asm.bge(limit, peak, done)
        self._asm.srai(peak, peak, 1)
        self._asm.addi(shift, shift, 1)
        self._asm.j(again)
        self._asm.label(done)

    def _half(self, half: X, shift: X) -> None:
        """half = 2**shift / 2"""
        self._asm.li(half, 1)
        self._asm.sll(half, half, shift)
        self._asm.srli(half, half, 1)


def _held(asm: Assembler, free: tuple[X, ...] = _FREE) -> Held[X, X]:
    return Held(asm.lw, asm.sw, free, AT, CONTEXT)
