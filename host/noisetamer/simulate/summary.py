"""summary.json: what a run comes to, for each unit and for the whole."""

import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from noisetamer.base.output import writing
from noisetamer.simulate.compliance import Compliance, by_time
from noisetamer.simulate.trace import is_second
from noisetamer.square.ground_truth import WorldEventKind
from tamer.record.events import STAGES
from tamer.record.reading import REASONS


def summarise(tallies: Iterable["Tally"], simulated_s: float, wall_s: float) -> dict[str, Any]:
    """What the units come to: {"simulated_s", "units": {unit: ...}, "whole": ..., "run": ...}.

    Levels are in dB re 20 µPa, rounded to 0.1 dB, over valid seconds only; None where there is
    none. Everything but "run" (the machine's speed) is the same for the same seed. A unit of
    which no line was told is left out.
    """
    told = [tally for tally in tallies if tally.begins_at is not None]
    return {
        "simulated_s": simulated_s,
        "units": {tally.unit: tally.result() for tally in told},
        "whole": {"unit_count": len(told)} | together(told).result(),
        "run": {
            "wall_s": round(wall_s, 3),
            "simulated_s_per_wall_s": round(simulated_s / wall_s, 1) if wall_s > 0 else None,
        },
    }


def write(summary: dict[str, Any], path: Path) -> None:
    """Write summary.json, readable and in a fixed order."""
    with writing(path), path.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(summary, file, ensure_ascii=False, allow_nan=False, indent=2)
        file.write("\n")


def energy_mean(histogram: Mapping[float, int]) -> float | None:
    """The level of the mean sound energy in dB, from {level in dB: how often}."""
    if not histogram:
        return None
    energy = math.fsum(10 ** (level / 10) * count for level, count in histogram.items())
    return 10 * math.log10(energy / sum(histogram.values()))


def exceeded(share: int, histogram: Mapping[float, int]) -> float | None:
    """The level exceeded `share` % of the time (L10, L50, L90), from {level in dB: how often}.

    The lowest level such that no more than `share` % of the seconds lie above it.
    """
    allowed = sum(histogram.values()) * share / 100
    above, lowest = 0, None
    for level in sorted(histogram, reverse=True):
        if above > allowed:
            break
        lowest = level
        above += histogram[level]
    return lowest


class Tally:
    """What one unit's lines come to, taken in one after the other in order of time."""

    def __init__(self, unit: str = "") -> None:
        self.unit = unit
        self.begins_at: str | None = None
        self.ends_in: str | None = None
        self.ends = 0  # when that was last said, Unix s
        self.begins = 0  # Unix s
        self.reasons: Counter[str] = Counter()
        self.stages: Counter[str] = Counter()
        self.world: Counter[str] = Counter()
        self.LAeq: Counter[float] = Counter()
        self.LAFmax: float | None = None
        self.stage_changes: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.compliance = Compliance()

    def add(self, line: dict[str, Any]) -> None:
        """Take in one line of this unit's trace."""
        if self.begins_at is None:
            self.begins, self.begins_at = line["t"], line["at"]
        if is_second(line):
            self._second(line)
            return
        if "event" in line:
            self.compliance.add(line)
        if line.get("event") == "stage":
            self.ends, self.ends_in = line["t"], line["to"]
            self.stage_changes.append(_some(line, "unit", "t", "at", "from", "to"))
        elif line.get("event") == "warning":
            self.warnings.append(_some(line, "unit", "t", "at", "message", "number"))
        elif "world" in line:
            self.world[line["world"]] += 1

    def _second(self, line: dict[str, Any]) -> None:
        valid = line["valid"]
        self.reasons["valid" if valid else line["reason"]] += 1
        self.stages[line["stage"]] += 1
        self.ends, self.ends_in = line["t"], line["stage"]
        if valid:
            self.LAeq[line["LAeq"]] += 1
            if self.LAFmax is None or line["LAFmax"] > self.LAFmax:
                self.LAFmax = line["LAFmax"]

    def result(self) -> dict[str, Any]:
        seconds, valid = self.reasons.total(), self.reasons["valid"]
        levels = {f"L{share}": exceeded(share, self.LAeq) for share in (10, 50, 90)}
        levels = {"LAeq": energy_mean(self.LAeq), **levels, "LAFmax": self.LAFmax}
        return {
            "begins_at": self.begins_at,
            "seconds": seconds,
            "valid": valid,
            "invalid": {reason: self.reasons[reason] for reason in REASONS[1:]},
            "coverage": _share(valid, seconds),
            "coverage_without_own_voice": _share(valid, seconds - self.reasons["own voice"]),
            **{name: None if dB is None else round(dB, 1) for name, dB in levels.items()},
            "seconds_per_stage": {stage: self.stages[stage] for stage in STAGES},
            "stage_changes": self.stage_changes,
            "warnings": self.warnings,
            "first_warning_at": self.warnings[0]["at"] if self.warnings else None,
            "ends_in": self.ends_in,
            "complies": self.world[WorldEventKind.COMPLY],
            "relapses": self.world[WorldEventKind.RELAPSE],
            **self.compliance.result(),
        }


def together(tallies: Sequence[Tally]) -> Tally:
    """Of all units, as if their lines had been merged by time."""
    whole = Tally()
    if tallies:
        whole.begins_at = min(tallies, key=lambda tally: tally.begins).begins_at
        # The last of those that end together has the last word.
        whole.ends_in = max(reversed(tallies), key=lambda tally: tally.ends).ends_in
    for tally in tallies:
        for counts in ("reasons", "stages", "world", "LAeq"):
            getattr(whole, counts).update(getattr(tally, counts))
    loudest = [tally.LAFmax for tally in tallies if tally.LAFmax is not None]
    whole.LAFmax = max(loudest, default=None)
    whole.stage_changes = by_time(tally.stage_changes for tally in tallies)
    whole.warnings = by_time(tally.warnings for tally in tallies)
    for tally in tallies:
        whole.compliance.join(tally.compliance)
    return whole


def _some(line: dict[str, Any], *keys: str) -> dict[str, Any]:
    # A month has thousands of them: each word once.
    return {
        key: sys.intern(line[key]) if type(line[key]) is str and key != "at" else line[key]
        for key in keys
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
