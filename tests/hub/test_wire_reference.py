"""WIRE.md says what the tables say."""

import pytest

from noisetamer.hub import wire_reference
from tamer.record import events, fields, orders


def test_the_page_is_what_the_tables_make():
    """Else: python -m noisetamer.hub.wire_reference."""
    assert wire_reference.PAGE.read_text(encoding="utf-8") == wire_reference.page()


@pytest.mark.parametrize("kind", [*events.KINDS, *fields.COMMANDS, *fields.REPORTS])
def test_each_kind_and_each_of_its_fields_has_its_row(kind: str):
    known = {**events.KINDS, **fields.COMMANDS, **fields.REPORTS}
    assert rows_under(f"### `{kind}`: {fields.MEANINGS[kind]}\n") == list(known[kind])


@pytest.mark.parametrize("verb", orders.VERBS)
def test_each_verb_of_an_order_and_each_of_its_fields_has_its_row(verb: str):
    heading = f"### Order `{verb}`: {fields.VERB_MEANINGS[verb]}\n"
    assert rows_under(heading) == list(orders.VERBS[verb])


def rows_under(heading: str) -> list[str]:
    """What the rows of a table begin with."""
    (part,) = wire_reference.page().split(heading)[1:]
    rows = part.split("##")[0]
    return [line.split("`")[1] for line in rows.splitlines() if line.startswith("| `")]
