"""Answers of the toolbox, each of the five ways: its sentences, its table, its pictures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.toolbox.associate import WEEKS, Associate, Associated
from noisetamer.hub.toolbox.classify import FEATURES, Classified
from noisetamer.hub.toolbox.collide import Collide, Collided
from noisetamer.hub.toolbox.compare import Compare, Compared, Side
from noisetamer.hub.toolbox.sieve import Sieve, Sifted
from noisetamer.hub.web.toolbox_words import Cell, Words, per_cent
from noisetamer.hub.words.i18n import Texts


@dataclass(frozen=True)
class Bar:
    """Of a picture of bars. wide, low, high: 0 to 100 of its width; low, high: of the interval,
    None without one."""

    name: str
    text: str
    wide: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Heat:
    """rows: (weekday's name, [(step of colour 0 to 6, how many)] of 24 hours)."""

    rows: list[tuple[str, list[tuple[int, int]]]]


@dataclass(frozen=True)
class Shown:
    """says: sentences, the answer first; covered: what it rests on; bars, heat: pictures; columns,
    rows: of the table; more: how many rows there are besides; notes: what it does not say; asked:
    the conditions in words."""

    says: list[str]
    covered: str
    columns: list[str]
    rows: list[list[Cell]]
    more: int = 0
    bars: Sequence[Bar] = ()
    heat: Heat | None = None
    notes: Sequence[str] = ()
    asked: Sequence[str] = ()


class View:
    """In one language. names: {group's id, as text: its name}."""

    def __init__(self, texts: Texts, utc_offset: float, names: dict[str, str]) -> None:
        self._texts = texts
        self._utc_offset = utc_offset
        self._words = Words(texts, utc_offset, names)

    def shown(self, asked: Any, found: Any, most: int) -> Shown:
        """Of any of the five ways. most: rows that are shown."""
        if isinstance(found, Sifted):
            return replace(
                self._sifted(asked, found, most), asked=self._words.conditions(asked.conditions)
            )
        if isinstance(found, Associated):
            return self._associated(asked, found, most)
        if isinstance(found, Collided):
            return self._collided(asked, found, most)
        if isinstance(found, Compared):
            return self._compared(asked, found)
        return self._classified(found)

    def table(self, asked: Any, found: Any) -> tuple[list[str], list[list[Any]]]:
        """(heading, rows of plain values) for a file: time first."""
        columns, rows = self._plain(asked, found)
        ordered = sorted(range(len(columns)), key=lambda at: (columns[at] != "t", at))
        heading = [self._words.column(columns[at]) for at in ordered]
        return heading, [
            [self._words.value(columns[at], row[at]) for at in ordered] for row in rows
        ]

    def _plain(self, asked: Any, found: Any) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        if isinstance(found, Sifted):
            return found.columns, found.rows
        if isinstance(found, Associated):
            return ("square", "t", "other_t"), found.rows
        if isinstance(found, Collided):
            return ("square", "t", "other_square"), found.rows
        if isinstance(found, Classified):
            rows = [(*row, self._words.kind(kind)) for kind in found.kinds for row in kind.rows]
            return ("square", "t", "incident", "kind_found"), rows
        sides = (("toolbox_one", found.one), ("toolbox_other", found.other))
        days = [
            (day * 86_400 - round(self._utc_offset * 3600), self._texts[key], round(figure, 4))
            for key, side in sides
            for day, figure in side.days
        ]
        return ("t", "side_of", f"measure_{asked.measure}"), days

    def _sifted(self, asked: Sieve, found: Sifted, most: int) -> Shown:
        says = [
            self._texts["toolbox_count"].format(
                count=f"{found.count:,}", what=self._texts[f"toolbox_{asked.subject}"]
            )
        ]
        notes = []
        if asked.subject in ("incidents", "warnings") and found.coverage.part < 0.995:
            notes.append(self._texts["toolbox_unknown_hours"])
        rows = [self._words.row(found.columns, row) for row in found.rows[:most]]
        return Shown(
            *(says, self._words.covered(found.coverage)),
            *(self._words.headings(found.columns), rows, max(0, found.count - len(rows))),
            heat=self._heat(found.heat) if found.count else None,
            bars=_scaled([(month, f"{n:,}", n, None, None) for month, n in found.months]),
            notes=notes,
        )

    def _associated(self, asked: Associate, found: Associated, most: int) -> Shown:
        texts = self._texts
        one, other = self._words.pick(asked.one), self._words.pick(asked.other)
        if not found.n:
            says = [texts["toolbox_associate_none"].format(one=one)]
        else:
            says = [
                texts[f"toolbox_associate_{asked.when}"].format(
                    n=f"{found.n:,}",
                    one=one,
                    other=other,
                    minutes=asked.minutes,
                    together=f"{found.together:,}",
                    share=per_cent(found.share),
                )
            ]
            if found.chance is None:
                says.append(texts["toolbox_chance_unknown"])
            else:
                says.append(texts["toolbox_chance"].format(chance=per_cent(found.chance)))
                says.append(self._lift(found.lift))
        columns = ("square", "t", "other_t")
        bars = [
            (
                texts["toolbox_week_itself"] if not week else f"{week:+d}",
                per_cent(share),
                share,
                None,
                None,
            )
            for week, share in zip(range(-WEEKS, WEEKS + 1), found.by_weeks, strict=True)
            if share is not None
        ]
        return Shown(
            *(says, self._words.covered(found.coverage), self._words.headings(columns)),
            [self._words.row(columns, row) for row in found.rows[:most]],
            max(0, found.together - min(most, len(found.rows))),
            bars=_scaled(bars) if found.n else (),
            notes=[
                *(
                    [texts["toolbox_associate_left_out"].format(n=f"{found.left_out:,}", one=one)]
                    if found.left_out
                    else []
                ),
                texts["toolbox_associate_how"],
            ],
        )

    def _lift(self, lift: Interval) -> str:
        texts = self._texts
        if lift.value is None:
            return texts["toolbox_lift_unknown"]
        if lift.low is None or lift.high is None:
            return texts["toolbox_lift_few"].format(lift=f"{lift.value:.1f}")
        key = "toolbox_lift_none"
        if lift.excludes(1):
            key = "toolbox_lift_more" if lift.value > 1 else "toolbox_lift_less"
        return texts[key].format(
            lift=f"{lift.value:.2f}", low=f"{lift.low:.2f}", high=f"{lift.high:.2f}"
        )

    def _collided(self, asked: Collide, found: Collided, most: int) -> Shown:
        texts = self._texts
        one, other = self._words.pick(asked.one), self._words.pick(asked.other)
        unit = texts["toolbox_days" if asked.by == "day" else "toolbox_hours_of"]
        says = [
            texts["toolbox_collide"].format(
                both=f"{found.both:,}",
                one=one,
                other=other,
                n=f"{found.one:,}",
                m=f"{found.other:,}",
                unit=unit,
            )
        ]
        if found.one:
            says.append(
                texts["toolbox_collide_share"].format(
                    one=one, other=other, share=self._words.share(found.share)
                )
            )
        columns = ("square", "t", "other_square") if asked.by == "clock" else ("square", "t")
        count = {
            "both": found.both,
            "one": found.one - found.both,
            "other": found.other - found.both,
        }[asked.shown]
        bars = (
            (texts["toolbox_only"].format(what=one), found.one - found.both),
            (texts["toolbox_both"], found.both),
            (texts["toolbox_only"].format(what=other), found.other - found.both),
        )
        rows = [self._words.row(columns, row[: len(columns)]) for row in found.rows[:most]]
        return Shown(
            *(says, self._words.covered(found.coverage), self._words.headings(columns), rows),
            max(0, count - len(rows)),
            bars=_scaled([(name, f"{n:,}", n, None, None) for name, n in bars]),
            notes=[texts["toolbox_collide_how"]],
        )

    def _compared(self, asked: Compare, found: Compared) -> Shown:
        texts, measure = self._texts, asked.measure
        sides = (("toolbox_one", found.one), ("toolbox_other", found.other))
        says = [self._difference(found.difference, measure)]
        notes = [texts["toolbox_compare_how"]]
        if found.before_after:
            ratio = found.before_after.ratio
            if ratio.value is not None and ratio.low is not None and ratio.high is not None:
                # by weeks, with what season and dispersion make of them: it says less, and holds
                notes = []
                says = [
                    texts["toolbox_ratio"].format(
                        ratio=f"{100 * ratio.value:.0f} %",
                        low=f"{100 * ratio.low:.0f} %",
                        high=f"{100 * ratio.high:.0f} %",
                        season=texts[f"toolbox_season_{found.before_after.season}"],
                    )
                ]
        bars = [
            (
                texts[key],
                self._words.figure(measure, side.value.value),
                side.value.value or 0.0,
                side.value.low,
                side.value.high,
            )
            for key, side in sides
        ]
        rows = [
            [
                Cell(texts[key]),
                Cell(self._words.interval(measure, side.value)),
                Cell(self._rests_on(side)),
                Cell(self._words.known(side.coverage)),
            ]
            for key, side in sides
        ]
        headings = ("toolbox_side", f"toolbox_measure_{measure}", "toolbox_rests_on")
        return Shown(
            *(says, ""),
            [*(texts[key] for key in headings), texts["toolbox_coverage"]],
            rows,
            bars=_scaled(bars, 30.0 if measure == "level" else 0.0),
            notes=notes,
        )

    def _difference(self, difference: Interval, measure: str) -> str:
        texts = self._texts
        if difference.value is None:
            return texts["toolbox_compare_few"]
        if difference.low is None or difference.high is None:
            return texts["toolbox_difference_bare"].format(
                difference=self._words.figure(measure, difference.value, "+")
            )
        if not difference.excludes(0):
            return texts["toolbox_difference_none"].format(
                difference=self._words.figure(measure, difference.value, "+"),
                low=self._words.figure(measure, difference.low, "+"),
                high=self._words.figure(measure, difference.high, "+"),
            )
        more = difference.value > 0
        least, most = sorted((abs(difference.low), abs(difference.high)))
        return texts[f"toolbox_difference_{'more' if more else 'less'}"].format(
            difference=self._words.figure(measure, abs(difference.value)),
            low=self._words.figure(measure, least),
            high=self._words.figure(measure, most),
        )

    def _rests_on(self, side: Side) -> str:
        if not side.days and not side.left_out:
            return self._texts["toolbox_n_cases"].format(n=f"{side.value.n:,}")
        key = "toolbox_n_days_left" if side.left_out else "toolbox_n_days"
        return self._texts[key].format(n=len(side.days), left=side.left_out)

    def _classified(self, found: Classified) -> Shown:
        texts = self._texts
        says = [
            texts["toolbox_classified"].format(count=f"{found.count:,}", kinds=len(found.kinds))
        ]
        notes = [texts["toolbox_classify_how"]]
        if found.left_out:
            notes.append(texts["toolbox_classify_left"].format(n=found.left_out))
        rows = [
            [
                Cell(self._words.kind(kind)),
                Cell(f"{kind.count:,} ({per_cent(kind.count / found.count)})"),
                *(
                    Cell(self._words.feature(name, mean))
                    for name, mean in zip(FEATURES, kind.means, strict=True)
                ),
                self._words.example(kind),
            ]
            for kind in found.kinds
        ]
        headings = ["kind_found", "count", *(f"feature_{name}" for name in FEATURES), "example"]
        bars = [
            (self._words.kind(kind), f"{kind.count:,}", kind.count, None, None)
            for kind in found.kinds
        ]
        return Shown(
            *(says, self._words.covered(found.coverage), self._words.headings(headings), rows),
            bars=_scaled(bars),
            notes=notes,
        )

    def _heat(self, heat: list[list[int]]) -> Heat:
        most = max(map(max, heat)) or 1
        return Heat(
            [
                (
                    self._texts[f"policy_weekday_{weekday}"],
                    [(-(-6 * n // most), n) for n in hours],
                )
                for weekday, hours in enumerate(heat)
            ]
        )


def _scaled(
    bars: Sequence[tuple[str, str, float, float | None, float | None]], least: float = 0.0
) -> list[Bar]:
    """(name, text, value, low, high) as parts of the widest."""
    ends = [high if high is not None else value for _, _, value, _, high in bars]
    most = max([*ends, least + 1e-9])

    def part(value: float | None) -> float | None:
        return None if value is None else round(100 * max(0.0, value - least) / (most - least), 2)

    return [
        Bar(name, text, part(value) or 0.0, part(low), part(high))
        for name, text, value, low, high in bars
    ]
