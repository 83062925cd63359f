"""The cards of all units, each put into words once however many look."""

import datetime
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from noisetamer.hub.live import Live
from noisetamer.hub.registry import Unit
from noisetamer.hub.squares.order import natural
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web import view_model
from noisetamer.hub.web.timeline import Line
from noisetamer.hub.web.view_model import Card
from noisetamer.hub.words.i18n import Texts


@dataclass(frozen=True)
class Told:
    """A card with its story. of: what it was made of; seen: which state of the story; square: in
    which the unit stands.
    """

    card: Card
    story: list[Line]
    of: tuple[int, datetime.date]
    seen: int
    square: str

    @cached_property
    def data(self) -> str:
        """The card as JSON, without its story."""
        return json.dumps(vars(self.card), ensure_ascii=False)

    def fields(self) -> dict[str, object]:
        """For the page, with the story."""
        return {**vars(self.card), "story": self.story}

    def changed(self, before: "Told") -> dict[str, object]:
        """Those fields that are others than before."""
        old = vars(before.card)
        found = {name: value for name, value in vars(self.card).items() if old[name] != value}
        if self.seen != before.seen:
            found["story"] = self.story
        return found


Sees = Callable[[Unit], bool]
"""Whether somebody may see a unit."""


class Cards:
    """Made when they are asked for, and kept until something of them is new."""

    def __init__(self, live: Live, texts: dict[str, Texts], utc_offset: float) -> None:
        """texts: {language: {key: text}}; utc_offset: of the units' local time, h."""
        self._live = live
        self._texts = texts
        self._utc_offset = utc_offset
        self._told: dict[str, dict[str, Told]] = {language: {} for language in texts}

    def all(self, language: str, sees: Sees) -> list[Told]:
        """The worst first, then by place."""
        told = self._told[language]
        for id in told.keys() - self._live.states.keys():
            del told[id]
        units = [state.unit for state in self._live.states.values()]
        found = [card for unit in units if sees(unit) and (card := self.one(unit.id, language))]
        return sorted(found, key=lambda one: (one.card.rank, natural(one.card.title), one.card.id))

    def one(self, id: str, language: str) -> Told | None:
        """None where there is no such unit (any more)."""
        told = self._told[language]
        before, state = told.get(id), self._live.states.get(id)
        if state is None:
            told.pop(id, None)
            return None
        at = time.time()
        of = state.changes, view_model.clock(int(at), self._utc_offset).date()
        if before and before.of == of:
            return before
        texts = self._texts[language]
        card = view_model.card(state, texts, self._utc_offset, at)
        if before and before.seen == state.story:
            story = before.story
        else:
            story = view_model.story(state, texts, self._utc_offset)
        told[id] = Told(card, story, of, state.story, square_of(state.unit))
        return told[id]
