"""The integer octave bank for Xtensa without FPU: ESP32-S2, which has no zero-overhead loops, and
ESP32 and S3 where theirs fails. Its arithmetic: octaves_model.

Called as octaves_rv32 (windowed ABI, as fpu_kernel). The fourteen registers hold a band's states;
its coefficients are loaded as they are used.

Per sample 6 instructions, 10 for each shelf in use, 41 for each band at its rate, 21 for each
pair that is halved.
"""

from itertools import count

from noisetamer.sound.kernels import container, fpu_octaves, high_products, octaves_rv32
from noisetamer.sound.kernels.xtensa import A, Assembler
from tamer.hear.bands.octaves_fixed_context import BAND, HEAD, LEVEL, SHELF
from tamer.hear.kernel.profile import MOST_SHELVES

_WORD = 4
_ARRAY_ITEMS = 12  # mp_obj_array_t: type, typecode, length, items
# Words of our frame; above them is room for the register windows, and for what stands in for
# MULSH in an emulator.
_FRAME = high_products.FRAME
_FIRST, _N, _COUNT, _LEVEL, _CONTEXT, _ARGUMENTS, _END = (_WORD * i for i in range(7))
_STACK = A(1)


def module() -> bytes:
    """The bank as `tamer/hear/bands/octaves_fixed_block.mpy`, with a function `block`; checked."""
    return container.carry(
        octaves_rv32.MODULE, fpu_octaves.STUB, assemble().code(), container.XTENSAWIN
    )


def assemble() -> Assembler:
    """The bank's code and listing; position-independent, to be loaded at a multiple of 4."""
    asm = Assembler()
    asm.label("block")
    asm.entry(_FRAME)
    asm.beqi(A(3), 5, "begin")
    asm.movi(A(2), 1)
    asm.retw()
    asm.label("begin")
    arguments = A(5)
    samples, n, first, context, word = (A(i) for i in range(6, 11))
    for register, argument in ((samples, 0), (first, 2), (context, 3)):
        asm.l32i(register, arguments, _WORD * argument)
        asm.l32i(register, register, _ARRAY_ITEMS)
    asm.l32i(word, arguments, _WORD * 1)
    asm.srai(word, word, 1)  # a small int carries one tag bit
    asm.slli(word, word, 2)
    asm.add(samples, samples, word)
    asm.l32i(n, arguments, _WORD * 4)
    asm.srai(n, n, 1)
    # The word before the first is kept for a sample that waited for its pair.
    asm.addi(first, first, _WORD)
    asm.addi(word, context, _WORD * len(HEAD))
    for register, place in (
        *((arguments, _ARGUMENTS), (first, _FIRST), (n, _N)),
        *((context, _CONTEXT), (word, _LEVEL)),
    ):
        asm.s32i(register, _STACK, place)
    _take_in(asm, samples, n, first, context)
    _equalise(asm, n, first, context)
    asm.label("level")
    _filter_all(asm)
    level, halves, after = A(2), A(3), A(4)
    asm.l32i(halves, level, _WORD * LEVEL.index("halves"))
    asm.beqz(halves, "done")
    asm.s32i(after, _STACK, _COUNT)
    _halve(asm)
    asm.l32i(after, _STACK, _COUNT)
    asm.s32i(after, _STACK, _LEVEL)
    asm.j("level")
    asm.label("done")
    asm.l32i(A(2), _STACK, _ARGUMENTS)
    asm.l32i(A(2), A(2), _WORD * 4)
    asm.retw()
    return asm


def _end(asm: Assembler, end: A, count: A, start: A) -> None:
    """end = where `count` words from `start` on end."""
    asm.slli(end, count, 2)
    asm.add(end, end, start)


def _take_in(asm: Assembler, read: A, n: A, first: A, context: A) -> None:
    scale, write, x, end = A(11), A(12), A(13), A(14)
    asm.l32i(scale, context, _WORD * HEAD.index("scale"))
    asm.mov(write, first)
    _end(asm, end, n, first)
    asm.bgeu(write, end, "taken_in")
    asm.label("take_in")
    asm.l32i(x, read, 0)
    asm.addi(read, read, _WORD)
    asm.mulsh(x, scale, x)
    asm.s32i(x, write, 0)
    asm.addi(write, write, _WORD)
    asm.bltu(write, end, "take_in")
    asm.label("taken_in")


def _equalise(asm: Assembler, n: A, first: A, shelf: A) -> None:
    """Each shelf in use: y = x + g*s; s += k*(x - s)."""
    k, g, g_shift, s = registers = A(2), A(3), A(4), A(5)
    left, at, x, y, end = (A(i) for i in range(10, 15))
    asm.addi(shelf, shelf, _WORD * HEAD.index("shelf_1_k"))
    asm.movi(left, MOST_SHELVES)
    asm.label("shelf")
    for i, register in enumerate(registers):
        asm.l32i(register, shelf, _WORD * i)
    asm.beqz(g, "unused")
    asm.ssl(g_shift)
    asm.mov(at, first)
    _end(asm, end, n, first)
    asm.bgeu(at, end, "unused")
    asm.label("shelve")
    asm.l32i(x, at, 0)
    asm.mulsh(y, g, s)
    asm.sll(y, y)
    asm.add(y, x, y)
    asm.s32i(y, at, 0)
    asm.sub(x, x, s)
    asm.mulsh(x, k, x)
    asm.addx2(s, x, s)
    asm.addi(at, at, _WORD)
    asm.bltu(at, end, "shelve")
    asm.s32i(s, shelf, _WORD * SHELF.index("s"))
    asm.label("unused")
    asm.addi(shelf, shelf, _WORD * len(SHELF))
    asm.addi(left, left, -1)
    asm.bnez(left, "shelf")


def _filter_all(asm: Assembler) -> None:
    """All bands of this level. Leaves it in a2 and the level after it in a4."""
    band, read = A(2), A(3)
    x1, y1, y2, v1, v2, w1, w2 = states = tuple(A(i) for i in range(4, 11))
    x, s, product, low, high = (A(i) for i in range(11, 16))
    now = (x, x1, y1, y2, v1, v2, w1, w2)
    then = (x1, x, y2, y1, v2, v1, w2, w1)  # a sample later: what is new lies where the oldest lay
    numbers = count(1)

    def sample(registers: tuple[A, ...], offset: int) -> None:
        x, x1, y1, y2, v1, v2, w1, w2 = registers

        def section(c: tuple[str, str, str], last: A, older: A) -> None:
            """s, the difference of inputs before, becomes the section's output."""
            asm.l32i(product, band, _WORD * BAND.index(c[0]))
            asm.mulsh(s, product, s)
            asm.l32i(product, band, _WORD * BAND.index(c[1]))
            asm.mulsh(product, product, last)
            asm.addx2(s, product, s)
            asm.l32i(product, band, _WORD * BAND.index(c[2]))
            asm.mulsh(product, product, older)
            asm.sub(s, s, product)

        asm.l32i(x, read, offset)
        asm.sub(s, x, x1)
        section(("b", "a1", "a2"), y1, y2)
        asm.slli(y2, s, 1)
        asm.sub(s, y2, y1)
        section(("d", "c1", "c2"), v1, v2)
        asm.slli(product, s, 1)
        asm.sub(s, product, v2)
        asm.mov(v2, product)
        section(("f", "e1", "e2"), w1, w2)
        asm.slli(w2, s, 1)
        asm.srai(s, s, 2)
        asm.mull(product, s, s)
        asm.mulsh(s, s, s)
        asm.add(low, low, product)
        asm.add(high, high, s)
        no_carry = f"no_carry_{next(numbers)}"
        asm.bgeu(low, product, no_carry)
        asm.addi(high, high, 1)
        asm.label(no_carry)

    asm.l32i(band, _STACK, _LEVEL)
    asm.l32i(s, band, _WORD * LEVEL.index("bands"))
    asm.addi(band, band, _WORD * len(LEVEL))
    asm.beqz(s, "filtered")
    asm.l32i(read, _STACK, _FIRST)
    asm.l32i(product, _STACK, _N)
    _end(asm, product, product, read)
    asm.s32i(product, _STACK, _END)
    asm.label("band")
    asm.s32i(s, _STACK, _COUNT)
    for i, register in enumerate(states, BAND.index("x1")):
        asm.l32i(register, band, _WORD * i)
    asm.movi(low, 0)
    asm.movi(high, 0)
    asm.l32i(read, _STACK, _FIRST)
    asm.l32i(s, _STACK, _N)
    asm.slli(s, s, 31)  # not zero if one is left over
    asm.beqz(s, "even")
    sample(now, 0)
    asm.addi(read, read, _WORD)
    asm.mov(x1, x)
    for last, older in ((y1, y2), (v1, v2), (w1, w2)):
        asm.mov(s, last)
        asm.mov(last, older)
        asm.mov(older, s)
    asm.label("even")
    asm.l32i(s, _STACK, _END)
    asm.sub(s, read, s)
    asm.beqz(s, "ended")
    asm.label("pair")
    sample(now, 0)
    sample(then, _WORD)
    asm.addi(read, read, 2 * _WORD)
    asm.l32i(s, _STACK, _END)
    asm.sub(s, read, s)
    asm.bnez(s, "pair")
    asm.label("ended")
    for i, register in enumerate(states, BAND.index("x1")):
        asm.s32i(register, band, _WORD * i)
    carry = x
    for word, more in (("low", low), ("high", high)):
        asm.l32i(s, band, _WORD * BAND.index(word))
        asm.add(s, s, more)
        asm.s32i(s, band, _WORD * BAND.index(word))
        asm.movi(carry, 0)
        asm.bgeu(s, more, f"no_{word}_carry")
        asm.movi(carry, 1)
        asm.label(f"no_{word}_carry")
        if word == "low":
            asm.add(high, high, carry)
    asm.l32i(s, band, _WORD * BAND.index("top"))
    asm.add(s, s, carry)
    asm.s32i(s, band, _WORD * BAND.index("top"))
    asm.addi(band, band, _WORD * len(BAND))
    asm.l32i(s, _STACK, _COUNT)
    asm.addi(s, s, -1)
    asm.bnez(s, "band")
    asm.label("filtered")
    asm.mov(A(4), band)
    asm.l32i(A(2), _STACK, _LEVEL)


def _halve(asm: Assembler) -> None:
    """Pairs of samples of a2's level to the mean of two all-pass chains; an odd last one waits."""
    level, n, read, write = (A(i) for i in range(2, 6))
    new_c, old_c, newer_c, new, new_1, new_2, old, old_1 = words = tuple(
        A(i) for i in range(6, 14)
    )
    x, y = A(14), A(15)
    constants, states = words[:3], words[3:]

    def all_pass(c: A, before: A, last: A, to: A) -> None:
        """to = before + c*(x - last)"""
        asm.sub(y, x, last)
        asm.mulsh(y, c, y)
        asm.add(to, before, y)

    asm.l32i(x, _STACK, _CONTEXT)
    for i, register in enumerate(constants, HEAD.index("new_c")):
        asm.l32i(register, x, _WORD * i)
    for i, register in enumerate(states, LEVEL.index("new")):
        asm.l32i(register, level, _WORD * i)
    asm.l32i(write, _STACK, _FIRST)
    asm.l32i(n, _STACK, _N)
    asm.mov(read, write)
    asm.l32i(x, level, _WORD * LEVEL.index("holds"))
    asm.beqz(x, "pairs")
    asm.l32i(x, level, _WORD * LEVEL.index("held"))
    asm.addi(read, write, -_WORD)
    asm.s32i(x, read, 0)
    asm.addi(n, n, 1)
    asm.label("pairs")
    asm.extui(x, n, 0, 1)
    asm.s32i(x, level, _WORD * LEVEL.index("holds"))
    asm.srai(n, n, 1)
    asm.s32i(n, _STACK, _N)
    difference = level  # is on the stack
    end = n
    _end(asm, end, n, write)
    asm.bgeu(write, end, "halved")
    asm.label("halve")
    asm.l32i(x, read, 0)
    all_pass(old_c, old, old_1, old_1)
    asm.mov(old, x)
    asm.l32i(x, read, _WORD)
    all_pass(new_c, new, new_1, y)
    asm.mov(new, x)
    asm.sub(difference, y, new_2)
    asm.mulsh(x, newer_c, difference)
    asm.add(x, x, difference)
    asm.add(new_2, new_1, x)
    asm.mov(new_1, y)
    asm.add(x, new_2, old_1)
    asm.srai(x, x, 1)
    asm.s32i(x, write, 0)
    asm.addi(read, read, 2 * _WORD)
    asm.addi(write, write, _WORD)
    asm.bltu(write, end, "halve")
    asm.label("halved")
    asm.l32i(level, _STACK, _LEVEL)
    asm.l32i(x, level, _WORD * LEVEL.index("holds"))
    asm.beqz(x, "none_waits")
    asm.l32i(x, read, 0)
    asm.s32i(x, level, _WORD * LEVEL.index("held"))
    asm.label("none_waits")
    for i, register in enumerate(states, LEVEL.index("new")):
        asm.s32i(register, level, _WORD * i)
