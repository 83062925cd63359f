"""Classify (归类): kinds of noise incidents, by rules, or by which of them are alike."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from noisetamer.hub.toolbox.scope import Ask, Coverage, Scope, coverage
from noisetamer.hub.toolbox.things import IN_HOURS

RULES: dict[str, str] = {
    "night": "h.hour>=22 OR h.hour<6",
    "again": "f.came_again>0",
    "bass": "f.bass>=?",
    "far_over": "f.level-f.limit_level>=?",
    "long": "f.until-f.t>=?",
    "brief": "f.until-f.t<?",
}
"""In this order: the first that holds names the kind; none: "other"."""

LIMITS: dict[str, tuple[str, int, float]] = {
    "bass": ("dB", 10, 15.0),
    "far_over": ("dB", 10, 10.0),
    "long": ("min", 60, 30.0),
    "brief": ("min", 60, 3.0),
}
"""{rule with a `?`: (unit, by what it is multiplied, what is taken where nothing is asked)}"""

MOST_KINDS = 8
MOST = 50_000

_FROM = f"FROM {IN_HOURS.format('incidents')} WHERE f.kind='noise' AND "
FEATURES = ("late", "weekend", "lasted", "excess", "bass", "again")
"""What two incidents may be alike in: the hour, weekend, how long (as a logarithm), how far over
the limit, C less A, whether it came again. late: hours from 14:00, so that an evening hangs
together."""

_ALIKE = 0.5  # standard deviations from which on a feature sets a kind apart
_UNLIKE = 3.5  # median absolute deviations from its kind beyond which one is of none
_STARTS = 5


@dataclass(frozen=True)
class Classify:
    """rules: of RULES, in their order; none: by likeness, into so many kinds; limits: {rule: what
    is asked, in its unit}."""

    scope: Scope
    rules: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    kinds: int = 4


@dataclass(frozen=True)
class Kind:
    """name: of a rule, "other", "unlike" (any), or "" of one by likeness; apart: what sets it
    apart from all, (feature, +1 more or -1 less), the most first; means: of FEATURES without
    "late" as hour of the day: (hour, weekend share, minutes, dB over, C less A in dB, share that
    came again), None where it is not known of any; rows: (square, t, id), the newest first."""

    name: str
    count: int
    apart: tuple[tuple[str, int], ...]
    means: tuple[float | None, ...]
    rows: list[tuple[str, int, int]]


@dataclass(frozen=True)
class Classified:
    """kinds: those that there are; count: of incidents; left_out: those that go on."""

    kinds: list[Kind]
    count: int
    left_out: int
    coverage: Coverage


def classify(ask: Ask, asked: Classify, most: int = 20) -> Classified:
    """most: rows of each kind that are wanted."""
    where, values = asked.scope.part()
    chosen, limits = _case(asked)
    rows = ask(
        f"SELECT f.square, f.t, f.id, {chosen}, h.hour, h.weekday, f.until-f.t,"
        f" f.level-f.limit_level, f.bass, f.came_again {_FROM}{where} ORDER BY f.t DESC, f.id",
        [*limits, *values],
    )
    ended = [row for row in rows if row[6] is not None]
    features = _features([row[4:] for row in ended])
    if asked.rules:
        names = [*(rule for rule in RULES if rule in asked.rules), "other"]
        of = np.array([names.index(row[3]) for row in ended], int)
    else:
        names, of = _by_likeness(features, asked.kinds)
    kinds = [
        _kind(name, [row for row, at in zip(ended, of, strict=True) if at == n], features, of == n)
        for n, name in enumerate(names)
    ]
    return Classified(
        [_cut(kind, most) for kind in kinds if kind.count],
        *(len(ended), len(rows) - len(ended), coverage(ask, asked.scope)),
    )


def _case(asked: Classify) -> tuple[str, list[float]]:
    if not asked.rules:
        return "''", []
    whens, values = [], []
    for rule, sql in RULES.items():
        if rule in asked.rules:
            whens.append(f"WHEN {sql} THEN '{rule}'")
            if rule in LIMITS:
                _, scale, usual = LIMITS[rule]
                values.append(asked.limits.get(rule, usual) * scale)
    return f"CASE {' '.join(whens)} ELSE 'other' END", values


def _features(rows: Sequence[tuple[Any, ...]]) -> npt.NDArray[np.float64]:
    """Shape (n, len(FEATURES)); nan where one is not known."""
    found = np.full((len(rows), len(FEATURES)), np.nan)
    for at, (hour, weekday, lasted, excess, bass, again) in enumerate(rows):
        found[at, :3] = (hour - 14) % 24, weekday >= 5, math.log1p(lasted / 60)
        if excess is not None:
            found[at, 3] = excess / 10
        if bass is not None:
            found[at, 4] = bass / 10
        found[at, 5] = (again or 0) > 0
    return found


def _by_likeness(
    features: npt.NDArray[np.float64], kinds: int
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """(names, which of them each is): by k-means over standardised features, from starting points
    that are drawn with a seed; what is far from all of its kind is of none."""
    n = len(features)
    if n < 2 * kinds:
        return [""], np.zeros(n, np.int64)
    from scipy.cluster.vq import kmeans2

    alike = _standard(features)
    best: tuple[float, npt.NDArray[np.int64], npt.NDArray[np.float64]] | None = None
    for start in range(_STARTS):
        centres, of = kmeans2(alike, kinds, minit="++", rng=np.random.default_rng(start))
        far = np.sqrt(((alike - centres[of]) ** 2).sum(axis=1))
        if best is None or (far**2).sum() < best[0] - 1e-9:
            best = float((far**2).sum()), of, far
    assert best is not None
    _, of, far = best
    by_size = np.argsort(-np.bincount(of, minlength=kinds), kind="stable")
    of = np.argsort(by_size)[of]
    for kind in range(kinds):
        mine = of == kind
        if mine.any():
            middle = np.median(far[mine])
            spread = 1.4826 * np.median(np.abs(far[mine] - middle))
            of[mine & (far > middle + _UNLIKE * max(spread, 0.1))] = kinds
    return [*[""] * kinds, "unlike"], of


def _standard(features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Each with mean 0 and deviation 1; what is not known lies in the middle."""
    found = np.zeros_like(features)
    for at in range(features.shape[1]):
        column = features[:, at]
        known = ~np.isnan(column)
        if known.any() and (spread := column[known].std()) > 1e-9:
            found[known, at] = (column[known] - column[known].mean()) / spread
    return found


def _kind(
    name: str,
    rows: list[tuple[Any, ...]],
    features: npt.NDArray[np.float64],
    mine: npt.NDArray[np.bool_],
) -> Kind:
    apart: list[tuple[float, str, int]] = []
    means: list[float | None] = []
    for at, feature in enumerate(FEATURES):
        column, own = features[:, at], features[mine, at]
        own = own[~np.isnan(own)]
        if not len(own):
            means.append(None)
            continue
        mean = float(own.mean())
        spread = float(np.nanstd(column))
        step = (mean - float(np.nanmean(column))) / spread if spread > 1e-9 else 0.0
        if abs(step) >= _ALIKE:
            apart.append((-abs(step), feature, 1 if step > 0 else -1))
        if feature == "late":
            mean = (mean + 14) % 24
        elif feature == "lasted":
            mean = math.expm1(mean)
        means.append(mean)
    return Kind(
        *(name, len(rows), tuple((feature, way) for _, feature, way in sorted(apart)[:3])),
        *(tuple(means), [row[:3] for row in rows]),
    )


def _cut(kind: Kind, most: int) -> Kind:
    return Kind(kind.name, kind.count, kind.apart, kind.means, kind.rows[:most])
