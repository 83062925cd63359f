"""What the pages of one audience are shown, as server-sent events: each event made once for all of
them, and only what is new of it.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from noisetamer.hub.live import Live
from noisetamer.hub.squares.order import natural
from noisetamer.hub.web.cards import Cards, Sees, Told
from noisetamer.hub.web.last_hours import LastHours, with_limits
from noisetamer.hub.web.open_incidents import OpenIncidents
from noisetamer.hub.web.signs_of_life import RECONNECT_MS, SignsOfLife
from noisetamer.hub.web.view_model import Ranked, Row, Summary, row, summary
from noisetamer.hub.words.i18n import Texts

# Of more squares or boxes than these, curves are shown only where somebody asks for them.
OPEN_CARDS = 4

Troubles = Callable[[], list[str]]
"""What is wrong with the hub itself, as sentences."""


class View(ABC):
    """One audience: a language, and the units it may see."""

    def __init__(
        self,
        live: Live,
        cards: Cards,
        last_hours: LastHours,
        utc_offset: float,
        incidents: OpenIncidents,
        language: str,
        texts: Texts,
        sees: Sees,
        troubles: Troubles,
    ) -> None:
        self._live = live
        self._incidents = incidents
        self._cards = cards
        self._last_hours = last_hours
        self._utc_offset = utc_offset
        self._language = language
        self._texts = texts
        self._sees = sees
        self._troubles = troubles
        self.in_trouble = troubles()
        self._units = {told.card.id: told for told in cards.all(language, sees)}
        self._marks = {id: mark for id in self._units if (mark := last_hours.mark(id))}
        self._standing: list[tuple[int, str]] | None = None
        self._signs_of_life = SignsOfLife()

    @property
    def summary(self) -> Summary:
        """How the town stands, in a line."""
        return summary(self._summed(), self._texts)

    def start(self) -> bytes:
        """All that the pages have been told so far, for one that has just been opened."""
        if self._standing is None:
            self._stands_otherwise()
        # one that was away, or whose hub was, may show what has gone meanwhile
        events = [f"retry: {RECONNECT_MS}\n\n", event("all", {"ids": self._ids()})]
        events += [*self._all(), event("summary", self.summary)]
        if self.in_trouble:
            events.append(event("hub", {"troubles": self.in_trouble}))
        return "".join(events).encode()

    def stale(self, news: Iterable[tuple[str, str]]) -> list[str]:
        """Units of which hours have to be `read` before these news can be told."""
        return [
            id
            for kind, id in news
            if kind == "curve" and self._draws(id) and self._last_hours.stale(id)
        ]

    def read(self, units: Iterable[str]) -> None:
        """Their last hours, out of the store; blocks."""
        for id in units:
            if state := self._live.states.get(id):
                self._last_hours.read(state)

    def news(self, news: Collection[tuple[str, str]]) -> bytes:
        """(kind, unit) pairs as a Listener has them. No event at all: nothing of it is seen."""
        events = [*self._news_of_the_hub(), *self._told(news)]
        if self._stands_otherwise():
            events.append(event("summary", self.summary))
        if not events and self._signs_of_life.due(news):
            events.append(event("alive", {}))
        return "".join(events).encode()

    @abstractmethod
    def _all(self) -> Iterator[str]: ...

    @abstractmethod
    def _ids(self) -> list[str]:
        """Of what is shown."""

    @abstractmethod
    def _told(self, news: Iterable[tuple[str, str]]) -> Iterator[str]: ...

    @abstractmethod
    def _draws(self, unit: str) -> bool:
        """Whether its curve may be seen."""

    def _curve(self, id: str) -> str:
        """New seconds; only that there are some, where a page had better ask for all of them."""
        told = self._last_hours.told(id, self._marks.get(id, ""))
        state = self._live.states.get(id)
        if told is None or state is None:
            return event("curve", {"id": id})
        self._marks[id] = str(told["mark"])
        if "parts" not in told:
            return event("curve", {"id": id})
        return event(
            "curve", {"id": id, **with_limits(state, self._texts, self._utc_offset, told)}
        )

    @abstractmethod
    def _summed(self) -> Collection[Ranked]:
        """What the summary is of."""

    def _news_of_the_hub(self) -> Iterator[str]:
        if self.in_trouble != (found := self._troubles()):
            self.in_trouble = found
            yield event("hub", {"troubles": found})

    def _stands_otherwise(self) -> bool:
        before, self._standing = self._standing, [(one.rank, one.title) for one in self._summed()]
        return before != self._standing

    def _now(self, unit: str) -> Told | None:
        """The unit as it is; None where there is none, or none that may be seen."""
        state = self._live.states.get(unit)
        if state is None or not self._sees(state.unit):
            return None
        return self._cards.one(unit, self._language)


class CardsView(View):
    """`card`: a unit, whole where it is new, else what is new of it; `curve`: {id} has new
    seconds, with what they are (`LastHours.told`) where a page looks at them; `gone`: {id} is no
    unit any more; `incident`: what goes on in a square now; `summary`: all in a line; `hub`: what
    is wrong with the hub itself; `all`: {ids} are all that there are; `alive`: nothing is new.
    """

    def cards(self) -> list[Told]:
        """The worst first, then by place."""
        return list(self._units.values())

    def _all(self) -> Iterator[str]:
        for told in self._units.values():
            yield event("card", told.fields())
        for square in sorted({told.square for told in self._units.values()}):
            if self._incidents.of(square, self._texts).text:
                yield self._incident(square)

    def _ids(self) -> list[str]:
        return list(self._units)

    def _incident(self, square: str) -> str:
        told = self._incidents.of(square, self._texts)
        return event("incident", {"square": square, **vars(told)})

    def _told(self, news: Iterable[tuple[str, str]]) -> Iterator[str]:
        for kind, id in news:
            if kind == "incident":
                if any(told.square == id for told in self._units.values()):
                    yield self._incident(id)
                continue
            if kind == "curve":
                if self._draws(id):
                    yield self._curve(id)
                continue
            before, now = self._units.get(id), self._now(id)
            if now is None:
                if self._units.pop(id, None):
                    yield event("gone", {"id": id})
                continue
            self._units[id] = now
            if before is None:
                yield event("card", now.fields())
            elif new := now.changed(before):
                yield event("card", {"id": id, **new})

    def _draws(self, unit: str) -> bool:
        return unit in self._units

    def _summed(self) -> Collection[Ranked]:
        return [told.card for told in self._units.values()]


class SquaresView(View):
    """`square`: a square, whole where it is new, else what is new of it; `gone`: {id} is none any
    more; `curve`: of a few squares, as of CardsView, and so are `summary`, `hub`, `all`, `alive`.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._rows: dict[str, Row] = {}
        squares = {told.square for told in self._units.values()}
        for square in squares:
            self._rows[square] = self._row(square)

    def rows(self) -> list[Row]:
        """The worst first, then by name."""
        return sorted(self._rows.values(), key=lambda row: (row.rank, natural(row.title)))

    def _all(self) -> Iterator[str]:
        for each in self._rows.values():
            yield event("square", vars(each))

    def _ids(self) -> list[str]:
        return list(self._rows)

    def _told(self, news: Iterable[tuple[str, str]]) -> Iterator[str]:
        touched: dict[str, None] = {}
        for kind, id in news:
            if kind == "curve":
                if self._draws(id):
                    yield self._curve(id)
                continue
            if kind == "incident":
                if id in self._rows:
                    touched[id] = None
                continue
            before, now = self._units.pop(id, None), self._now(id)
            if now is not None:
                self._units[id] = now
            touched.update((told.square, None) for told in (before, now) if told)
        for square in touched:
            yield from self._changed(square)

    def _changed(self, square: str) -> Iterator[str]:
        before = self._rows.pop(square, None)
        if not any(told.square == square for told in self._units.values()):
            yield event("gone", {"id": square})
            return
        now = self._rows[square] = self._row(square)
        old = vars(before) if before else {}
        new = {name: value for name, value in vars(now).items() if old.get(name) != value}
        if new:
            yield event("square", {"id": square, **new})

    def _row(self, square: str) -> Row:
        cards = [told.card for told in self._units.values() if told.square == square]
        told = self._incidents.of(square, self._texts)
        return row(square, cards, told.state, told.text, self._texts)

    def _draws(self, unit: str) -> bool:
        few = len(self._rows) <= OPEN_CARDS
        return few and any(unit == row.unit for row in self._rows.values())

    def _summed(self) -> Collection[Ranked]:
        return self._rows.values()


def event(name: str, data: Any) -> str:
    """As a server-sent event (WHATWG HTML, 9.2)."""
    # as it is: \\u escapes are three times as long in Chinese
    text = json.dumps(data, ensure_ascii=False, default=asdict)
    return f"event: {name}\ndata: {text}\n\n"
