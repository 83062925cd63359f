"""The integer octave bank for RISC-V: ESP32-C3 and C6. Its arithmetic: octaves_model.

Called as a viper function `block(samples, start, scratch, context, n)` of MicroPython (psABI's
calling convention; a0 the function, a1 the number of arguments, a3 where they are). `samples` is
an array('i') of I2S words, read from `start` on and left as they are; `scratch` an array('i') of
at least n + 2; `context` the array('i') of tamer.hear.bands.octaves_fixed_context, which says how
large n may be. Returns `n`; called with other than five arguments it does nothing and returns 0.
Allocates nothing.

Per sample 6 instructions, 11 for each shelf in use, 34 for each band at its rate, 21 for each
pair that is halved.
"""

from noisetamer.sound.kernels import container, fpu_octaves
from noisetamer.sound.kernels.rv32 import RA, SP, ZERO, A, Assembler, S, T, X
from tamer.hear.bands.octaves_fixed_context import BAND, HEAD, LEVEL, SHELF
from tamer.hear.kernel.profile import MOST_SHELVES

# All the way; the rest of the registers are a pass's.
BAND_AT, COUNT, N, FIRST, LEVEL_AT = S[:5]
ALL = (*S[5:], *A, *T, RA)
"""What a pass may use: 23."""

MODULE = "octaves_fixed_block.mpy"

_WORD = 4
_ARRAY_ITEMS = 12  # mp_obj_array_t: type, typecode, length, items
_SAVED = (*S, RA)
_ARGUMENTS, _SCRATCH, _CONTEXT = (_WORD * (len(_SAVED) + i) for i in range(3))
_FRAME = 64


def module() -> bytes:
    """The bank as `tamer/hear/bands/octaves_fixed_block.mpy`, with a function `block`; checked."""
    return container.carry(MODULE, fpu_octaves.STUB, assemble().code(), container.RV32IMC)


def assemble() -> Assembler:
    """The bank's code and listing; position-independent, to be loaded at a multiple of 4."""
    asm = Assembler()
    asm.label("block")
    asm.addi(T[0], ZERO, 5)
    asm.beq(A[1], T[0], "begin")
    asm.addi(A[0], ZERO, 1)
    asm.ret()
    asm.label("begin")
    asm.addi(SP, SP, -_FRAME)
    for i, register in enumerate(_SAVED):
        asm.sw(register, SP, _WORD * i)
    samples, start, scratch, context = T[:4]
    for register, argument in ((samples, 0), (scratch, 2), (context, 3)):
        asm.lw(register, A[3], _WORD * argument)
        asm.lw(register, register, _ARRAY_ITEMS)
    asm.lw(start, A[3], _WORD * 1)
    asm.srai(start, start, 1)  # a small int carries one tag bit
    asm.slli(start, start, 2)
    asm.add(samples, samples, start)
    asm.lw(N, A[3], _WORD * 4)
    asm.srai(N, N, 1)
    for register, place in ((A[3], _ARGUMENTS), (scratch, _SCRATCH), (context, _CONTEXT)):
        asm.sw(register, SP, place)
    # The word before the first is kept for a sample that waited for its pair.
    asm.addi(FIRST, scratch, _WORD)
    asm.addi(LEVEL_AT, context, _WORD * len(HEAD))
    _take_in(asm, samples, context)
    _equalise(asm, context)
    asm.label("level")
    _filter_all(asm)
    asm.lw(T[0], LEVEL_AT, _WORD * LEVEL.index("halves"))
    asm.beq(T[0], ZERO, "done")
    _halve(asm)
    asm.mv(LEVEL_AT, BAND_AT)
    asm.j("level")
    asm.label("done")
    asm.lw(A[3], SP, _ARGUMENTS)
    asm.lw(A[0], A[3], _WORD * 4)
    for i, register in enumerate(_SAVED):
        asm.lw(register, SP, _WORD * i)
    asm.addi(SP, SP, _FRAME)
    asm.ret()
    return asm


def _end(asm: Assembler, end: X, count: X, start: X) -> None:
    """end = where `count` words from `start` on end."""
    asm.slli(end, count, 2)
    asm.add(end, end, start)


def _take_in(asm: Assembler, read: X, context: X) -> None:
    scale, write, end, x = A[:4]
    asm.lw(scale, context, _WORD * HEAD.index("scale"))
    asm.mv(write, FIRST)
    _end(asm, end, N, FIRST)
    asm.bgeu(write, end, "taken_in")
    asm.label("take_in")
    asm.lw(x, read, 0)
    asm.mulh(x, scale, x)
    asm.sw(x, write, 0)
    asm.addi(read, read, _WORD)
    asm.addi(write, write, _WORD)
    asm.bltu(write, end, "take_in")
    asm.label("taken_in")


def _equalise(asm: Assembler, shelf: X) -> None:
    """Each shelf in use: y = x + g*s; s += k*(x - s)."""
    count, x, y, end, at = A[:5]
    k, g, g_shift, s = registers = S[5:9]
    asm.addi(shelf, shelf, _WORD * HEAD.index("shelf_1_k"))
    asm.addi(count, ZERO, MOST_SHELVES)
    asm.label("shelf")
    for i, register in enumerate(registers):
        asm.lw(register, shelf, _WORD * i)
    asm.mv(at, FIRST)
    _end(asm, end, N, FIRST)
    asm.beq(g, ZERO, "unused")
    asm.bgeu(at, end, "unused")
    asm.label("shelve")
    asm.lw(x, at, 0)
    asm.mulh(y, g, s)
    asm.sll(y, y, g_shift)
    asm.add(y, x, y)
    asm.sw(y, at, 0)
    asm.sub(x, x, s)
    asm.mulh(x, k, x)
    asm.slli(x, x, 1)
    asm.add(s, s, x)
    asm.addi(at, at, _WORD)
    asm.bltu(at, end, "shelve")
    asm.sw(s, shelf, _WORD * SHELF.index("s"))
    asm.label("unused")
    asm.addi(shelf, shelf, _WORD * len(SHELF))
    asm.addi(count, count, -1)
    asm.bne(count, ZERO, "shelf")


def _filter_all(asm: Assembler) -> None:
    """All bands of this level; BAND_AT is left at the level after it."""
    *held, low, high = ALL[: len(BAND) - 1]
    coefficients, states = held[:9], held[9:]
    read, end, x, s, product = ALL[len(BAND) - 1 :]
    x1, y1, y2, v1, v2, w1, w2 = states
    now = (x, x1, y1, y2, v1, v2, w1, w2)
    then = (x1, x, y2, y1, v2, v1, w2, w1)  # a sample later: what is new lies where the oldest lay

    def sample(registers: tuple[X, ...], offset: int) -> None:
        b, a1, a2, d, c1, c2, f, e1, e2 = coefficients
        x, x1, y1, y2, v1, v2, w1, w2 = registers

        def section(c: tuple[X, X, X], last: X, older: X) -> None:
            """s, the difference of inputs before, becomes the section's output."""
            asm.mulh(s, c[0], s)
            asm.mulh(product, c[1], last)
            asm.slli(product, product, 1)
            asm.add(s, s, product)
            asm.mulh(product, c[2], older)
            asm.sub(s, s, product)

        asm.lw(x, read, offset)
        asm.sub(s, x, x1)
        section((b, a1, a2), y1, y2)
        asm.slli(y2, s, 1)
        asm.sub(s, y2, y1)
        section((d, c1, c2), v1, v2)
        asm.slli(product, s, 1)
        asm.sub(s, product, v2)
        asm.mv(v2, product)
        section((f, e1, e2), w1, w2)
        asm.slli(w2, s, 1)
        asm.srai(s, s, 2)
        asm.mul(product, s, s)
        asm.mulh(s, s, s)
        asm.add(low, low, product)
        asm.sltu(product, low, product)
        asm.add(high, high, s)
        asm.add(high, high, product)

    asm.lw(COUNT, LEVEL_AT, _WORD * LEVEL.index("bands"))
    asm.addi(BAND_AT, LEVEL_AT, _WORD * len(LEVEL))
    asm.beq(COUNT, ZERO, "filtered")
    asm.label("band")
    for i, register in enumerate(held):
        asm.lw(register, BAND_AT, _WORD * i)
    asm.mv(low, ZERO)
    asm.mv(high, ZERO)
    asm.mv(read, FIRST)
    _end(asm, end, N, FIRST)
    asm.andi(s, N, 1)
    asm.beq(s, ZERO, "even")
    sample(now, 0)
    asm.addi(read, read, _WORD)
    asm.mv(x1, x)
    for last, older in ((y1, y2), (v1, v2), (w1, w2)):
        asm.mv(s, last)
        asm.mv(last, older)
        asm.mv(older, s)
    asm.label("even")
    asm.bgeu(read, end, "ended")
    asm.label("pair")
    sample(now, 0)
    sample(then, _WORD)
    asm.addi(read, read, 2 * _WORD)
    asm.bltu(read, end, "pair")
    asm.label("ended")
    for i, register in enumerate(states, BAND.index("x1")):
        asm.sw(register, BAND_AT, _WORD * i)
    carry = x
    for word, more in (("low", low), ("high", high)):
        asm.lw(s, BAND_AT, _WORD * BAND.index(word))
        asm.add(s, s, more)
        asm.sw(s, BAND_AT, _WORD * BAND.index(word))
        asm.sltu(carry, s, more)
        if word == "low":
            asm.add(high, high, carry)
    asm.lw(s, BAND_AT, _WORD * BAND.index("top"))
    asm.add(s, s, carry)
    asm.sw(s, BAND_AT, _WORD * BAND.index("top"))
    asm.addi(BAND_AT, BAND_AT, _WORD * len(BAND))
    asm.addi(COUNT, COUNT, -1)
    asm.bne(COUNT, ZERO, "band")
    asm.label("filtered")


def _halve(asm: Assembler) -> None:
    """Pairs of samples to the mean of two all-pass chains; an odd last one waits."""
    new_c, old_c, newer_c, new, new_1, new_2, old, old_1 = words = ALL[:8]
    constants, states = words[:3], words[3:]
    read, write, end, x, y, difference = ALL[8:14]

    def all_pass(c: X, before: X, last: X, to: X) -> None:
        """to = before + c*(x - last)"""
        asm.sub(y, x, last)
        asm.mulh(y, c, y)
        asm.add(to, before, y)

    asm.lw(x, SP, _CONTEXT)
    for i, register in enumerate(constants, HEAD.index("new_c")):
        asm.lw(register, x, _WORD * i)
    for i, register in enumerate(states, LEVEL.index("new")):
        asm.lw(register, LEVEL_AT, _WORD * i)
    asm.mv(read, FIRST)
    asm.lw(x, LEVEL_AT, _WORD * LEVEL.index("holds"))
    asm.beq(x, ZERO, "pairs")
    asm.lw(x, LEVEL_AT, _WORD * LEVEL.index("held"))
    asm.addi(read, FIRST, -_WORD)
    asm.sw(x, read, 0)
    asm.addi(N, N, 1)
    asm.label("pairs")
    asm.andi(x, N, 1)
    asm.sw(x, LEVEL_AT, _WORD * LEVEL.index("holds"))
    asm.srai(N, N, 1)
    asm.mv(write, FIRST)
    _end(asm, end, N, FIRST)
    asm.bgeu(write, end, "halved")
    asm.label("halve")
    asm.lw(x, read, 0)
    all_pass(old_c, old, old_1, old_1)
    asm.mv(old, x)
    asm.lw(x, read, _WORD)
    all_pass(new_c, new, new_1, y)
    asm.mv(new, x)
    asm.sub(difference, y, new_2)
    asm.mulh(x, newer_c, difference)
    asm.add(x, x, difference)
    asm.add(new_2, new_1, x)
    asm.mv(new_1, y)
    asm.add(x, new_2, old_1)
    asm.srai(x, x, 1)
    asm.sw(x, write, 0)
    asm.addi(read, read, 2 * _WORD)
    asm.addi(write, write, _WORD)
    asm.bltu(write, end, "halve")
    asm.label("halved")
    asm.lw(x, LEVEL_AT, _WORD * LEVEL.index("holds"))
    asm.beq(x, ZERO, "none_waits")
    asm.lw(x, read, 0)
    asm.sw(x, LEVEL_AT, _WORD * LEVEL.index("held"))
    asm.label("none_waits")
    for i, register in enumerate(states, LEVEL.index("new")):
        asm.sw(register, LEVEL_AT, _WORD * i)
