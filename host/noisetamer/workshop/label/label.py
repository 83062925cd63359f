"""What a label says."""

from dataclasses import dataclass

import segno

from noisetamer.base.errors import UserError
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.standing import of_unit

_KIND = "NOISETAMER"


@dataclass(frozen=True)
class Label:
    """One unit's. claim: the code by which its owner claims it at the hub."""

    serial: str
    claim: str

    @property
    def payload(self) -> str:
        """Of the QR code; only characters of its alphanumeric mode, which makes it small."""
        return f"{_KIND}:{self.serial}:{self.claim}"

    @property
    def claim_for_people(self) -> str:
        """In two halves, to be read out and typed."""
        half = len(self.claim) // 2
        return f"{self.claim[:half]}-{self.claim[half:]}"

    def modules(self) -> list[list[bool]]:
        """The QR code, True where it is dark, without a margin; a quarter of it may get lost."""
        code = segno.make(self.payload, error="q", micro=False, boost_error=False)
        return [[bool(module) for module in row] for row in code.matrix]


def labels(ledger: Ledger, serials: list[str]) -> list[Label]:
    """Raises UserError for a serial the ledger does not know, or a unit that
    failed, is unfinished or replaced."""
    all_labels = []
    for serial in serials:
        unit = ledger.unit(serial)
        standing = of_unit(ledger, unit)
        if not standing.may_go_on:
            raise UserError(f"{serial} gets no label: {standing.said}.")
        all_labels.append(Label(unit.serial, unit.claim))
    return all_labels
