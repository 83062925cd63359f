"""Serial numbers: product, batch and a counter, for example NT1-2611-0001.

A serial is the unit's name on the wire too, so it keeps the wire's rule (hub/units.py).
"""

import re
from dataclasses import dataclass

from noisetamer.base.errors import UserError

LAST = 9999

_BATCH = re.compile(r"([A-Z0-9]{1,8})-([A-Z0-9]{1,8})")
_SERIAL = re.compile(r"([A-Z0-9]{1,8}-[A-Z0-9]{1,8})-([0-9]{4})")


@dataclass(frozen=True)
class Batch:
    """Units made together, for example product NT1, code 2611 (November 2026)."""

    product: str
    code: str

    def __str__(self) -> str:
        return f"{self.product}-{self.code}"

    def serial(self, counter: int) -> str:
        """Raises UserError when the batch is full."""
        if not 1 <= counter <= LAST:
            raise UserError(f"The batch {self} has no serial left: begin another with --batch.")
        return f"{self}-{counter:04d}"


def batch(text: str) -> Batch:
    """The batch of "NT1-2611". Raises UserError."""
    match = _BATCH.fullmatch(text)
    if match is None:
        raise UserError(
            f"{text!r} is no batch: give product and batch, each of 1 to 8 of A-Z and 0-9, "
            "for example NT1-2611."
        )
    return Batch(match[1], match[2])


def batch_of(serial: str) -> Batch:
    """The batch a serial is of. Raises UserError."""
    match = _SERIAL.fullmatch(serial)
    if match is None:
        raise UserError(f"{serial!r} is no serial number: one looks like NT1-2611-0001.")
    return batch(match[1])
