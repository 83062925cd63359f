"""The README lists every key there is."""

from pathlib import Path

from noisetamer.unit import policy
from tamer.judge import schema

README = (Path(policy.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_every_key_has_its_place_in_the_readme():
    rows = [row for row in README.splitlines() if row.startswith("| `")]
    for key, entry in schema.KEYS.items():
        if isinstance(entry, tuple):
            assert any(f"`{key}`" in row for row in rows), key
            continue
        head, names = (
            (f"`[{key}]`", entry) if isinstance(entry, dict) else (f"`[[{key}]]`", entry[0])
        )
        (row,) = (row for row in rows if head in row)
        assert all(f"`{name}`" in row for name in names), row
