"""Every test of every kernel, in one value."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from noisetamer.sound.verify.catalogue import TESTS
from noisetamer.sound.verify.check import Bound, Check, Section
from noisetamer.sound.verify.cost import ANCHORS, Cost, cost
from noisetamer.sound.verify.kernels import Kernel

SCHEMA = 1

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Failure:
    """A check that did not pass, and whose it is; as text, one line for the user."""

    kernel: Kernel
    section: Section
    check: Check

    def __str__(self) -> str:
        bound = self.check.strictest
        return (
            f"{self.kernel.name}: {self.section.key}: {self.check.name}: "
            f"{_shown(self.check.reading)} {self.check.unit}, allowed "
            f"{_shown(bound.reference + bound.low)} to {_shown(bound.reference + bound.high)}"
        )


@dataclass(frozen=True)
class Outcome:
    """`sections`: of each kernel, by its name. `left_out`: tests that were not asked for."""

    kernels: Sequence[Kernel]
    sections: dict[str, list[Section]]
    not_run: Sequence[str]
    left_out: Sequence[str]
    costs: Sequence[Cost]

    @property
    def checks(self) -> list[Check]:
        """Of all kernels and tests, in the order of the report."""
        return [c for sections in self.sections.values() for s in sections for c in s.checks]

    @property
    def class1_checks(self) -> list[Check]:
        """Those that class 1 of IEC 61672-1 has a limit for."""
        return [check for check in self.checks if check.class1 is not None]

    @property
    def failures(self) -> list[Failure]:
        """The checks that did not pass, kernel by kernel."""
        return [
            Failure(kernel, section, check)
            for kernel in self.kernels
            for section in self.sections[kernel.name]
            for check in section.checks
            if not check.passed
        ]

    @property
    def passed(self) -> bool:
        """Whether every check is within our limits and class 1's."""
        return not self.failures

    @property
    def within_class1(self) -> bool:
        """Whether every reading is within class 1's limits, ours aside."""
        return all(c.class1.met(c.reading) for c in self.checks if c.class1 is not None)

    def as_json(self) -> dict[str, Any]:
        """All of it in plain values; null for a limit or value that is not finite."""
        return {
            "schema": SCHEMA,
            "passed": self.passed,
            "within_class1": self.within_class1,
            "checks": len(self.checks),
            "class1_checks": len(self.class1_checks),
            "failed": [str(failure) for failure in self.failures],
            "not_run": list(self.not_run),
            "left_out": list(self.left_out),
            "kernels": [
                {
                    "name": kernel.name,
                    "title": kernel.title,
                    "sections": [_section(s) for s in self.sections[kernel.name]],
                }
                for kernel in self.kernels
            ],
            "cost": [
                {
                    "who": c.who,
                    "instructions_per_sample": c.instructions,
                    "cycles_per_sample": list(c.cycles),
                    "percent_of_240_MHz": [round(p, 2) for p in c.percent_of_a_core],
                    "cycles_are": "published" if c.published else "an estimate",
                }
                for c in self.costs
            ],
        }


def verify(
    kernels: Sequence[Kernel],
    not_run: Sequence[str] = (),
    only: Sequence[str] = (),
    drift_seconds: int = 3600,
    progress: Progress = lambda what, share: None,
) -> Outcome:
    """Run the tests named in `only`, or all, on each kernel.

    `progress(what, share)`: called with what runs and the share of all that is done, 0 to 1.
    """
    wanted = [test for test in TESTS if not only or test.key in only]
    steps = [(kernel, test) for kernel in kernels for test in wanted]
    sections: dict[str, list[Section]] = {kernel.name: [] for kernel in kernels}
    for i, (kernel, test) in enumerate(steps):

        def advanced(share: float, i: int = i, what: str = f"{kernel.name}: {test.key}") -> None:
            progress(what, (i + share) / len(steps))

        advanced(0.0)
        section = test.run(kernel, drift_seconds, advanced)
        if section is not None:
            sections[kernel.name].append(section)
    counted = [
        cost(kernel, section.checks[0].reading)
        for kernel in kernels
        for section in sections[kernel.name]
        if section.key == "instructions"
    ]
    return Outcome(
        kernels,
        sections,
        not_run,
        [test.key for test in TESTS if test not in wanted],
        [*counted, *ANCHORS] if counted else [],
    )


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "clause": section.clause,
        "passed": section.passed,
        "notes": list(section.notes),
        "checks": [_check(check) for check in section.checks],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "unit": check.unit,
        "measured": _finite(check.reading),
        "ours": _bound(check.ours, check.reading),
        "class1": _bound(check.class1, check.reading),
        "margin": _finite(check.strictest.margin(check.reading)),
        "passed": check.passed,
    }


def _bound(bound: Bound | None, reading: float) -> dict[str, Any] | None:
    if bound is None:
        return None
    return {
        "reference": _finite(bound.reference),
        "limit": [_finite(bound.low), _finite(bound.high)],
        "deviation": _finite(bound.deviation(reading)),
        "margin": _finite(bound.margin(reading)),
        "passed": bound.met(reading),
    }


def _finite(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def _shown(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if math.isfinite(value) else str(value)
