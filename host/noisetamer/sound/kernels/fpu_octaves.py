"""The FPU octave bank: a half-rate tree with band filters at each rate, for ESP32 and S3.

Called as a viper function `block(samples, start, scratch, context, n)` of MicroPython
(windowed ABI, as fpu_kernel). `samples` is an array('i') of I2S words, read from `start` on
and left as they are; `scratch` an array('f') of at least n + 2; `context` the array('f') of
tamer.hear.bands.octaves_context. Returns `n`; called with other than five arguments it does
nothing and returns 0. Allocates nothing.

Per sample 4 instructions, 5 for each shelf in use, 15 for each band at its rate, 13 for each
pair that is halved: 62 for octaves, 152 for third-octaves.
"""

from noisetamer.sound.kernels import container
from noisetamer.sound.kernels.xtensa import A, Assembler, F
from tamer.hear.bands.octaves_context import BAND, HEAD, LEVEL, SHELVES

MODULE = "octaves_block.mpy"

SAMPLES, CONTEXT, N, ARGUMENTS, SCRATCH = A(6), A(7), A(4), A(5), A(8)
FIRST, READ, WRITE, NEXT, COUNT, BITS = A(9), A(10), A(11), A(12), A(13), A(14)
HERE = A(15)

_ARRAY_ITEMS = 12  # mp_obj_array_t: type, typecode, length, items
_RAW_BITS = 8  # below the 24 bits of a sample
_WORD = 4

STUB = """\
import micropython


@micropython.viper
def block(samples, start, scratch, context, n):
    pass
"""


def module() -> bytes:
    """The bank as `tamer/hear/bands/octaves_block.mpy`, with a function `block`; checked."""
    return container.carry(MODULE, STUB, assemble().code())


def assemble() -> Assembler:
    """The bank's code and listing; position-independent, to be loaded at a multiple of 4."""
    asm = Assembler()
    asm.label("block")
    asm.entry(32)
    asm.beqi(A(3), 5, "begin")
    asm.movi(A(2), 1)
    asm.retw()
    asm.label("begin")
    for register, argument in ((SAMPLES, 0), (SCRATCH, 2), (CONTEXT, 3)):
        asm.l32i(register, ARGUMENTS, _WORD * argument)
        asm.l32i(register, register, _ARRAY_ITEMS)
    asm.l32i(BITS, ARGUMENTS, _WORD * 1)
    asm.srai(BITS, BITS, 1)  # a small int carries one tag bit
    asm.slli(BITS, BITS, 2)
    asm.add(SAMPLES, SAMPLES, BITS)
    asm.l32i(N, ARGUMENTS, _WORD * 4)
    asm.srai(N, N, 1)
    # The word before the first is kept for a sample that waited for its pair.
    asm.addi(FIRST, SCRATCH, _WORD)
    _convert(asm)
    _equalise(asm)
    asm.addi(HERE, CONTEXT, _WORD * len(HEAD))
    asm.label("level")
    _filter(asm)
    asm.l32i(BITS, HERE, _WORD * LEVEL.index("halves"))
    asm.beqz(BITS, "done")
    _halve(asm)
    asm.mov(HERE, NEXT)
    asm.j("level")
    asm.label("done")
    asm.l32i(A(2), ARGUMENTS, _WORD * 4)
    asm.retw()
    return asm


def _convert(asm: Assembler) -> None:
    """Samples to floats; the bits below the 24 may float on the wire, they stay below one."""
    asm.mov(READ, SAMPLES)
    asm.mov(WRITE, FIRST)
    with asm.loop(N):
        asm.l32i(BITS, READ, 0)
        asm.addi(READ, READ, _WORD)
        asm.float_s(F(0), BITS, _RAW_BITS)
        asm.ssip(F(0), WRITE, _WORD)


def _equalise(asm: Assembler) -> None:
    """Each shelf in use: y = x + g*s; s += k*(x - s)."""
    x, difference, k, g, s = (F(i) for i in range(5))
    asm.mov(NEXT, CONTEXT)
    asm.movi(COUNT, SHELVES)
    asm.label("shelf")
    asm.l32i(BITS, NEXT, _WORD * HEAD.index("shelf_1_g"))
    asm.beqz(BITS, "unused")
    for register, word in ((k, "shelf_1_k"), (g, "shelf_1_g"), (s, "shelf_1_s")):
        asm.lsi(register, NEXT, _WORD * HEAD.index(word))
    asm.mov(READ, FIRST)
    with asm.loop(N):
        asm.lsi(x, READ, 0)
        asm.sub_s(difference, x, s)
        asm.madd_s(x, g, s)
        asm.madd_s(s, k, difference)
        asm.ssip(x, READ, _WORD)
    asm.ssi(s, NEXT, _WORD * HEAD.index("shelf_1_s"))
    asm.label("unused")
    asm.addi(NEXT, NEXT, _WORD * HEAD.index("shelf_2_k"))
    asm.addi(COUNT, COUNT, -1)
    asm.bnez(COUNT, "shelf")


def _filter(asm: Assembler) -> None:
    """All bands of this level; NEXT is left at the level after it."""
    registers = {word: F(i) for i, word in enumerate(BAND)}
    x, y = F(len(BAND)), F(len(BAND) + 1)
    asm.lsi(x, HERE, _WORD * LEVEL.index("bands"))
    asm.trunc_s(COUNT, x, 0)
    asm.addi(NEXT, HERE, _WORD * len(LEVEL))
    asm.label("band")
    for word, register in registers.items():
        asm.lsi(register, NEXT, _WORD * BAND.index(word))
    asm.mov(READ, FIRST)
    with asm.loop(N):
        asm.lsip(x, READ, _WORD)
        for section, value, out in (("a", x, y), ("b", y, x), ("c", x, y)):
            _section(asm, registers, section, value, out)
        asm.madd_s(registers["squares"], y, y)
    for word in BAND[BAND.index("a1_s") :]:
        asm.ssi(registers[word], NEXT, _WORD * BAND.index(word))
    asm.addi(NEXT, NEXT, _WORD * len(BAND))
    asm.addi(COUNT, COUNT, -1)
    asm.bnez(COUNT, "band")


def _section(asm: Assembler, held: dict[str, F], section: str, x: F, y: F) -> None:
    """Poles a1, a2; a zero at direct current, the last section one at half the rate too."""
    a1, a2, s1, s2 = (held[section + word] for word in ("1", "2", "1_s", "2_s"))
    last = section == "c"
    asm.add_s(y, x, s1)  # y = x + s1
    if last:
        asm.mov_s(s1, s2)  # s1 = s2 + a1 y
    else:
        asm.sub_s(s1, s2, x)  # s1 = s2 - x + a1 y
    asm.madd_s(s1, a1, y)
    asm.mul_s(s2, a2, y)  # s2 = a2 y
    if last:
        asm.sub_s(s2, s2, x)  # s2 = a2 y - x


def _halve(asm: Assembler) -> None:
    """Pairs of samples to the sum of two all-pass chains; an odd last one waits."""
    constants = {word: F(i) for i, word in enumerate(HEAD[HEAD.index("new_c") :])}
    states = {word: F(6 + i) for i, word in enumerate(LEVEL[LEVEL.index("new_s") :])}
    older, newer, out = F(9), F(10), F(11)

    def all_pass(x: F, chain: str) -> None:
        """x -= c*s; s += c*x: the output is in s, the next state in x."""
        asm.madd_s(x, constants[f"{chain}_minus_c"], states[f"{chain}_s"])
        asm.madd_s(states[f"{chain}_s"], constants[f"{chain}_c"], x)

    asm.l32i(BITS, HERE, _WORD * LEVEL.index("holds"))
    asm.beqz(BITS, "pairs")
    asm.lsi(older, HERE, _WORD * LEVEL.index("held"))
    asm.mov(FIRST, SCRATCH)
    asm.ssi(older, FIRST, 0)
    asm.addi(N, N, 1)
    asm.label("pairs")
    asm.slli(BITS, N, 31)  # not zero if one is left over
    asm.s32i(BITS, HERE, _WORD * LEVEL.index("holds"))
    asm.srai(N, N, 1)
    for word, register in constants.items():
        asm.lsi(register, CONTEXT, _WORD * HEAD.index(word))
    for word, register in states.items():
        asm.lsi(register, HERE, _WORD * LEVEL.index(word))

    asm.mov(READ, FIRST)
    asm.addi(FIRST, SCRATCH, _WORD)
    asm.mov(WRITE, FIRST)
    with asm.loop(N):
        asm.lsip(older, READ, _WORD)
        asm.lsip(newer, READ, _WORD)
        all_pass(newer, "new")
        all_pass(states["new_s"], "newer")
        all_pass(older, "old")
        asm.add_s(out, states["newer_s"], states["old_s"])
        asm.mov_s(states["newer_s"], states["new_s"])
        asm.mov_s(states["new_s"], newer)
        asm.mov_s(states["old_s"], older)
        asm.ssip(out, WRITE, _WORD)

    asm.lsi(older, READ, 0)
    asm.ssi(older, HERE, _WORD * LEVEL.index("held"))
    for word, register in states.items():
        asm.ssi(register, HERE, _WORD * LEVEL.index(word))
