"""How a desk's table is read: asked once, kept by its heading. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.hub.complaints.complaint import SOURCES
from noisetamer.hub.complaints.desk_tables import DeskTable, plain
from noisetamer.sound.level_tables.stamps import DATE_ORDERS

COLUMNS = ("time", "clock", "number", "place", "text")
"""What is a column's; clock: where the time of day stands apart from the date."""

_GUESSES = {
    "time": r"受理时间|来电时间|报警时间|诉求时间|登记时间|发生时间|时间|日期|received|time|date",
    "number": r"工单编?号|警情编?号|受理编?号|编号|单号|number|\bno\b|\bid\b",
    "place": r"事发地|诉求地|地址|地点|位置|address|place|where",
    "text": r"诉求内容|报警内容|内容|描述|诉求|事项|content|description|text|标题|subject",
}
_DATE = re.compile(r"日期|\bdate\b", re.IGNORECASE)
_CLOCK = re.compile(r"\D{0,3}\d{1,2}\s*[:点时]")
_SPLIT = re.compile(r"[,，、;；]")
_MOST_WORDS = 200


@dataclass(frozen=True)
class Reading:
    """columns: {of COLUMNS: the heading}; source: of SOURCES; squares: {square: words any of
    which, in the place or the text, mean it}; sides: {square: {side: words}}; otherwise: the
    square of rows that name none, "": those are of elsewhere; about: words of which the text
    must have one, none: every row counts; date_order: where nothing in the file tells, else "".
    """

    columns: Mapping[str, str]
    source: str = "other"
    squares: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sides: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    otherwise: str = ""
    about: tuple[str, ...] = ()
    date_order: str = ""

    def body(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def read(body: Mapping[str, Any]) -> Reading:
    """Of what `Reading.body` made."""
    squares = {name: tuple(words) for name, words in body["squares"].items()}
    sides = {
        name: {side: tuple(words) for side, words in of.items()}
        for name, of in body["sides"].items()
    }
    return Reading(**{**body, "squares": squares, "sides": sides, "about": tuple(body["about"])})


def guessed(table: DeskTable, squares: Iterable[str]) -> Reading:
    """A first one, for somebody to look at: columns by what they are called, squares by name."""
    columns: dict[str, str] = {}
    for what, pattern in _GUESSES.items():
        for one in pattern.split("|"):
            found = next(
                (
                    name
                    for name in table.headings
                    if re.search(one, name, re.IGNORECASE) and name not in columns.values()
                ),
                None,
            )
            if found is not None:
                columns[what] = found
                break
    _apart(table, columns)
    names = list(squares)
    said = f"{table.name} {table.title} {' '.join(table.headings)}"
    source = "12345" if "12345" in said else "110" if re.search("110|报警|警情", said) else "other"
    return Reading(
        columns,
        source,
        {name: (name,) for name in names},
        otherwise=names[0] if len(names) == 1 else "",
    )


def _apart(table: DeskTable, columns: dict[str, str]) -> None:
    """Where what was taken for the time is a time of day, the date stands in another column."""
    time = columns.get("time")
    date = next((name for name in table.headings if _DATE.search(name) and name != time), None)
    if time is None or date is None:
        return
    at = table.headings.index(time)
    some = [plain(row.cells[at]) for row in table.rows[:50] if row.cells[at]]
    if some and 2 * sum(bool(_CLOCK.match(cell)) for cell in some) > len(some):
        columns |= {"time": date, "clock": time}


def checked(reading: Reading, table: DeskTable, squares: Iterable[str]) -> Reading:
    """The same. Raises UserError with what is missing in it, or in the table."""
    columns = ", ".join(table.headings)
    for what, name in reading.columns.items():
        if what not in COLUMNS:
            raise UserError(f"{what}: is nothing of a complaint; there are {', '.join(COLUMNS)}")
        if name not in table.headings:
            raise UserError(f"{table.name}: has no column {name}; its columns are {columns}")
    if "time" not in reading.columns:
        raise UserError(f"{table.name}: say which column is the time, of {columns}")
    if reading.source not in SOURCES:
        raise UserError(f"{reading.source}: is no source; there are {', '.join(SOURCES)}")
    if reading.date_order not in ("", *DATE_ORDERS):
        raise UserError(
            f"{reading.date_order}: is no order of dates; there are {', '.join(DATE_ORDERS)}"
        )
    known = list(squares)
    named = [*reading.squares, *reading.sides, *filter(None, [reading.otherwise])]
    for name in named:
        if name not in known:
            raise UserError(
                f"{name}: is no square of this hub; its squares are {', '.join(known) or 'none'}"
            )
    if not named:
        raise UserError("say which words mean which square: 东门广场 = 东门, 人民路")
    return reading


def with_words(reading: Reading, lines: str, squares: Iterable[str]) -> Reading:
    """With what lines such as "东门广场 = 东门, 人民路" and "东门广场/北 = 3号楼" say. Raises
    UserError for a line that is none."""
    known = set(squares)
    of_squares: dict[str, tuple[str, ...]] = {}
    of_sides: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in filter(None, (one.strip() for one in lines.splitlines())):
        name, sign, rest = line.replace("＝", "=").partition("=")
        name, words = name.strip(), listed(rest)
        square, slash, side = name.replace("／", "/").rpartition("/")
        if not sign or not words:
            raise UserError(f"{line[:60]}: write a square, =, and the words that mean it")
        if name in known or not slash:
            of_squares[name] = words
        else:
            of_sides.setdefault(square.strip(), {})[side.strip()] = words
    for name in of_sides.keys() - of_squares.keys():
        of_squares[name] = (name,)
    return replace(reading, squares=of_squares, sides=of_sides)


def words_of(reading: Reading) -> str:
    """The lines of `with_words`."""
    lines = [f"{name} = {', '.join(words)}" for name, words in reading.squares.items()]
    for name, of in reading.sides.items():
        lines += [f"{name}/{side} = {', '.join(words)}" for side, words in of.items()]
    return "\n".join(lines)


def listed(text: str) -> tuple[str, ...]:
    """Words between commas, Chinese ones too."""
    found = (plain(word) for word in _SPLIT.split(text))
    return tuple(dict.fromkeys(word for word in found if word))[:_MOST_WORDS]


def within(reading: Reading, squares: Iterable[str]) -> Reading:
    """What it says of these squares: somebody may know of some only."""
    known = set(squares)
    return replace(
        reading,
        squares={name: words for name, words in reading.squares.items() if name in known},
        sides={name: of for name, of in reading.sides.items() if name in known},
        otherwise=reading.otherwise if reading.otherwise in known else "",
    )


def beyond(reading: Reading, before: Reading, squares: Iterable[str]) -> Reading:
    """With what was said before of all squares but these."""
    known = set(squares)
    others = {name: words for name, words in before.squares.items() if name not in known}
    sides = {name: of for name, of in before.sides.items() if name not in known}
    return replace(
        reading,
        squares={**others, **reading.squares},
        sides={**sides, **reading.sides},
        otherwise=before.otherwise if before.otherwise in others else reading.otherwise,
    )
