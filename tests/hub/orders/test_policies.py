"""A policy as a page changes it: its text keeps its comments, its faults have their lines."""

import datetime

import pytest

from noisetamer.base.errors import UserError
from noisetamer.hub.orders import policies
from tamer.record.orders import MOST_SIZE

TODAY = datetime.date(2026, 11, 28)

TEXT = """\
# of the east gate
utc_offset = "+08:00"

[limit]
day = 62  # as agreed in May
night = 52

[[venue]]
name = "rest at noon"
from = "12:00"
to = "14:00"
limit = 50
"""


def test_a_form_changes_the_keys_it_has_and_nothing_else():
    values = policies.main_values(TEXT)
    assert (values["limit.day"], values["name"]) == ("62", "")
    after = policies.changed(
        TEXT, {**values, "name": "东门", "limit.day": "60", "limit.night": "", "polite.times": "2"}
    )
    assert "# of the east gate" in after and "# as agreed in May" in after
    found = policies.read(after, TODAY)
    assert found.faults == []
    assert policies.main_values(after) == {
        **values,
        "name": "东门",
        "limit.day": "60",
        "limit.night": "",
        "polite.times": "2",
    }
    assert policies.changed(TEXT, policies.main_values(TEXT)) == TEXT


def test_every_shipped_policy_can_be_sent():
    for name, text in policies.shipped().items():
        found = policies.read(text, TODAY)
        assert found.faults == [], name
        assert len(found.body) <= MOST_SIZE["policy"]
        assert len(found.hash) == 12


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("[limit]\nday = 600\n", 2, "limit.day", "out of range"),
        ("\n[limit]\ndya = 60\n", 3, "limit.dya", "did you mean day?"),
        ("a = \n", 1, "", "not valid TOML"),
        ('[firm]\nmessage = "nobody_said_it"\n', 2, "firm.message", "there is no message"),
    ],
)
def test_a_fault_has_its_line(text: str, line: int, key: str, says: str):
    found = policies.read(text, TODAY)
    assert [(one.line, one.key) for one in found.faults] == [(line, key)]
    assert says in found.faults[0].sentence
    assert found.policy is None


def test_a_message_this_hub_has_made_is_no_fault():
    text = '[firm]\nmessage = "square_dance"\n'
    found = policies.read(text, TODAY, {"square_dance"})
    assert found.faults == []
    assert "send it to the boxes before" in found.remarks[0].sentence


def test_what_is_no_toml_or_no_table_is_said():
    with pytest.raises(UserError, match="not valid TOML"):
        policies.changed("a =", {"name": "x"})
    with pytest.raises(UserError, match="limit is no table"):
        policies.changed("limit = 5", {"limit.day": "60"})
