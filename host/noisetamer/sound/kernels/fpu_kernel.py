"""The FPU kernel: Z, C and A, Fast and Slow, C-peak and the raw input, for ESP32 and ESP32-S3.

Called as a viper function `block(samples, context, n)` of MicroPython (windowed ABI):
a2 = the function object, a3 = number of arguments, a4 = number of keywords, a5 = arguments.
`samples` is an array('i') of I2S words, 24 bits left-aligned in 32; they are overwritten.
`context` is the array('f') of tamer.hear.kernel.fpu_context. Returns `n`; called with other than
three arguments it does nothing and returns 0. Allocates nothing.

The FPU has sixteen registers, so a block is gone through three times, in place, each time
with all its state in registers. Per sample 18 + 15 + 17 = 50 instructions.
"""

from noisetamer.sound.kernels.held import Held
from noisetamer.sound.kernels.xtensa import A, Assembler, F
from tamer.hear.kernel.fpu_context import AT

SAMPLES, CONTEXT, N = A(6), A(7), A(4)
SAMPLE, BITS, HIGH, LOW, HIGHER, LOWER = A(2), A(8), A(9), A(10), A(11), A(12)

_ARRAY_ITEMS = 12  # mp_obj_array_t: type, typecode, length, items
_RAW_BITS = 8  # below the 24 bits of a sample


def assemble() -> Assembler:
    """The kernel's code and listing; position-independent, to be loaded at a multiple of 4."""
    asm = Assembler()
    asm.label("block")
    asm.entry(32)
    asm.beqi(A(3), 3, "begin")
    asm.movi(A(2), 1)
    asm.retw()
    asm.label("begin")
    asm.l32i(SAMPLES, A(5), 0)
    asm.l32i(SAMPLES, SAMPLES, _ARRAY_ITEMS)
    asm.l32i(CONTEXT, A(5), 4)
    asm.l32i(CONTEXT, CONTEXT, _ARRAY_ITEMS)
    asm.l32i(N, A(5), 8)
    asm.srai(N, N, 1)  # a small int carries one tag bit
    _equalise(asm)
    _weigh_c(asm)
    _weigh_a(asm)
    asm.l32i(A(2), A(5), 8)
    asm.retw()
    return asm


def _equalise(asm: Assembler) -> None:
    """Raw range and sum; remove direct current; three shelves; sum Z."""
    asm.label("equalise")
    held = _held(asm)
    k = held.constant("direct_current_k")
    shelves = [
        (held.constant(f"shelf_{i}_k"), held.constant(f"shelf_{i}_g"), held.state(f"shelf_{i}_s"))
        for i in (1, 2, 3)
    ]
    s = held.state("direct_current_s")
    total, raw_sum = held.state("Z"), held.state("raw_sum")
    x, difference = held.free(), held.free()
    for word, register in (("raw_min", LOW), ("raw_max", HIGH)):
        asm.lsi(x, CONTEXT, 4 * AT[word])
        asm.trunc_s(register, x, _RAW_BITS)

    asm.mov(SAMPLE, SAMPLES)
    with asm.loop(N):
        asm.l32i(BITS, SAMPLE, 0)
        # The bits below the 24 may float (INMP441); they are less than one step.
        asm.float_s(x, BITS, _RAW_BITS)
        asm.min(LOW, LOW, BITS)
        asm.max(HIGH, HIGH, BITS)
        asm.add_s(raw_sum, raw_sum, x)
        _high_pass(asm, x, k, s)
        for shelf_k, g, shelf_s in shelves:
            asm.sub_s(difference, x, shelf_s)
            asm.madd_s(x, g, shelf_s)
            asm.madd_s(shelf_s, shelf_k, difference)
        asm.madd_s(total, x, x)
        asm.ssip(x, SAMPLE, 4)

    for word, register in (("raw_min", LOW), ("raw_max", HIGH)):
        asm.srai(register, register, _RAW_BITS)
        asm.float_s(x, register, 0)
        asm.ssi(x, CONTEXT, 4 * AT[word])
    held.put_back()


def _weigh_c(asm: Assembler) -> None:
    """20.6 Hz twice, then the pole pair at 12.2 kHz: C. Sum it, hold its peak."""
    asm.label("weigh_c")
    held = _held(asm)
    k = held.constant("low_k")
    b2, a1, a2 = (held.constant(f"pole_pair_{name}") for name in ("b2", "a1", "a2"))
    low_1, low_2 = held.state("low_1_s"), held.state("low_2_s")
    s1, s2 = held.state("pole_pair_1_s"), held.state("pole_pair_2_s")
    total = held.state("C")
    x, y = held.free(), held.free()
    # Without its sign a float is ordered like a whole number; a shift to the left drops it.
    asm.l32i(HIGH, CONTEXT, 4 * AT["C_peak"])
    asm.slli(HIGH, HIGH, 1)

    asm.mov(SAMPLE, SAMPLES)
    with asm.loop(N):
        asm.lsi(x, SAMPLE, 0)
        _high_pass(asm, x, k, low_1)
        _high_pass(asm, x, k, low_2)
        asm.add_s(y, x, s1)  # y = x + s1
        asm.mov_s(s1, s2)  # s1 = s2 + a1 y
        asm.madd_s(s1, a1, y)
        asm.mul_s(s2, b2, x)  # s2 = b2 x + a2 y
        asm.madd_s(s2, a2, y)
        asm.rfr(BITS, y)
        asm.slli(BITS, BITS, 1)
        asm.maxu(HIGH, HIGH, BITS)
        asm.madd_s(total, y, y)
        asm.ssip(y, SAMPLE, 4)

    asm.srli(HIGH, HIGH, 1)
    asm.s32i(HIGH, CONTEXT, 4 * AT["C_peak"])
    held.put_back()


def _weigh_a(asm: Assembler) -> None:
    """107.7 Hz and 737.9 Hz: A. Sum it; Fast and Slow with their extremes."""
    asm.label("weigh_a")
    held = _held(asm)
    low_k, high_k = held.constant("a_low_k"), held.constant("a_high_k")
    fast_k, slow_k = held.constant("fast_k"), held.constant("slow_k")
    low_s, high_s = held.state("a_low_s"), held.state("a_high_s")
    total, fast, slow = held.state("A"), held.state("fast"), held.state("slow")
    x, square, rise = held.free(), held.free(), held.free()
    extremes = (("fast_max", HIGH), ("fast_min", LOW), ("slow_max", HIGHER), ("slow_min", LOWER))
    # Mean squares are never negative, so their bit patterns are ordered like whole numbers.
    for word, register in extremes:
        asm.l32i(register, CONTEXT, 4 * AT[word])

    asm.mov(SAMPLE, SAMPLES)
    with asm.loop(N):
        asm.lsip(x, SAMPLE, 4)
        _high_pass(asm, x, low_k, low_s)
        _high_pass(asm, x, high_k, high_s)
        asm.mul_s(square, x, x)
        asm.sub_s(rise, square, fast)
        asm.madd_s(fast, fast_k, rise)
        asm.sub_s(rise, square, slow)
        asm.madd_s(slow, slow_k, rise)
        asm.add_s(total, total, square)
        asm.rfr(BITS, fast)
        asm.max(HIGH, HIGH, BITS)
        asm.min(LOW, LOW, BITS)
        asm.rfr(BITS, slow)
        asm.max(HIGHER, HIGHER, BITS)
        asm.min(LOWER, LOWER, BITS)

    for word, register in extremes:
        asm.s32i(register, CONTEXT, 4 * AT[word])
    held.put_back()


def _high_pass(asm: Assembler, x: F, k: F, s: F) -> None:
    """x -= s; s += k*x"""
    asm.sub_s(x, x, s)
    asm.madd_s(s, k, x)


def _held(asm: Assembler) -> Held[F, A]:
    return Held(asm.lsi, asm.ssi, map(F, range(16)), AT, CONTEXT)
