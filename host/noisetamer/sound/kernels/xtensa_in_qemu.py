"""Our code for Xtensa where there is no MULSH: no core of qemu-xtensa 7.2 has it, each
chip of ours does.

For proofs only; both assemble what the chip gets, but for that one instruction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from noisetamer.sound.kernels.xtensa import A, Assembler

_STACK = A(1)
_ROOM = 64
_FREE = tuple(A(i) for i in range(2, 7))


class Counted(Assembler):
    """MULL in place of MULSH: other values, as many instructions.

    For code whose way depends on values in nothing but what is counted at its worst.
    """

    def mulsh(self, to: A, x: A, y: A) -> None:
        self.mull(to, x, y)


class Computed(Assembler):
    """The same values: MULSH is a subroutine of MULLs, and loops, now too long for LOOPGTZ,
    are counted down. What both need lies in words of the frame made larger for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._slots = 0
        self._complete = False

    def entry(self, frame: int) -> None:
        # Above what the code has of its frame, below the register windows' 32 bytes.
        self._slots = frame - 32
        super().entry(frame + _ROOM)

    def mulsh(self, to: A, x: A, y: A) -> None:
        self.s32i(x, _STACK, self._slot(0))
        self.s32i(y, _STACK, self._slot(1))
        self.s32i(A(0), _STACK, self._slot(2))
        self._call0("mulsh")
        self.l32i(A(0), _STACK, self._slot(2))
        self.l32i(to, _STACK, self._slot(0))

    @contextmanager
    def loop(self, times: A) -> Iterator[None]:
        name = f"loop_{next(self._loops)}"
        left = A(2)
        self.s32i(times, _STACK, self._slot(3))
        self.beqz(times, f"{name}_end")
        self.label(name)
        yield
        self.s32i(left, _STACK, self._slot(4))
        self.l32i(left, _STACK, self._slot(3))
        self.addi(left, left, -1)
        self.s32i(left, _STACK, self._slot(3))
        self.beqz(left, f"{name}_over")
        self.l32i(left, _STACK, self._slot(4))
        self.j(name)
        self.label(f"{name}_over")
        self.l32i(left, _STACK, self._slot(4))
        self.label(f"{name}_end")

    def code(self) -> bytes:
        if not self._complete:
            self._complete = True
            self._subroutine()
        return super().code()

    def _slot(self, number: int) -> int:
        return self._slots + 4 * number

    def _call0(self, label: str) -> None:
        base = (self.here & ~3) + 4
        self._await(label, lambda target: (target - base >> 2 & 0x3FFFF) << 6 | 0x05, 3)
        self._put(bytes(3), f"call0 {label}")

    def _subroutine(self) -> None:
        """x*y >> 32 of halves: what is carried from one product of halves fits the next."""
        x, y, x_low, y_low, sum_ = _FREE
        self.align()
        self.label("mulsh")
        for i, register in enumerate(_FREE):
            self.s32i(register, _STACK, self._slot(5 + i))
        self.l32i(x, _STACK, self._slot(0))
        self.l32i(y, _STACK, self._slot(1))
        self.extui(x_low, x, 0, 16)
        self.extui(y_low, y, 0, 16)
        self.srai(x, x, 16)
        self.srai(y, y, 16)
        self.mull(sum_, x_low, y_low)
        self.extui(sum_, sum_, 16, 16)
        self.mull(y_low, x, y_low)
        self.add(sum_, sum_, y_low)
        self.mull(x_low, x_low, y)
        self.mull(x, x, y)
        self.extui(y_low, sum_, 0, 16)
        self.add(x_low, x_low, y_low)
        self.srai(x_low, x_low, 16)
        self.srai(sum_, sum_, 16)
        self.add(x, x, x_low)
        self.add(x, x, sum_)
        self.s32i(x, _STACK, self._slot(0))
        for i, register in enumerate(_FREE):
            self.l32i(register, _STACK, self._slot(5 + i))
        self._instruction("ret", (), 0x000080)
