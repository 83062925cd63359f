"""Who sees whether a lamp is lit: a person at the terminal, an ammeter, or nobody."""

import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.workshop.steps import Ask

_FEED_EVERY_S = 2.0


@dataclass(frozen=True)
class Seen:
    """confirmed: None where nobody looked; mA: what the supply gave, where it was read."""

    confirmed: bool | None
    mA: float | None = None


class Operator(Protocol):
    """Whoever sees the lamps of a unit; each question is one sentence on what should be so.

    Raises UserError where nobody can be asked.
    """

    def sees(self, what: str, meanwhile: Callable[[], None]) -> Seen:
        """Whether `what` is so, such as "All LEDs are red".

        meanwhile: called every few seconds until there is an answer, to keep the unit awake.
        """
        ...

    def reads(self, what: str, meanwhile: Callable[[], None]) -> float | None:
        """The supply's current while `what` is so, mA; None where it is not read.

        meanwhile: as for `sees`.
        """
        ...


class _Line:
    """One line typed, while the unit is kept awake: only the caller's thread talks to it."""

    def __init__(self, ask: Ask, feed_every_s: float) -> None:
        self._ask = ask
        self._every = feed_every_s

    def answer(self, question: str, meanwhile: Callable[[], None]) -> str:
        answers: queue.Queue[str | None] = queue.Queue()

        def wait() -> None:
            try:
                answers.put(self._ask(question))
            except EOFError:
                answers.put(None)

        threading.Thread(target=wait, daemon=True).start()
        while True:
            try:
                answer = answers.get(timeout=self._every)
            except queue.Empty:
                meanwhile()
                continue
            if answer is None:
                raise UserError(
                    "Nobody is at the terminal to look at the lamps: run it in one (by ssh with "
                    "-t), or add --unattended."
                )
            return answer


_YES, _NO = ("y", "yes", "是"), ("n", "no", "否")


class Nobody:
    """An unattended run."""

    def sees(self, what: str, meanwhile: Callable[[], None]) -> Seen:
        return Seen(None)

    def reads(self, what: str, meanwhile: Callable[[], None]) -> float | None:
        return None


class Onlooker:
    """Answers y or n."""

    def __init__(self, ask: Ask = input, feed_every_s: float = _FEED_EVERY_S) -> None:
        self._line = _Line(ask, feed_every_s)

    def sees(self, what: str, meanwhile: Callable[[], None]) -> Seen:
        while True:
            answer = self._line.answer(say("{what}? [y/n] ", what=what), meanwhile).strip().lower()
            if answer in _YES + _NO:
                return Seen(answer in _YES)

    def reads(self, what: str, meanwhile: Callable[[], None]) -> float | None:
        return None


class Ammeter:
    """Reads the supply's current, and types it in."""

    def __init__(self, ask: Ask = input, feed_every_s: float = _FEED_EVERY_S) -> None:
        self._line = _Line(ask, feed_every_s)

    def sees(self, what: str, meanwhile: Callable[[], None]) -> Seen:
        return Seen(None, self.reads(what, meanwhile))

    def reads(self, what: str, meanwhile: Callable[[], None]) -> float:
        while True:
            answer = self._line.answer(
                say("{what}: the supply's current in mA: ", what=what), meanwhile
            )
            try:
                return float(answer.strip().replace(",", "."))
            except ValueError:
                print(say("Type a number, such as 412."), file=sys.stderr)
