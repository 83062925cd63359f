"""Every key is found on its line, however the file is laid out."""

import json
import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from noisetamer.unit.policy import lines

TOML = '''# a comment with [brackets] and "quotes"
name = "a = b # not a comment"
area.class = "2"
holidays = [
  "2027-01-01",   # one
  2027-02-17 07:00:00,
]
[limit]
day = 65

[[venue]]
name = """
two lines"""
from = "19:00"
[[venue]]
days = ["sat", "sun"]
limit = 'class'
[speaking]
pause = [["23:00", "06:00"],
         ["12:00", "14:00"]]
'''


def test_toml_as_people_write_it():
    found = lines.of_toml(TOML)
    assert tomllib.loads(TOML)
    expected = {
        "name": 2,
        "area.class": 3,
        "holidays": 4,
        "holidays[2]": 6,
        "limit": 8,
        "limit.day": 9,
        "venue[1]": 11,
        "venue[1].name": 12,
        "venue[1].from": 14,
        "venue[2]": 15,
        "venue[2].days[2]": 16,
        "venue[2].limit": 17,
        "speaking.pause[2]": 20,
    }
    assert {key: found.get(key) for key in expected} == expected


def test_inline_tables_in_a_list():
    text = 'venue = [\n  {name = "a", limit = 60},\n  {name = "b",\n   limit = 61}]'.replace(
        ",\n   limit", ", limit"
    )
    found = lines.of_toml(text)
    assert (found["venue"], found["venue[1].limit"], found["venue[2].limit"]) == (1, 2, 3)


def test_json_in_one_line_and_in_many():
    table = {"area": {"class": "2"}, "venue": [{"name": 'a "b" {', "days": ["sat"]}], "near": 3}
    assert set(lines.of_json(json.dumps(table)).values()) == {1}
    found = lines.of_json(json.dumps(table, indent=1))
    assert found["area.class"] == 3
    assert found["venue[1].name"] == 7
    assert found["venue[1].days[1]"] == 9
    assert found["near"] == 13


keys = st.text("abc_", min_size=1, max_size=3)
odd = st.text(st.sampled_from('ab"\\#[]{},:=é字 '), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | odd,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(keys, inside, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(keys, values, max_size=4))
def test_no_value_is_so_odd_that_the_lines_after_it_are_wrong(table: dict[str, Any]):
    text = json.dumps(table, indent=1, ensure_ascii=False)
    found = lines.of_json(text)
    for key in table:
        assert text.split("\n")[found[key] - 1].startswith(f' "{key}": ')


@settings(max_examples=40)
@given(st.dictionaries(keys, odd, max_size=4))
def test_nor_in_toml(table: dict[str, str]):
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    assert tomllib.loads(text) == table
    assert lines.of_toml(text) == {key: line for line, key in enumerate(table, 1)}
