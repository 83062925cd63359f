"""Points, rounds and check-ins of one hub."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from noisetamer.base.database import SharedFile
from noisetamer.base.errors import WordedError
from noisetamer.base.personal import sealed
from noisetamer.hub.patrols.check_in import PROOFS, CheckIn, Point, Round
from noisetamer.hub.patrols.coverage import Held, Walk, walks
from noisetamer.hub.patrols.proof import DAY, LATE, MINUTE, OLDEST, Wrong, proven, wait
from noisetamer.hub.patrols.schema import SCHEMA
from noisetamer.unit.policy.days import Calendar, midnight

KEEP_DAYS = 400
"""Check-ins are deleted then: a year's rounds beside the year before."""
WRONG_DAYS = 30

_CHECK_IN = "id, point, square, at, told, by, proof"

DigitsOf = Callable[[str, int], str]
"""(key, minute since 1970) -> four digits; `tamer.record.digits`."""


class PatrolError(WordedError):
    """What cannot be added."""


@dataclass(frozen=True)
class Told:
    """What a phone tells. point: its id; digits: "" of a printed code; nonce: the phone's name of
    this check-in; typed, sent: when it was typed and when it is sent, by the phone's clock."""

    point: int
    digits: str
    nonce: str
    typed: float
    sent: float


@dataclass(frozen=True)
class Answer:
    """What became of it.

    what: "in", counted; "again", another one counts for that minute; "wrong", fits no minute;
    "wait", not looked at, too many wrong ones; "old", longer ago than a day; "gone", there is no
    such point.
    check_in: of the first two; ago: s between typing and telling; fast: how far the phone's clock
    is ahead of the hub's, s; seconds: to wait.
    """

    nonce: str
    what: str
    check_in: CheckIn | None = None
    ago: int = 0
    fast: int = 0
    seconds: int = 0


class Patrols(SharedFile):
    """patrols.sqlite; from any thread. Raises database.Error."""

    def __init__(
        self,
        file: Path,
        command_key: Callable[[str], str | None],
        digits_of: DigitsOf,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open or create. command_key: of a unit, by which its panel's digits are made; clock:
        Unix s. Raises UserError for a file that is something else, or newer."""
        super().__init__(file, SCHEMA)
        self._command_key, self._digits_of, self._clock = command_key, digits_of, clock
        self._tidied = 0.0

    # -- points

    def points(self, square: str | None = None, gone: bool = False) -> list[Point]:
        """In the order they came; gone: those where nobody comes by any more too."""
        where = "(CAST(?1 AS TEXT) IS NULL OR square=?1)" + ("" if gone else " AND gone IS NULL")
        query = f"SELECT id, square, name, kind, unit, x, y FROM point WHERE {where} ORDER BY id"
        return [Point(*row) for row in self._rows(query, square)]

    def point(self, id: int) -> Point | None:
        """None where there is none (any more)."""
        return next((one for one in self.points() if one.id == id), None)

    def add_point(self, point: Point) -> Point:
        """With its id. Raises PatrolError for one without a name, of no kind, or of a panel
        without its unit."""
        if not point.name.strip():
            raise PatrolError("patrol_no_name", "A point needs a name.")
        if point.kind not in PROOFS or (point.kind == "panel") != bool(point.unit):
            raise PatrolError("patrol_no_kind", "A point is a box's panel, a screen or a print.")
        key = secrets.token_urlsafe(32) if point.kind == "rotating" else ""
        ((id,),) = self._rows(
            "INSERT INTO point(square, name, kind, unit, x, y, key) VALUES(?,?,?,?,?,?,?)"
            " RETURNING id",
            *(point.square, point.name, point.kind, point.unit, point.x, point.y, key),
        )
        return replace(point, id=id)

    def place(self, id: int, x: float, y: float) -> None:
        """On the square's plan, 0 to 1."""
        self._do("UPDATE point SET x=?, y=? WHERE id=?", x, y, id)

    def remove_point(self, id: int) -> None:
        """Nobody comes by any more; the rounds go on without it."""
        self._do("UPDATE point SET gone=? WHERE id=? AND gone IS NULL", self._clock(), id)

    def code_key(self, id: int) -> str:
        """By which the code of a screen rotates; "" of other points."""
        rows = self._rows("SELECT key FROM point WHERE id=? AND gone IS NULL", id)
        return rows[0][0] if rows else ""

    def renew_code_key(self, id: int) -> None:
        """What screens show by the old one is void."""
        key = secrets.token_urlsafe(32)
        self._do("UPDATE point SET key=? WHERE id=? AND kind='rotating'", key, id)

    # -- rounds

    def rounds(self, square: str | None = None, at: float | None = None) -> list[Round]:
        """Those that hold; at: those that held then, Unix s."""
        rows = self._rows(
            "SELECT id, square, name, points, days, since, until FROM round"
            " WHERE (CAST(?1 AS TEXT) IS NULL OR square=?1) AND began<=coalesce(?2, began)"
            " AND (ended IS NULL OR ended>?2) ORDER BY since, id",
            square,
            at,
        )
        return [_round(*row) for row in rows]

    def held(self, since: float, until: float, square: str) -> list[Held]:
        """The rounds of a square that held at some time from since to until, Unix s."""
        rows = self._rows(
            "SELECT id, square, name, points, days, since, until, began, ended FROM round"
            " WHERE square=? AND began<? AND (ended IS NULL OR ended>?) ORDER BY since, id",
            *(square, until, since),
        )
        return [Held(_round(*row[:7]), *row[7:]) for row in rows]

    def add_round(self, round: Round, began: float | None = None) -> Round:
        """With its id. began: from when on it holds, Unix s; None: now. Raises PatrolError for
        one without name, points or time."""
        if not round.name.strip():
            raise PatrolError("patrol_no_name", "A round needs a name.")
        here = {point.id for point in self.points(round.square)}
        if not round.points or not set(round.points) <= here:
            raise PatrolError("patrol_no_points", "A round needs points of its square.")
        if not (0 <= round.since < 1440 and 0 < round.until <= 1440):
            raise PatrolError("patrol_no_time", "A round begins and ends at times of day.")
        ((id,),) = self._rows(
            "INSERT INTO round(square, name, points, days, since, until, began)"
            " VALUES(?,?,?,?,?,?,?) RETURNING id",
            *(round.square, round.name, json.dumps(round.points)),
            *(json.dumps(round.days), round.since, round.until),
            self._clock() if began is None else began,
        )
        return replace(round, id=id)

    def end_round(self, id: int) -> None:
        """It is not walked any more; what was stays as it was judged."""
        self._do("UPDATE round SET ended=? WHERE id=? AND ended IS NULL", self._clock(), id)

    # -- check-ins

    def check_ins(self, since: float, until: float, square: str | None = None) -> list[CheckIn]:
        """In the order in which they were made; since <= at < until, Unix s."""
        return self._check_ins(
            "at>=? AND at<? AND (CAST(?3 AS TEXT) IS NULL OR square=?3) ORDER BY at, id",
            *(since, until, square),
        )

    def walked(self, square: str, calendar: Calendar, first: date, last: date) -> list[Walk]:
        """All walks of a square on these days, both included, with who came. calendar: of the
        square."""
        since, until = midnight(calendar, first), midnight(calendar, last) + 2 * DAY
        held = self.held(since - DAY, until, square)
        return walks(held, calendar, first, last, self.check_ins(since, until + DAY, square))

    def wrong(self, since: float, square: str | None = None) -> list[tuple[str, Wrong]]:
        """(by, attempt) with digits that fitted nothing, the oldest first."""
        rows = self._rows(
            "SELECT by, point, wrong.at, late FROM wrong JOIN point ON point.id=wrong.point"
            " WHERE wrong.at>=? AND (CAST(?2 AS TEXT) IS NULL OR square=?2) ORDER BY wrong.at",
            since,
            square,
        )
        return [(by, Wrong(point, at, bool(late))) for by, point, at, late in rows]

    def check_in(self, told: Told, by: str) -> Answer:
        """A guard was at a point, or says so. by: account's name. The same one told again (its
        answer was lost on the way) is answered as before, and counts once."""
        now = self._clock()
        if not 0 <= now - self._tidied < DAY:
            self.tidy()
        ago = max(0.0, told.sent - told.typed)
        fast = round(told.sent - now)
        typed, late = now - ago, ago >= LATE

        def answer(what: str, check_in: CheckIn | None = None, seconds: float = 0) -> Answer:
            return Answer(told.nonce, what, check_in, int(ago), fast, int(seconds))

        with self.transaction():
            for before in self._check_ins("nonce=? AND nonce<>''", told.nonce):
                # 128 random bits of another's phone: nobody comes by them honestly
                return answer("in", before) if before.by == by else answer("wrong")
            if self._rows("SELECT 1 FROM wrong WHERE nonce=? AND nonce<>''", told.nonce):
                return answer("wrong")
            point = self.point(told.point)
            if point is None:
                return answer("gone")
            if ago > OLDEST:
                return answer("old")
            if point.kind == "weak":
                minute = int(typed // MINUTE)
            else:
                tried = self._wrong_of(by, now - DAY)
                if (seconds := wait(tried, point.id, late, now)) > 0:
                    return answer("wait", seconds=seconds + 1)
                key = self._key(point)
                found = key and proven(
                    told.digits, typed, late, lambda one: self._digits_of(key, one)
                )
                if not found:
                    self._do(
                        "INSERT INTO wrong(point, by, at, late, nonce) VALUES(?,?,?,?,?)",
                        *(point.id, by, now, late, told.nonce),
                    )
                    return answer("wrong")
                minute = found
            at = minute * MINUTE
            for same in self._check_ins("point=? AND by=? AND at=?", point.id, by, at):
                return answer("again", same)
            made = self._rows(
                "INSERT INTO check_in(point, square, at, told, by, proof, fast, nonce)"
                f" VALUES(?,?,?,?,?,?,?,?) RETURNING {_CHECK_IN}",
                *(point.id, point.square, at, int(now), by, point.kind, fast, told.nonce),
            )
        return answer("in", CheckIn(*made[0]))

    def tidy(self) -> None:
        """What is older than it is kept goes; daily, with the first check-in of a day."""
        now = self._tidied = self._clock()
        self._do("DELETE FROM check_in WHERE at<?", now - KEEP_DAYS * DAY)
        self._do("DELETE FROM wrong WHERE at<?", now - WRONG_DAYS * DAY)

    # -- people

    def forget(self, person: str) -> int:
        """That somebody was there stays, who it was does not."""
        with self.transaction():
            rows = self._rows("SELECT * FROM check_in WHERE by=? AND by<>''", person)
            for row in rows:
                self._do(
                    "UPDATE check_in SET by='', nonce='', sealed=? WHERE id=?", sealed(row), row[0]
                )
            (wrong,) = self._rows("SELECT count(*) FROM wrong WHERE by=?", person)[0]
            self._do("DELETE FROM wrong WHERE by=?", person)
        return len(rows) + wrong

    # -- within

    def _key(self, point: Point) -> str:
        if point.kind == "panel":
            return self._command_key(point.unit) or ""
        return self.code_key(point.id)

    def _check_ins(self, where: str, *values: Any) -> list[CheckIn]:
        rows = self._rows(f"SELECT {_CHECK_IN} FROM check_in WHERE {where}", *values)
        return [CheckIn(*row) for row in rows]

    def _wrong_of(self, by: str, since: float) -> list[Wrong]:
        return [
            Wrong(point, at, bool(late))
            for point, at, late in self._rows(
                "SELECT point, at, late FROM wrong WHERE by=? AND at>=?", by, since
            )
        ]


def _round(
    id: int, square: str, name: str, points: str, days: str, since: int, until: int
) -> Round:
    return Round(
        *(id, square, name, tuple(json.loads(points)), tuple(json.loads(days)), since, until)
    )
