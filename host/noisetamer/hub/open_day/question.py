"""A question of an open day."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Question:
    """Raised at an open day, carried on until it is done.

    id: 0 before it is kept; raised: that day; text: the question; who: who answers (an account's
    name or plain words); until: by when; answer: what was answered or done; done: when, None:
    open yet.
    """

    id: int
    square: str
    raised: date
    text: str
    who: str = ""
    until: date | None = None
    answer: str = ""
    done: date | None = None
