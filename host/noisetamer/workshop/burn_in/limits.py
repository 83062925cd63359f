"""The limits, as limits.toml has them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Limit:
    """least, most: in `unit`; None where there is none. why: half a sentence."""

    unit: str
    why: str
    least: float | None = None
    most: float | None = None

    def keeps(self, value: float) -> bool:
        """Whether a value, in `unit`, is within it."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def __str__(self) -> str:
        words = []
        if self.least is not None:
            words.append(f"at least {self.least:g} {self.unit}")
        if self.most is not None:
            words.append(f"at most {self.most:g} {self.unit}")
        return ", ".join(words)


def limit(name: str) -> Limit:
    """By its name in limits.toml. Raises KeyError."""
    return _all()[name]


@cache
def _all() -> dict[str, Limit]:
    with Path(__file__).with_name("limits.toml").open("rb") as file:
        return {name: Limit(**table) for name, table in tomllib.load(file).items()}
