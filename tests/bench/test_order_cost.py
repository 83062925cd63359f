"""What an order costs a box, in bytecodes: also a forged one, of which there may be many."""

import hashlib
from pathlib import Path

import pytest
from bytecodes import bytecodes

from tamer.record import orders
from tamer.tell import transfer

pytestmark = pytest.mark.bench

KEY = "k" * 43
SAID = '{"n":1795431600,"until":1795431660,"verb":"say","message":"polite_zh"}'


@pytest.mark.parametrize("unit", ["SIM-0001", "SIM-0002"])
def test_to_prove_an_order_costs_less_than_the_worst_second_that_is_judged(unit: str):
    message = orders.signed(KEY, "SIM-0001", SAID)
    assert bytecodes(orders.opened, KEY, unit, message) < 1600


def test_a_part_costs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transfer, "STAGE", str(tmp_path / "part"))
    whole = bytes(60_000)
    order = {
        "n": 1,
        "verb": "play",
        "size": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
    }
    taken = transfer.Transfer(order, lambda n, part: None)
    message = orders.part(1, 0, whole)

    def take() -> None:
        _, index, data = orders.of_part(message)
        taken.take(index, data)

    assert bytecodes(take) < 150
    taken.remove()
