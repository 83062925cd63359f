"""Questions of open days of one hub."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from noisetamer.base.database import Schema, SharedFile
from noisetamer.base.errors import WordedError
from noisetamer.base.personal import sealed, without
from noisetamer.hub.open_day.question import Question

FILE = "open_day.sqlite"
DAY_OF_MONTH = 15
LONGEST = 2000

SCHEMA = Schema(
    name="book of open days",
    application=0x4E544F44,  # NTOD
    option="--data",
    steps=(
        (
            # raised, until, done: dates, ISO. who: "" once the person is forgotten.
            """CREATE TABLE question(
              id INTEGER PRIMARY KEY AUTOINCREMENT, square TEXT NOT NULL, raised TEXT NOT NULL,
              text TEXT NOT NULL, who TEXT NOT NULL, until TEXT, answer TEXT NOT NULL, done TEXT,
              sealed TEXT NOT NULL DEFAULT '')""",
            # Each open day to which an open question was carried.
            """CREATE TABLE carried(
              question INTEGER, to_day TEXT, PRIMARY KEY(question, to_day)) WITHOUT ROWID""",
            # Who did what, for the list: raised, answered, done, opened again. at: Unix s.
            """CREATE TABLE change(
              id INTEGER PRIMARY KEY AUTOINCREMENT, question INTEGER NOT NULL, at REAL NOT NULL,
              by TEXT NOT NULL, what TEXT NOT NULL)""",
        ),
    ),
)


class QuestionError(WordedError):
    """What cannot be kept."""


class OpenDay(SharedFile):
    """open_day.sqlite; from any thread. Raises database.Error."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        """Open or create. Raises UserError for a file that is something else, or newer."""
        super().__init__(file, SCHEMA)
        self._clock = clock

    def questions(self, square: str | None = None) -> list[Question]:
        """The oldest first, of a day in the order they were raised."""
        return [
            _question(row)
            for row in self._rows(
                "SELECT id, square, raised, text, who, until, answer, done FROM question"
                " WHERE CAST(?1 AS TEXT) IS NULL OR square=?1 ORDER BY raised, id",
                square,
            )
        ]

    def question(self, id: int) -> Question | None:
        """None where there is none."""
        return next((one for one in self.questions() if one.id == id), None)

    def raise_question(self, question: Question, by: str = "") -> Question:
        """With its id. Raises QuestionError for one without words, or with too many."""
        text = _checked(question.text)
        if not text:
            raise QuestionError("open_day_no_text", "Write what was asked.")
        with self.transaction():
            ((id,),) = self._rows(
                "INSERT INTO question(square, raised, text, who, until, answer, done)"
                " VALUES(?,?,?,?,?,?,?) RETURNING id",
                *(question.square, question.raised.isoformat(), text, question.who.strip()),
                *(_iso(question.until), question.answer, _iso(question.done)),
            )
            self._note(id, by, "raised")
        return replace(question, id=id, text=text)

    def assign(self, id: int, who: str, until: date | None, by: str = "") -> None:
        """Who answers, and by when."""
        with self.transaction():
            self._do(
                "UPDATE question SET who=?, until=? WHERE id=?",
                *(_checked(who), _iso(until), id),
            )
            self._note(id, by, "assigned")

    def answer(self, id: int, answer: str, done: date | None, by: str = "") -> None:
        """What was answered or done; done: when, None: it is open yet."""
        with self.transaction():
            self._do(
                "UPDATE question SET answer=?, done=? WHERE id=?",
                *(_checked(answer), _iso(done), id),
            )
            self._note(id, by, "done" if done else "answered")

    def carry_on(self, today: date) -> int:
        """Whatever was raised before the open day of this month, and is open, is on its list;
        how many were not there yet. The same again changes nothing."""
        to = open_day_of(today)
        with self._lock:
            return self._connection.execute(
                "INSERT INTO carried SELECT id, ?1 FROM question"
                " WHERE done IS NULL AND raised<?1 ON CONFLICT(question, to_day) DO NOTHING",
                (to.isoformat(),),
            ).rowcount

    def carried(self) -> dict[int, list[date]]:
        """{question: the open days to which it was carried, the first one first}."""
        found: dict[int, list[date]] = {}
        for id, day in self._rows("SELECT question, to_day FROM carried ORDER BY to_day"):
            found.setdefault(id, []).append(date.fromisoformat(day))
        return found

    def forget(self, person: str) -> int:
        """What was asked and answered stays, without the name; of how many rows."""
        rows = 0
        with self.transaction():
            for row in self._rows("SELECT id, text, who, answer, * FROM question"):
                id, *told = row[:4]
                left = [without(one, [person]) for one in told]
                left[1] = "" if told[1] == person else left[1]
                if person and left != told:
                    rows += 1
                    self._do(
                        "UPDATE question SET text=?, who=?, answer=?, sealed=? WHERE id=?",
                        *(*left, sealed(row[4:]), id),
                    )
            (changes,) = self._rows("SELECT count(*) FROM change WHERE by=? AND by<>''", person)[0]
            self._do("UPDATE change SET by='' WHERE by=?", person)
        return rows + changes

    def _note(self, id: int, by: str, what: str) -> None:
        self._do(
            "INSERT INTO change(question, at, by, what) VALUES(?,?,?,?)",
            *(id, self._clock(), by, what),
        )


def open_day_of(day: date) -> date:
    """The open day of this month, past or to come."""
    return day.replace(day=DAY_OF_MONTH)


def next_open_day(day: date) -> date:
    """The first one that is not over, this day's too."""
    here = open_day_of(day)
    if day <= here:
        return here
    return date(day.year + day.month // 12, day.month % 12 + 1, DAY_OF_MONTH)


def _checked(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise QuestionError("open_day_too_long", f"More than {LONGEST} characters are too many.")
    return text


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _question(row: tuple[int, str, str, str, str, str | None, str, str | None]) -> Question:
    id, square, raised, text, who, until, answer, done = row
    return Question(
        *(id, square, date.fromisoformat(raised), text, who, _day(until), answer, _day(done))
    )
