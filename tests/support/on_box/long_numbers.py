# pyright: basic
"""Long numbers in digits of 16 bits, as MicroPython's mpz multiplies and divides them on a chip.

In viper, for the Xtensa emulator: compiled C takes no more. Never loaded by this Python.
"""

import micropython  # pyright: ignore


@micropython.viper
def multiply(i: ptr16, j: ptr16, k: ptr16, n: int):
    """i += j * k, n digits each."""
    for a in range(n):
        carry = uint(0)  # noqa: F821
        digit = uint(k[a])  # noqa: F821
        for b in range(n):
            carry += uint(i[a + b]) + uint(j[b]) * digit  # noqa: F821
            i[a + b] = carry & 0xFFFF
            carry = carry >> 16
        i[a + n] = carry


@micropython.viper
def reduce(i: ptr16, d: ptr16, quotient: int, n: int):
    """What a division does for n digits of the quotient: i -= quotient * d, one digit lower each
    time."""
    q = uint(quotient)  # noqa: F821
    for a in range(n):
        before = uint(0)  # noqa: F821
        borrow = uint(0)  # noqa: F821
        for b in range(n):
            digit = uint(d[b])  # noqa: F821
            shifted = (digit << 3) | (before >> 13)
            before = digit
            x = q * (shifted & 0xFFFF) + borrow
            low = x & 0xFFFF
            here = uint(i[a + b])  # noqa: F821
            borrow = x >> 16
            if here < low:
                borrow += uint(1)  # noqa: F821
            i[a + b] = (here - low) & 0xFFFF
