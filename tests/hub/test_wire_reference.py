"""WIRE.md says what the tables say."""

import pytest

from noisetamer.hub import wire_reference
from tamer.record import events, fields, messages


def test_the_page_is_what_the_tables_make():
    """Else: python -m noisetamer.hub.wire_reference."""
    assert wire_reference.PAGE.read_text(encoding="utf-8") == wire_reference.page()


@pytest.mark.parametrize("kind", [*events.KINDS, *fields.COMMANDS, "status", "now"])
def test_each_kind_and_each_of_its_fields_has_its_row(kind: str):
    known = {**events.KINDS, **fields.COMMANDS}
    known |= {"status": messages.STATUS_FIELDS, "now": messages.NOW_FIELDS}
    (part,) = wire_reference.page().split(f"### `{kind}`: {fields.MEANINGS[kind]}\n")[1:]
    rows = part.split("###")[0]
    assert [line.split("`")[1] for line in rows.splitlines() if line.startswith("| `")] == list(
        known[kind]
    )
