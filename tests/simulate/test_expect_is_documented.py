"""The page on scenarios explains every key of `[expect]`, with an example that can be copied."""

import tomllib

import pytest

from noisetamer.simulate.expect import Expectations
from noisetamer.simulate.expectation_kinds import KINDS
from noisetamer.square import scenario

PAGE = (scenario.SHIPPED / "README.md").read_text(encoding="utf-8")


def test_its_table_is_the_one_in_the_code():
    rows = [f"| `{name}` | `{kind.example}` | {kind.meaning} |" for name, kind in KINDS.items()]
    assert "\n".join(rows) in PAGE


@pytest.mark.parametrize("name", KINDS)
def test_each_example_is_accepted_as_it_stands(name: str):
    table = tomllib.loads(f"{name} = {KINDS[name].example}")
    assert Expectations.from_table(table, "square.toml").values.keys() == {name}
