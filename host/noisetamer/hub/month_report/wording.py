"""Figures in words of one language. What is not known is said to be so, never 0. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from noisetamer.hub.complaints.beside_levels import BlindSpot
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.month_report.facts import Box
from noisetamer.hub.month_report.month import Month
from noisetamer.hub.words.i18n import Texts, duration
from tamer.judge.warning_outcomes import LIGHT

_PREFIX = "month_report_"
_LONGEST = 60


@dataclass(frozen=True)
class Words:
    """messages: {name: what is said}."""

    texts: Texts
    month: Month
    messages: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        return self.texts[f"{_PREFIX}{key}"].format(**values)

    def count(self, key: str, count: int, **values: object) -> str:
        """`say`, with words of their own for one and for none, where there are."""
        own = f"{key}_{count}"
        return self.say(
            own if f"{_PREFIX}{own}" in self.texts else key, count=f"{count:,}", **values
        )

    @property
    def unknown(self) -> str:
        return self.say("unknown")

    def title_of_month(self) -> str:
        return self.say(
            "of_month", year=self.month.year, month=self.say(f"month_{self.month.number}")
        )

    def level(self, tenths: float | None) -> str:
        return self.unknown if tenths is None else f"{tenths / 10:.1f}"

    def limit(self, tenths: int | None) -> str:
        if tenths is None:
            return self.unknown
        return f"{tenths / 10:.0f}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"

    def share(self, part: float, of: float) -> str:
        """Never 100 % of what is not whole, never 0 % of what is there."""
        if of <= 0:
            return self.unknown
        shown = 100 * part / of
        if 0 < part < of:
            shown = min(99.9, max(0.1, shown))
        return f"{shown:.1f} %"

    def interval(self, of: Interval, factor: float = 100, unit: str = " %") -> str:
        """ "62 % (48 to 74)" """
        if of.value is None:
            return self.say("too_few")
        shown = f"{factor * of.value:.0f}{unit}"
        if of.low is None or of.high is None:
            return shown
        return self.say(
            "interval",
            value=shown,
            low=f"{factor * of.low:.0f}",
            high=f"{factor * of.high:.0f}",
        )

    def lasts(self, seconds: float) -> str:
        return duration(round(seconds), self.texts).strip()

    def day(self, day: date) -> str:
        return self.say("date", year=day.year, month=day.month, day=day.day)

    def clock(self, minute: int) -> str:
        """Minutes after midnight."""
        return f"{minute // 60:02}:{minute % 60:02}"

    def hours(self, since: int, until: int) -> str:
        return f"{self.clock(since)}–{self.clock(until)}"

    def moment(self, t: float) -> str:
        return f"{self.month.local(t):%m-%d %H:%M}"

    def days_of_week(self, names: Sequence[str]) -> str:
        """As a policy names them."""
        if not names:
            return self.say("every_day")
        return self.say("and").join(self.say(f"weekday_{name}") for name in names)

    def box(self, one: Box) -> str:
        return " ".join(filter(None, (one.name, one.unit)))

    def reason(self, name: str) -> str:
        """Why seconds do not count."""
        own = f"{_PREFIX}reason_{name}"
        return self.texts.get(own) or self.texts.get(f"reason_{name}", name)

    def blind_spot(self, of: BlindSpot) -> str:
        """As the page of complaints says it."""
        return self.texts["complaints_blind"].format(
            side=self.texts["complaints_of_side"].format(side=of.side)
            if of.side
            else self.texts["complaints_no_side"],
            count=of.count,
            below=of.below,
            level=self.level(of.level),
            low=self.level(of.low),
            high=self.level(of.high),
        )

    def way(self, stage: str, message: str) -> str:
        """How was warned."""
        if message == LIGHT:
            return self.say("way_light")
        text = self.messages.get(message)
        if text is None:
            return self.say("way_unknown", name=message or "?")
        short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        return self.say("way_message", text=short)
