"""The two kinds of machine our code is run on in qemu-user, and the monitor each is given.

A monitor reads records from standard input and does what they say, until one says to leave.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.sound.kernels import rv32, xtensa
from noisetamer.sound.kernels.assembly import Assembly
from noisetamer.sound.kernels.xtensa import A

RECORD = struct.Struct("<5I")
"""What to do, then up to four words: see `emulator.fill`, `dump` and `call`."""
LEAVE, FILL, DUMP, CALL = range(4)

XTENSA_EXIT, _READ, _WRITE = 118, 12, 13  # Linux system calls on Xtensa
RV32_EXIT, _RV32_READ, _RV32_WRITE = 93, 63, 64  # and on RISC-V
_FUNCTION_CODE = 12  # mp_obj_fun_bc_t: type, context, children, code


@dataclass(frozen=True)
class Machine:
    """`qemu`: the program. `core`: which of its cores. `elf`: number of the architecture.

    `monitor`: the monitor's code with a label `start`, of the address of room for one record.
    """

    qemu: str
    core: str
    elf: int
    monitor: Callable[[int], Assembly]


def _xtensa_monitor(record: int) -> xtensa.Assembler:
    """Reads records from standard input and executes them."""
    at, verb = A(7), A(8)
    number, file, where, size = A(2), A(6), A(3), A(4)  # of a system call
    asm = xtensa.Assembler()
    asm.label("record")
    asm.word(record)

    asm.label("start")
    asm.l32r(at, "record")
    asm.label("next")
    asm.movi(number, _READ)
    asm.movi(file, 0)
    asm.mov(where, at)
    asm.movi(size, RECORD.size)
    asm.syscall()
    asm.l32i(verb, at, 0)
    asm.l32i(where, at, 4)
    asm.l32i(size, at, 8)
    asm.beqi(verb, CALL, "call")
    asm.movi(number, _READ)
    asm.movi(file, 0)
    asm.beqi(verb, FILL, "transfer")
    asm.movi(number, _WRITE)
    asm.movi(file, 1)
    asm.beqi(verb, DUMP, "transfer")
    asm.movi(number, XTENSA_EXIT)
    asm.movi(file, 0)
    asm.label("transfer")
    asm.syscall()
    asm.j("next")

    # The callee sees a10 to a13 as its a2 to a5.
    asm.label("call")
    asm.mov(A(10), where)
    asm.l32i(A(11), at, 12)
    asm.movi(A(12), 0)
    asm.mov(A(13), size)
    asm.l32i(A(8), where, _FUNCTION_CODE)
    asm.callx8(A(8))
    asm.l32i(A(8), at, 16)
    asm.s32i(A(10), A(8), 0)
    asm.j("next")
    return asm


def _rv32_monitor(record: int) -> rv32.Assembler:
    """The same for RISC-V."""
    at, verb = rv32.S[0], rv32.S[1]
    file, where, size, number = rv32.A[0], rv32.A[1], rv32.A[2], rv32.A[7]
    function, arguments, count, result = rv32.S[2:6]
    asm = rv32.Assembler()
    asm.label("start")
    asm.li(at, record)
    asm.label("next")
    asm.li(number, _RV32_READ)
    asm.li(file, 0)
    asm.mv(where, at)
    asm.li(size, RECORD.size)
    asm.ecall()
    asm.lw(verb, at, 0)
    asm.lw(where, at, 4)
    asm.lw(size, at, 8)
    asm.li(rv32.T[0], CALL)
    asm.beq(verb, rv32.T[0], "call")
    asm.li(number, _RV32_READ)
    asm.li(file, 0)
    asm.li(rv32.T[0], FILL)
    asm.beq(verb, rv32.T[0], "transfer")
    asm.li(number, _RV32_WRITE)
    asm.li(file, 1)
    asm.li(rv32.T[0], DUMP)
    asm.beq(verb, rv32.T[0], "transfer")
    asm.li(number, RV32_EXIT)
    asm.li(file, 0)
    asm.label("transfer")
    asm.ecall()
    asm.j("next")

    asm.label("call")
    asm.mv(function, where)
    asm.mv(arguments, size)
    asm.lw(count, at, 12)
    asm.lw(result, at, 16)
    asm.mv(rv32.A[0], function)
    asm.mv(rv32.A[1], count)
    asm.li(rv32.A[2], 0)
    asm.mv(rv32.A[3], arguments)
    asm.lw(rv32.T[0], function, _FUNCTION_CODE)
    asm.jalr(rv32.RA, rv32.T[0])
    asm.sw(rv32.A[0], result, 0)
    asm.j("next")
    return asm


XTENSA = Machine("qemu-xtensa", "de233_fpu", 94, _xtensa_monitor)
"""A core with windowed calls, loops, 32-bit multiplication and the single-precision FPU."""
RV32 = Machine("qemu-riscv32", "rv32,a=false,f=false,d=false", 243, _rv32_monitor)
"""What the ESP32-C3 has: RV32IMC, so that any other instruction is illegal here too."""
