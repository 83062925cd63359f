"""MULSH and MULUH for an emulator without them.

No core of qemu-xtensa 7.2 has these two, which ESP32, S2 and S3 have. Here each is replaced by a
jump to instructions that do the same by 16-bit halves and jump back; all else stays as it is.
Around them the function's frame is of `FRAME` bytes or more, and those from 32 on are unused.
"""

from noisetamer.sound.kernels.assembly import AssemblyError
from noisetamer.sound.kernels.xtensa import A, Assembler

FRAME = 80
_SAVED = 32
_SCRATCH = tuple(A(i) for i in range(2, 10))
_FIRST = _SAVED + 4 * len(_SCRATCH)
_SECOND = _FIRST + 4
_STACK = A(1)


def replaced(asm: Assembler) -> bytes:
    """The code with its jumps, and what they lead to after it."""
    code = bytearray(asm.code())
    code += bytes(-len(code) % 4)
    for line in asm.lines:
        name = line.text.partition(" ")[0]
        if name not in ("mulsh", "muluh"):
            continue
        site = line.address
        word = int.from_bytes(code[site : site + 3], "little")
        to, x, y = (A(word >> bit & 15) for bit in (12, 8, 4))
        code[site : site + 3] = _jump(site, len(code))
        code += _product(to, x, y, signed=name == "mulsh")
        code += _jump(len(code), site + 3)
        code += bytes(-len(code) % 4)
    return bytes(code)


def _jump(here: int, there: int) -> bytes:
    distance = there - here - 4
    if not -(1 << 17) <= distance < 1 << 17:
        raise AssemblyError(f"j from byte {here} to {there} is too far")
    return ((distance & 0x3FFFF) << 6 | 6).to_bytes(3, "little")


def _product(to: A, x: A, y: A, signed: bool) -> bytes:
    """to = high word of x*y; every other register as before."""
    left, right, low, middle, other, high, t, sign = _SCRATCH
    asm = Assembler()
    for i, register in enumerate(_SCRATCH):
        asm.s32i(register, _STACK, _SAVED + 4 * i)
    asm.s32i(x, _STACK, _FIRST)
    asm.s32i(y, _STACK, _SECOND)
    asm.l32i(left, _STACK, _FIRST)
    asm.l32i(right, _STACK, _SECOND)
    # x = 2**16 * x1 + x0, y alike: x1*y1 and what reaches up from the other three products.
    asm.extui(high, left, 16, 16)
    asm.extui(t, right, 16, 16)
    asm.extui(other, left, 0, 16)
    asm.extui(low, right, 0, 16)
    asm.mull(middle, other, t)
    asm.mull(other, other, low)
    asm.mull(low, low, high)
    asm.mull(high, high, t)
    asm.extui(other, other, 16, 16)
    for product in (middle, low):
        asm.extui(t, product, 0, 16)
        asm.add(other, other, t)
        asm.extui(t, product, 16, 16)
        asm.add(high, high, t)
    asm.extui(other, other, 16, 16)
    asm.add(high, high, other)
    if signed:
        for value, factor in ((left, right), (right, left)):
            asm.srai(sign, value, 31)
            asm.and_(sign, sign, factor)
            asm.sub(high, high, sign)
    asm.s32i(high, _STACK, _FIRST)
    for i, register in enumerate(_SCRATCH):
        asm.l32i(register, _STACK, _SAVED + 4 * i)
    asm.l32i(to, _STACK, _FIRST)
    return asm.code()
