"""How an answer of the toolbox says what it has: conditions, picks, figures, cells with their
evidence. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.toolbox.classify import Kind
from noisetamer.hub.toolbox.pick import Pick
from noisetamer.hub.toolbox.scope import Coverage
from noisetamer.hub.toolbox.things import CONDITIONS
from noisetamer.hub.web.tables import harmless
from noisetamer.hub.web.timeline import clock
from noisetamer.hub.words.i18n import Texts, duration

_NOTHING = "–"

_LEVELS = ("LAeq", "LAFmax", "level", "limit_level", "bass")
_TIMES = ("t", "other_t", "made")
_LONG = ("lasted", "over", "after")
_YES = ("needed", "effective")
_WORDS = {"kind": "incident_", "source": "toolbox_source_", "stage": "toolbox_stage_"}


@dataclass(frozen=True)
class Cell:
    """text; to: where its evidence is, "" for none."""

    text: str
    to: str = ""


class Words:
    """In one language. names: {group's id, as text: its name}."""

    def __init__(self, texts: Texts, utc_offset: float, names: dict[str, str]) -> None:
        self._texts = texts
        self._utc_offset = utc_offset
        self._names = names

    def conditions(self, asked: Mapping[str, Any]) -> list[str]:
        """What a sieve was asked, each as its name and what it must be."""
        found = []
        for name, value in asked.items():
            condition = CONDITIONS[name]
            if condition.unit:
                value = f"{value:g} {condition.unit}"
            elif name == "group":
                value = self._names.get(str(value), value)
            elif condition.choices is not None:
                value = self._texts.get(_WORDS.get(name, "toolbox_") + str(value), value)
            found.append(f"{self._texts[f'toolbox_condition_{name}']}: {value}")
        return found

    def kind(self, kind: Kind) -> str:
        """By its rule, or by what it has more and less of than the usual."""
        texts = self._texts
        if kind.name:
            return texts[f"toolbox_rule_{kind.name}"]
        if not kind.apart:
            return texts["toolbox_kind_usual"]
        joint = texts["toolbox_kind_joint"]
        return joint.join(
            texts[f"toolbox_kind_{feature}_{'more' if way > 0 else 'less'}"]
            for feature, way in kind.apart
        )

    def feature(self, name: str, mean: float | None) -> str:
        """The mean of one of FEATURES."""
        if mean is None:
            return _NOTHING
        if name == "late":
            return f"{int(mean):02d}:{int(mean % 1 * 60):02d}"
        if name == "lasted":
            return self._texts["toolbox_n_minutes"].format(n=f"{mean:.0f}")
        if name in ("excess", "bass"):
            return f"{mean:.1f} dB"
        return per_cent(mean)

    def pick(self, pick: Pick) -> str:
        """What happened, and what it is narrowed to."""
        name = self._texts[f"toolbox_thing_{pick.thing}"]
        parts = list(pick.squares or ())
        if pick.by:
            parts.append(self._part(pick.thing, pick.by))
        return f"{name}（{'，'.join(parts)}）" if parts else name

    def _part(self, thing: str, by: str) -> str:
        """What a thing is narrowed to, in words."""
        for key in (f"toolbox_source_{by}", f"toolbox_stage_{by}"):
            if thing in ("complaint", "warning", "obeyed") and key in self._texts:
                return self._texts[key]
        return self._names.get(by, by) if thing == "playing" else by

    def share(self, share: Interval) -> str:
        """In per cent, with its interval where it has one."""
        if share.low is None or share.high is None:
            return per_cent(share.value)
        return self._texts["toolbox_share"].format(
            share=per_cent(share.value), low=per_cent(share.low), high=per_cent(share.high)
        )

    def interval(self, measure: str, of: Interval) -> str:
        """A figure of one of MEASURES, with its interval where it has one."""
        value = self.figure(measure, of.value)
        if of.low is None or of.high is None:
            return value
        low, high = self.figure(measure, max(0.0, of.low)), self.figure(measure, of.high)
        return self._texts["toolbox_share"].format(share=value, low=low, high=high)

    def figure(self, measure: str, value: float | None, sign: str = "") -> str:
        """Of one of MEASURES. sign: as a format wants it, "+" of a difference."""
        if value is None:
            return _NOTHING
        if measure == "level":
            return f"{value:{sign}.1f} dB"
        if measure in ("incidents", "warnings", "complaints"):
            return f"{value:{sign}.2f}"
        return f"{100 * value:{sign}.1f} %"

    def covered(self, coverage: Coverage) -> str:
        """The hours that an answer rests on."""
        return self._hours("toolbox_covered", coverage)

    def known(self, coverage: Coverage) -> str:
        """The hours of one side of two."""
        return self._hours("toolbox_known", coverage)

    def _hours(self, key: str, coverage: Coverage) -> str:
        return self._texts[key].format(
            hours=f"{coverage.hours:,}", part=f"{_floor(100 * coverage.part):.1f}"
        )

    def headings(self, columns: Sequence[str]) -> list[str]:
        """Of the columns that a page shows."""
        return [self.column(name) for name in columns if name != "incident"]

    def column(self, name: str) -> str:
        """The heading of one."""
        if name.startswith("measure_"):
            return self._texts[f"toolbox_{name}"]
        return self._texts[f"toolbox_column_{name}"]

    def row(self, columns: Sequence[str], row: Sequence[Any]) -> list[Cell]:
        """A row for a page: its times lead to the evidence."""
        values = dict(zip(columns, row, strict=True))
        found = []
        for name in columns:
            if name == "incident":
                continue
            to = ""
            if name == "t":
                to = self._evidence(values)
            elif name == "other_t":
                to = self._hour(values["square"], values["other_t"])
            found.append(Cell(self._text(name, values[name]), to))
        return found

    def _evidence(self, values: dict[str, Any]) -> str:
        if values.get("incident") is not None:
            return f"/incidents/{values['incident']}"
        return self._hour(values["square"], values["t"])

    def _hour(self, square: str, t: int) -> str:
        """The curve of that day, on the page of its square."""
        day = f"{clock(t, self._utc_offset):%Y-%m-%d}"
        return f"/squares/{quote(square, safe='')}?day={day}#past-title"

    def _text(self, name: str, value: Any) -> str:
        if name == "made" and value is None:
            return self._texts["toolbox_missed"]
        if value is None or value == "":
            return _NOTHING
        if name in _TIMES:
            return f"{clock(int(value), self._utc_offset):%Y-%m-%d %H:%M}"
        if name in _LEVELS:
            return f"{value / 10:.1f}"
        if name in _LONG:
            return duration(int(value), self._texts)
        if name in _YES:
            return self._texts["toolbox_yes" if value else "toolbox_no"]
        if name == "known":
            return per_cent(float(value))
        if name in _WORDS:
            return self._texts.get(_WORDS[name] + str(value), str(value))
        return str(value)

    def value(self, name: str, value: Any) -> Any:
        """For a file: a figure stays one, and what is text begins with nothing that a table reads
        as a formula."""
        if value is None:
            return ""
        if name in _TIMES:
            return clock(int(value), self._utc_offset).replace(tzinfo=None)
        if name in _LEVELS:
            return value / 10
        if isinstance(value, int | float):
            return value
        if name in _WORDS:
            value = self._texts.get(_WORDS[name] + str(value), str(value))
        return harmless(str(value))

    def example(self, kind: Kind) -> Cell:
        """The first incident of a kind."""
        if not kind.rows:
            return Cell(_NOTHING)
        _, t, id = kind.rows[0]
        return Cell(f"{clock(t, self._utc_offset):%m-%d %H:%M}", f"/incidents/{id}")


def _floor(value: float) -> float:
    # never 100 % of what is not whole
    return min(value, 99.9) if value < 100 else 100.0


def per_cent(part: float | None) -> str:
    """Of a part of 1; None: of nothing."""
    return _NOTHING if part is None else f"{100 * part:.0f} %"
