import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.registry import UNIT_ID
from noisetamer.workshop.ledger.serials import LAST, Batch, batch, batch_of


def test_a_serial_is_product_batch_and_counter():
    assert batch("NT1-2611").serial(1) == "NT1-2611-0001"
    assert batch_of("NT1-2611-0042") == Batch("NT1", "2611")


def test_the_longest_serial_is_a_unit_id_of_the_wire():
    assert UNIT_ID.fullmatch(Batch("P" * 8, "B" * 8).serial(LAST))


@pytest.mark.parametrize("text", ["", "NT1", "nt1-2611", "NT1-2611-1", "NT1_2611", "N" * 9 + "-1"])
def test_what_is_no_batch_is_said(text: str):
    with pytest.raises(UserError, match="is no batch: give product and batch"):
        batch(text)


def test_a_full_batch_is_said():
    with pytest.raises(UserError, match="has no serial left"):
        Batch("NT1", "2611").serial(LAST + 1)
