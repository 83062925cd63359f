"""In what a square has drifted from its preset. Pure.

A square's own are its name and the text of its panel, and what its pacts put into the policy;
whoever asks has left the pacts out of its text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.hub.orders import policies
from noisetamer.unit.policy import file

OWN = ("name", "panel.text")
_NAMELESS = Path("policy.toml")


@dataclass(frozen=True)
class Drift:
    """One value. key: dotted, entries counted from 1; should, has: as written, "" where it is left
    out (the shipped default); line: of the square's text, 0 where it does not stand there.
    """

    key: str
    should: str
    has: str
    line: int = 0


def of_square(preset: str, text: str) -> str:
    """The preset's policy with what is the square's own. text: the square's, "" for none.

    Raises UserError for a preset that is no TOML.
    """
    own = policies.main_values(text)
    return policies.changed(preset, {key: own.get(key, "") for key in OWN})


def in_policy(preset: str, text: str) -> list[Drift]:
    """text: of the square, "" where none was ever sent. Raises UserError for what is no TOML."""
    should, has = (file.of_toml(_NAMELESS, one) for one in (of_square(preset, text), text))
    if not should.faults() and not has.faults() and should.policy().hash == has.policy().hash:
        return []
    return [
        Drift(key, one, other, has.line(key) if other else 0)
        for key, one, other in _differences(should.table, has.table)
    ]


def in_calls(preset: Mapping[str, Any], plan: Mapping[str, Any]) -> list[Drift]:
    """Of two escalation plans."""
    return [Drift(*each) for each in _differences(preset, plan)]


def _differences(one: Any, other: Any) -> Iterator[tuple[str, str, str]]:
    flat = [dict(_flat(each, "")) for each in (one, other)]
    for key in dict.fromkeys([*flat[0], *flat[1]]):
        should, has = (each.get(key, "") for each in flat)
        if should != has:
            yield key, should, has


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(each, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for n, each in enumerate(value, 1):
            yield from _flat(each, f"{key}[{n}]")
    elif isinstance(value, list):
        yield key, ", ".join(map(str, value))
    else:
        yield key, str(value)
