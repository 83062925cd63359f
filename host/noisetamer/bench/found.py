"""What was measured."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ratio:
    """A bar of the picture: ours as a multiple of the other's; below 1 ours takes less."""

    name: str
    ratio: float


@dataclass
class Found:
    """what: was done, a sentence. figures: {what, with its unit: how much}; left_out: {what: why}.
    versions: of others' programs."""

    what: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    ratios: list[Ratio] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)
