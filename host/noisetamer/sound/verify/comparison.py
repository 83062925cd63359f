"""A kernel against independent calculations of the same levels."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.signals import Samples, level
from noisetamer.sound.verify import packages
from noisetamer.sound.verify.check import Check, Section, about
from noisetamer.sound.verify.kernels import Kernel
from noisetamer.sound.verify.reference import Levels, reference
from noisetamer.sound.verify.sounds import made

_QUANTITIES = tuple(field.name for field in fields(Levels))
_OWN = "the poles in double precision"


@dataclass(frozen=True)
class Expected:
    """A sound and its levels by each other calculation's name."""

    sound: Samples
    levels: Mapping[str, Levels]


def expected(sounds: Mapping[str, Samples]) -> dict[str, Expected]:
    """The sounds, each with the levels of every calculation that is installed."""
    calculations = {_OWN: reference, **packages.installed()}
    return {
        name: Expected(sound, {who: levels_of(sound) for who, levels_of in calculations.items()})
        for name, sound in sounds.items()
    }


@cache
def expected_of_made() -> dict[str, Expected]:
    """As `expected`, for the made sounds; calculated once for all kernels."""
    return expected(made())


def comparison(kernel: Kernel, sounds: Mapping[str, Expected] | None = None) -> Section:
    """LAeq, LCeq and LAFmax of sounds, by default made ones, against each other calculation."""
    sounds = expected_of_made() if sounds is None else sounds
    founds = kernel.hear([Signal(each.sound) for each in sounds.values()])
    checks = []
    for (name, each), found in zip(sounds.items(), founds, strict=True):
        n = len(each.sound)
        heard = Levels(
            level(sum(f.A for f in found) / n),
            level(sum(f.C for f in found) / n),
            level(max(f.fast_max for f in found)),
        )
        checks += [
            Check(
                f"{name}, {quantity}, against {who}",
                getattr(heard, quantity),
                about(getattr(levels, quantity), kernel.limits.compared),
            )
            for who, levels in each.levels.items()
            for quantity in _QUANTITIES
        ]
    return Section(
        "comparison",
        "Against other calculations",
        "",
        "Sounds that are no tones. The reference multiplies their spectrum by the exact "
        "analogue response of Annex E; the packages are other people's.",
        checks,
        notes=[f"{name} is not installed and was not compared" for name in packages.missing()],
    )
