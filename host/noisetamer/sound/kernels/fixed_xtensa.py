"""The fixed-point kernel for Xtensa without FPU: ESP32-S2, and ESP32 and S3 where theirs fails.

The arithmetic is that of `fixed_model`; called as the FPU kernel is (`fpu_kernel`). The S2 has
MULSH, MULL, MIN, MAX and ABS, but no zero-overhead loops: esp-idf,
components/xtensa/esp32s2/include/xtensa/config/core-isa.h.

A window has fourteen registers to give, so a block is gone through more often than on RISC-V.
"""

from itertools import count

from noisetamer.sound.kernels.held import Held
from noisetamer.sound.kernels.xtensa import A, Assembler
from tamer.hear.kernel.fixed_context import (
    A_OFFSET,
    AT,
    FOUND_AT,
    WORD,
)

P, END = A(2), A(3)
_FREE = tuple(A(i) for i in range(4, 16))
# While words are loaded from there; it is the last to be given away.
_CONTEXT_AT = _FREE[-1]

_STACK = A(1)
_FRAME = 80  # 48 of it belong to the windows
_SAMPLES, _WIDTH, _CONTEXT, _FOUND, _RESULT, _BLOCK_SHIFT, _FOURS, _LEFT = range(0, 32, 4)

_ARRAY_ITEMS = 12  # mp_obj_array_t: type, typecode, length, items
_ZERO_OBJECT = 1  # a small int carries one tag bit


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
        asm.entry(_FRAME)
        asm.beqi(A(3), 3, "begin")
        asm.movi(A(2), _ZERO_OBJECT)
        asm.retw()
        asm.label("begin")
        n, samples, context, found, zero = A(6), A(7), A(8), A(9), A(10)
        asm.l32i(A(2), A(5), 8)
        asm.srai(n, A(2), 1)
        asm.movi(zero, 0)
        asm.blt(zero, n, "some")
        asm.retw()
        asm.label("some")
        asm.s32i(A(2), _STACK, _RESULT)
        asm.l32i(samples, A(5), 0)
        asm.l32i(samples, samples, _ARRAY_ITEMS)
        asm.l32i(context, A(5), 4)
        asm.l32i(context, context, _ARRAY_ITEMS)
        asm.slli(END, n, 2)
        asm.add(END, END, samples)
        asm.l32i(found, context, WORD * AT["found"])
        asm.add(found, found, context)
        for place, register in (
            (_SAMPLES, samples),
            (_CONTEXT, context),
            (_FOUND, found),
        ):
            asm.s32i(register, _STACK, place)
        self._find_range()
        self._shelve()
        self._low_cut()
        self._weigh_c()
        self._weigh_a()
        self._square()
        self._detect()
        asm.l32i(A(2), _STACK, _RESULT)
        asm.retw()
        return asm

    def _find_range(self) -> None:
        """Of the raw words: least, greatest, sum."""
        asm, held = self._asm, _held(self._asm)
        asm.label("find_range")
        low, high, total, word, t = (held.free() for _ in range(5))
        asm.movi(low, -1)
        asm.srli(low, low, 1)
        asm.movi(high, 1)
        asm.slli(high, high, 31)
        asm.movi(total, 0)
        asm.l32i(P, _STACK, _SAMPLES)
        asm.label("raw_word")
        asm.l32i(word, P, 0)
        asm.min(low, low, word)
        asm.max(high, high, word)
        asm.srai(t, word, 15)
        asm.add(total, total, t)
        self._next("raw_word")
        asm.srai(low, low, 8)
        asm.srai(high, high, 8)
        self._tell(t, ("raw_min", low), ("raw_max", high), ("raw_sum", total))

    def _shelve(self) -> None:
        """With shelves: halve, then shelf after shelf."""
        asm, held = self._asm, _held(self._asm)
        asm.label("shelve")
        shelf, left, k, from_x, from_s, s, x, t, u, signed = (held.free() for _ in range(10))
        asm.l32i(shelf, _STACK, _CONTEXT)
        asm.l32i(left, shelf, WORD * AT["shelves"])
        asm.bnez(left, "halve_all")
        asm.j("low_cut")
        asm.label("halve_all")
        asm.l32i(P, _STACK, _SAMPLES)
        asm.label("halve")
        asm.l32i(x, P, 0)
        asm.srai(x, x, 1)
        asm.s32i(x, P, 0)
        self._next("halve")
        asm.movi(t, WORD * AT["shelf_1_k"])
        asm.add(shelf, shelf, t)
        asm.label("shelf")
        for i, register in enumerate((k, from_x, from_s, s)):
            asm.l32i(register, shelf, WORD * i)
        # A leak from 0.5 on stands as a negative number: its product lacks one x.
        asm.srai(signed, k, 31)
        asm.l32i(P, _STACK, _SAMPLES)
        asm.label("apply")
        asm.l32i(x, P, 0)
        asm.sub(t, x, s)
        asm.mulsh(x, x, from_x)
        asm.mulsh(u, s, from_s)
        asm.add(x, x, u)
        asm.mulsh(u, t, k)
        asm.add(s, s, u)
        asm.and_(t, t, signed)
        asm.add(s, s, t)
        asm.s32i(x, P, 0)
        self._next("apply")
        asm.s32i(s, shelf, 3 * WORD)
        asm.addi(shelf, shelf, 4 * WORD)
        asm.addi(left, left, -1)
        asm.bnez(left, "shelf")

    def _low_cut(self) -> None:
        """Remove direct current, sum Z; 20.6 Hz twice."""
        asm, held = self._asm, _held(self._asm)
        asm.label("low_cut")
        asm.l32i(_CONTEXT_AT, _STACK, _CONTEXT)
        s, rest = held.state("direct_current_s"), held.state("direct_current_r")
        low_1, low_2 = held.state("low_1_s"), held.state("low_2_s")
        dither, low_k = held.state("dither"), held.constant("low_k")
        multiplier = held.constant("dither_multiplier")
        z_low, z_high, x, t, u = (held.free() for _ in range(5))
        asm.l32i(t, _CONTEXT_AT, WORD * AT["dither_width"])
        asm.s32i(t, _STACK, _WIDTH)
        asm.movi(z_low, 0)
        asm.movi(z_high, 0)

        asm.l32i(P, _STACK, _SAMPLES)
        asm.label("low_cut_sample")
        asm.l32i(x, P, 0)
        asm.srai(x, x, 3)
        asm.sub(x, x, s)
        asm.add(rest, rest, x)
        asm.srai(t, rest, 13)
        asm.add(s, s, t)
        asm.extui(rest, rest, 0, 13)
        asm.srai(t, x, 4)
        asm.mulsh(u, t, t)
        asm.mull(t, t, t)
        asm.add(z_high, z_high, u)
        self._add_up(t, z_low, z_high)
        asm.mull(dither, dither, multiplier)
        asm.l32i(t, _STACK, _WIDTH)
        asm.muluh(u, dither, t)
        for low_s in (low_1, low_2):
            asm.sub(x, x, low_s)
            asm.add(t, x, u)
            asm.mulsh(t, t, low_k)
            asm.add(low_s, low_s, t)
        asm.s32i(x, P, 0)
        self._next("low_cut_sample")

        asm.l32i(t, _STACK, _CONTEXT)
        held.put_back(t)
        self._tell(t, ("Z_low", z_low), ("Z_high", z_high))

    def _weigh_c(self) -> None:
        """The pole pair at 12.2 kHz: C."""
        asm, held = self._asm, _held(self._asm)
        asm.label("weigh_c")
        asm.l32i(_CONTEXT_AT, _STACK, _CONTEXT)
        s1, s2 = held.state("pole_pair_1_s"), held.state("pole_pair_2_s")
        b2 = held.constant("pole_pair_b2")
        a1, a2 = held.constant("pole_pair_a1"), held.constant("pole_pair_a2")
        most, x, y, t = (held.free() for _ in range(4))
        asm.movi(most, 0)

        asm.l32i(P, _STACK, _SAMPLES)
        asm.label("c_sample")
        asm.l32i(x, P, 0)
        asm.add(y, x, s1)
        # a1 is above 0.5 and stands as a1 - 1.
        asm.mulsh(t, y, a1)
        asm.add(s1, s2, t)
        asm.add(s1, s1, y)
        asm.mulsh(s2, x, b2)
        asm.mulsh(t, y, a2)
        asm.add(s2, s2, t)
        self._greatest(y, most, t)
        asm.s32i(y, P, 0)
        self._next("c_sample")

        asm.l32i(t, _STACK, _CONTEXT)
        held.put_back(t)
        self._tell(t, ("C_peak", most))
        self._shift(most, x, y)
        self._tell(t, ("C_shift", x))

    def _weigh_a(self) -> None:
        """Sum C; 107.7 Hz and 737.9 Hz: A."""
        asm, held = self._asm, _held(self._asm)
        asm.label("weigh_a")
        asm.l32i(_CONTEXT_AT, _STACK, _CONTEXT)
        low_s, high_s = held.state("a_low_s"), held.state("a_high_s")
        low_k, high_k = held.constant("a_low_k"), held.constant("a_high_k")
        half, low, high, most, x, t = (held.free() for _ in range(6))
        self._set_shift("C_shift", half, t)
        for register in (low, high, most):
            asm.movi(register, 0)

        asm.l32i(P, _STACK, _SAMPLES)
        asm.label("a_sample")
        asm.l32i(x, P, 0)
        self._squared(t, x, half)
        self._add_up(t, low, high)
        self._high_pass(x, low_s, low_k, t)
        self._high_pass(x, high_s, high_k, t)
        asm.addi(x, x, -A_OFFSET)
        self._greatest(x, most, t)
        asm.s32i(x, P, 0)
        self._next("a_sample")

        asm.l32i(t, _STACK, _CONTEXT)
        held.put_back(t)
        self._shift(most, x, t)
        self._tell(t, ("C_low", low), ("C_high", high), ("A_shift", x))
        asm.s32i(x, _STACK, _BLOCK_SHIFT)

    def _square(self) -> None:
        """Sum A; leave the sums of four squares and, of what is left over, single ones."""
        asm, held = self._asm, _held(self._asm)
        asm.label("square")
        half, low, high, to, end, square, one = (held.free() for _ in range(7))
        self._set_shift("A_shift", half, one)
        asm.movi(low, 0)
        asm.movi(high, 0)
        asm.l32i(P, _STACK, _SAMPLES)
        asm.mov(to, P)
        asm.sub(end, END, P)
        asm.srli(end, end, 4)
        asm.slli(end, end, 2)
        asm.s32i(end, _STACK, _FOURS)
        asm.slli(end, end, 2)
        asm.add(end, end, P)
        asm.bgeu(P, end, "squares_left")
        asm.label("square_four")
        for i in range(4):
            asm.l32i(one, P, WORD * i)
            self._squared(one if i else square, one, half)
            if i:
                asm.add(square, square, one)
        self._add_up(square, low, high)
        asm.s32i(square, to, 0)
        asm.addi(to, to, WORD)
        asm.addi(P, P, 4 * WORD)
        asm.bltu(P, end, "square_four")
        asm.label("squares_left")
        asm.bgeu(P, END, "squared")
        asm.l32i(one, P, 0)
        self._squared(square, one, half)
        self._add_up(square, low, high)
        asm.s32i(square, to, 0)
        asm.addi(to, to, WORD)
        asm.addi(P, P, WORD)
        asm.j("squares_left")
        asm.label("squared")
        self._tell(one, ("A_low", low), ("A_high", high))

    def _detect(self) -> None:
        """Fast, then Slow: first over sums of four squares, then over single ones."""
        asm, held = self._asm, _held(self._asm)
        asm.label("detect")
        detector, found, value, rest, shift, right = (held.free() for _ in range(6))
        most, least, k, end, square, t = (held.free() for _ in range(6))
        asm.l32i(detector, _STACK, _CONTEXT)
        asm.addi(detector, detector, WORD * AT["fast_4_k"])
        asm.l32i(found, _STACK, _FOUND)
        asm.addi(found, found, WORD * FOUND_AT["fast_scale"])
        asm.movi(t, 2)
        asm.s32i(t, _STACK, _LEFT)

        asm.label("detector")
        for i, register in ((2, value), (3, rest), (4, shift)):
            asm.l32i(register, detector, WORD * i)
        # A detector outlives the block: its scale follows the block's as far as its value lets it.
        block_shift = square
        asm.l32i(block_shift, _STACK, _BLOCK_SHIFT)
        asm.label("coarser")
        asm.bge(shift, block_shift, "finer")
        asm.addi(shift, shift, 1)
        asm.srai(value, value, 2)
        asm.j("coarser")
        asm.label("finer")
        asm.movi(t, 1)
        asm.slli(t, t, 27)
        asm.label("finer_still")
        asm.bge(block_shift, shift, "scaled")
        asm.bge(value, t, "scaled")
        asm.addi(shift, shift, -1)
        asm.slli(value, value, 2)
        asm.j("finer_still")
        asm.label("scaled")
        asm.movi(most, 0)
        asm.movi(least, -1)
        asm.srli(least, least, 2)
        asm.l32i(P, _STACK, _SAMPLES)
        asm.l32i(end, _STACK, _FOURS)
        asm.add(end, end, P)
        asm.l32i(k, detector, 0)
        asm.sub(right, shift, block_shift)
        asm.slli(right, right, 1)
        asm.addi(right, right, 2)
        asm.label("squares")
        asm.movi(t, 31)
        asm.min(t, t, right)
        asm.ssr(t)
        asm.bgeu(P, end, "last_square")
        asm.label("each_square")
        asm.l32i(square, P, 0)
        asm.srl(square, square)
        asm.sub(square, square, value)
        asm.mull(t, square, k)
        asm.mulsh(square, square, k)
        asm.add(value, value, square)
        self._add_up(t, rest, value)
        asm.max(most, most, value)
        asm.min(least, least, value)
        asm.addi(P, P, WORD)
        asm.bltu(P, end, "each_square")
        asm.label("last_square")
        # The squares left over, zero to three, follow the sums of four.
        asm.l32i(square, _STACK, _SAMPLES)
        asm.sub(t, END, square)
        asm.extui(t, t, 0, 4)
        asm.add(t, t, square)
        asm.l32i(square, _STACK, _FOURS)
        asm.add(t, t, square)
        asm.bgeu(end, t, "detected")
        asm.mov(end, t)
        asm.l32i(k, detector, WORD)
        asm.addi(right, right, -2)
        asm.j("squares")
        asm.label("detected")
        for i, register in ((2, value), (3, rest), (4, shift)):
            asm.s32i(register, detector, WORD * i)
        for i, register in enumerate((shift, most, least)):
            asm.s32i(register, found, WORD * i)
        asm.addi(detector, detector, 5 * WORD)
        asm.addi(found, found, 3 * WORD)
        asm.l32i(t, _STACK, _LEFT)
        asm.addi(t, t, -1)
        asm.s32i(t, _STACK, _LEFT)
        asm.beqz(t, "end")
        asm.j("detector")
        asm.label("end")

    # Parts

    def _skip(self) -> str:
        return f"skip_{next(self._numbers)}"

    def _next(self, label: str) -> None:
        self._asm.addi(P, P, WORD)
        self._asm.bltu(P, END, label)

    def _tell(self, t: A, *found: tuple[str, A]) -> None:
        self._asm.l32i(t, _STACK, _FOUND)
        for name, register in found:
            self._asm.s32i(register, t, WORD * FOUND_AT[name])

    def _high_pass(self, x: A, s: A, k: A, t: A) -> None:
        """x -= s; s += k*x"""
        self._asm.sub(x, x, s)
        self._asm.mulsh(t, x, k)
        self._asm.add(s, s, t)

    def _greatest(self, x: A, most: A, t: A) -> None:
        self._asm.abs(t, x)
        self._asm.max(most, most, t)

    def _add_up(self, square: A, low: A, high: A) -> None:
        """Into 64 bits: there is no carry, so look whether the low word has become less."""
        label = self._skip()
        self._asm.add(low, low, square)
        self._asm.bgeu(low, square, label)
        self._asm.addi(high, high, 1)
        self._asm.label(label)

    def _set_shift(self, name: str, half: A, t: A) -> None:
        """For `_squared`: what is found under the name, and half = 2**shift / 2."""
        self._asm.l32i(t, _STACK, _FOUND)
        self._asm.l32i(t, t, WORD * FOUND_AT[name])
        self._asm.movi(half, 1)
        self._asm.ssl(t)
        self._asm.sll(half, half)
        self._asm.srli(half, half, 1)
        self._asm.ssr(t)

    def _squared(self, to: A, x: A, half: A) -> None:
        self._asm.add(to, x, half)
        self._asm.sra(to, to)
        self._asm.mull(to, to, to)

    def _shift(self, peak: A, shift: A, limit: A) -> None:
        """The least that leaves 15 bits of the peak, which is lost."""
        again, done = self._skip(), self._skip()
        self._asm.movi(shift, 0)
        self._asm.movi(limit, -2)
        self._asm.extui(limit, limit, 0, 15)
        self._asm.label(again)
        self._asm.bge(limit, peak, done)
        self._asm.srai(peak, peak, 1)
        self._asm.addi(shift, shift, 1)
        self._asm.j(again)
        self._asm.label(done)


def _held(asm: Assembler) -> Held[A, A]:
    return Held(asm.l32i, asm.s32i, _FREE, AT, _CONTEXT_AT)
