"""The cards of all units, each put into words once however many look."""

import datetime
import json
import time
from dataclasses import dataclass

from noisetamer.hub.live import Live
from noisetamer.hub.web import view_model
from noisetamer.hub.web.timeline import Line
from noisetamer.hub.web.view_model import Card, Summary
from noisetamer.hub.words.i18n import Texts


@dataclass(frozen=True)
class Told:
    """A card with its story. of: what it was made of; seen: which state of the story; data: of
    the card as JSON; with_story: the same with `story` in it.
    """

    card: Card
    story: list[Line]
    of: tuple[int, datetime.date]
    seen: int
    data: str
    with_story: str


class Cards:
    """Made when they are asked for, and kept until something of them is new."""

    def __init__(self, live: Live, texts: dict[str, Texts], utc_offset: float) -> None:
        """texts: {language: {key: text}}; utc_offset: of the units' local time, h."""
        self._live = live
        self._texts = texts
        self._utc_offset = utc_offset
        self._told: dict[str, dict[str, Told]] = {language: {} for language in texts}
        self._summaries: dict[str, Summary] = {}

    def all(self, language: str) -> list[Told]:
        """The worst first, then by place."""
        told = self._told[language]
        for id in told.keys() - self._live.states.keys():
            self.one(id, language)
        found = [card for id in self._live.states if (card := self.one(id, language))]
        return sorted(found, key=lambda one: (one.card.rank, one.card.title, one.card.id))

    def one(self, id: str, language: str) -> Told | None:
        """None where there is no such unit (any more)."""
        told = self._told[language]
        before, state = told.get(id), self._live.states.get(id)
        if state is None:
            if told.pop(id, None):
                self._summaries.pop(language, None)
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
        data = json.dumps(vars(card), ensure_ascii=False)
        lines = json.dumps(story, ensure_ascii=False, default=vars)
        told[id] = Told(card, story, of, state.story, data, f'{data[:-1]}, "story": {lines}}}')
        if not before or _place(before.card) != _place(card):
            self._summaries.pop(language, None)
        return told[id]

    def summary(self, language: str) -> Summary:
        """Of all that were asked for; the same object until it is another one."""
        if language not in self._summaries:
            cards = [one.card for one in self._told[language].values()]
            self._summaries[language] = view_model.summary(cards, self._texts[language])
        return self._summaries[language]


def _place(card: Card) -> tuple[int, str]:
    return card.rank, card.title
