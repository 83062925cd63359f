"""What can be asked for, and by what: the only names that come into a query. Pure."""

from dataclasses import dataclass

from noisetamer.hub.complaints.complaint import SOURCES
from noisetamer.hub.incidents.incident import KINDS

IN_HOURS = "{} f JOIN hours h ON h.square=f.square AND h.t=f.hour_t"
"""Source of a query: rows of a table, named f, with the hour h they lie in."""


@dataclass(frozen=True)
class Subject:
    """What a sieve filters. source: of its query; columns: {name: where it comes from}, in the
    order shown; order: in which its rows come."""

    source: str
    columns: dict[str, str]
    order: str


SUBJECTS: dict[str, Subject] = {
    "hours": Subject(
        "hours h",
        {
            "square": "h.square",
            "t": "h.t",
            "LAeq": "h.LAeq",
            "LAFmax": "h.LAFmax",
            "limit_level": "h.limit_level",
            "over": "h.over",
            "incidents": "h.incidents",
            "complaints": "h.complaints",
            "playing": "h.playing",
            "wind": "h.wind",
            "rain": "h.rain",
            "known": "CAST(h.valid AS DOUBLE) / h.known",
        },
        "h.t DESC, h.square",
    ),
    "incidents": Subject(
        IN_HOURS.format("incidents"),
        {
            "square": "f.square",
            "t": "f.t",
            "incident": "f.id",
            "kind": "f.kind",
            "lasted": "f.until - f.t",
            "level": "f.level",
            "limit_level": "f.limit_level",
            "bass": "f.bass",
            "warnings": "f.warnings",
            "needed": "f.needed",
            "playing": "h.playing",
            "complaints": "h.complaints",
        },
        "f.t DESC, f.id",
    ),
    "warnings": Subject(
        IN_HOURS.format("warnings"),
        {
            "square": "f.square",
            "t": "f.t",
            "incident": "f.incident",
            "stage": "f.stage",
            "message": "f.message",
            "number": "f.number",
            "effective": "f.effective",
            "after": "f.after",
            "arm": "f.arm",
            "LAeq": "h.LAeq",
            "playing": "h.playing",
        },
        "f.t DESC, f.square, f.unit, f.number",
    ),
    "complaints": Subject(
        IN_HOURS.format("complaints"),
        {
            "square": "f.square",
            "t": "f.t",
            "source": "f.source",
            "side": "f.side",
            "level": "f.level",
            "LAeq": "h.LAeq",
            "limit_level": "h.limit_level",
            "incidents": "h.incidents",
            "playing": "h.playing",
        },
        "f.t DESC, f.id",
    ),
    "visits": Subject(
        IN_HOURS.format("visits"),
        {
            "square": "f.square",
            "t": "f.t",
            "round": "f.round",
            "point": "f.point",
            "made": "f.made",
            "incidents": "h.incidents",
            "complaints": "h.complaints",
        },
        "f.t DESC, f.square, f.round, f.point",
    ),
}


@dataclass(frozen=True)
class Condition:
    """sql: with one `?`, or what stands for each choice; unit: of a number, "dB" ("": of a list);
    scale: by which a number is multiplied; choices: {value: SQL}, with no `?`; subjects: for
    which it can be asked."""

    sql: str = ""
    unit: str = ""
    scale: int = 1
    choices: dict[str, str] | None = None
    subjects: tuple[str, ...] = tuple(SUBJECTS)

    @property
    def listed(self) -> bool:
        """One of a list, of which the facts know."""
        return not self.unit and self.choices is None


def _either(yes: str, no: str, subjects: tuple[str, ...] = tuple(SUBJECTS)) -> Condition:
    return Condition(choices={"yes": yes, "no": no}, subjects=subjects)


CONDITIONS: dict[str, Condition] = {
    "louder": Condition("h.LAeq>=?", "dB", 10),
    "quieter": Condition("h.LAeq<?", "dB", 10),
    "over": _either("h.over>0", "h.over=0"),
    "group": Condition(
        "EXISTS (SELECT 1 FROM playing p WHERE p.square=h.square AND p.hour_t=h.t"
        " AND p.group_id=?)"
    ),
    "playing": _either("h.playing>0", "h.playing=0"),
    "incident": _either(
        "h.incidents>0", "h.incidents=0", ("hours", "warnings", "complaints", "visits")
    ),
    "complained": _either(
        "h.complaints>0", "h.complaints=0", ("hours", "incidents", "warnings", "visits")
    ),
    "rain": _either("h.rain>0", "h.rain=0"),
    "windier": Condition("h.wind>=?", "m/s"),
    "calmer": Condition("h.wind<?", "m/s"),
    "warmer": Condition("h.temperature>=?", "°C"),
    "colder": Condition("h.temperature<?", "°C"),
    "kind": Condition(
        choices={kind: f"f.kind='{kind}'" for kind in KINDS if kind != "drill"},
        subjects=("incidents",),
    ),
    "excess": Condition("f.level-f.limit_level>=?", "dB", 10, subjects=("incidents",)),
    "bass": Condition("f.bass>=?", "dB", 10, subjects=("incidents",)),
    "longer": Condition("f.until-f.t>=?", "min", 60, subjects=("incidents",)),
    "shorter": Condition("f.until-f.t<?", "min", 60, subjects=("incidents",)),
    "needed": _either("f.needed=1", "f.needed=0", ("incidents",)),
    "again": _either("f.came_again>0", "f.came_again=0", ("incidents",)),
    "stage": Condition(
        choices={stage: f"f.stage='{stage}'" for stage in ("red", "polite", "firm")},
        subjects=("warnings",),
    ),
    "message": Condition("f.message=?", subjects=("warnings",)),
    "arm": Condition("f.arm=?", subjects=("warnings",)),
    "effective": _either("f.effective=1", "f.effective=0", ("warnings",)),
    "source": Condition(
        choices={source: f"f.source='{source}'" for source in SOURCES}, subjects=("complaints",)
    ),
    "side": Condition("f.side=?", subjects=("complaints",)),
    "missed": _either("f.made IS NULL", "f.made IS NOT NULL", ("visits",)),
    "round": Condition("f.round=?", subjects=("visits",)),
}

LISTS: dict[str, str] = {
    "group": "SELECT f.id, f.name, f.square FROM groups f WHERE {} ORDER BY f.square, f.name",
    "message": "SELECT DISTINCT f.message, f.message, '' FROM warnings f WHERE {} ORDER BY 1",
    "arm": "SELECT DISTINCT f.arm, f.arm, '' FROM warnings f WHERE f.arm!='' AND {} ORDER BY 1",
    "side": "SELECT DISTINCT f.side, f.side, '' FROM complaints f WHERE f.side!='' AND {}"
    " ORDER BY 1",
    "round": "SELECT DISTINCT f.round, f.round, '' FROM visits f WHERE {} ORDER BY 1",
}
"""What can be chosen of a condition that is `listed`: (value, name, square). {}: in squares that
may be seen."""


@dataclass(frozen=True)
class Thing:
    """What happens at a time, or for some time. source: with h, its hour, and f where it has rows
    of its own; t, until: in it; which: a condition on rows f; by: what it can be
    narrowed by, of NARROWED, "" for none."""

    source: str
    t: str = "f.t"
    until: str = "f.t"
    which: str = "1=1"
    by: str = ""


NARROWED: dict[str, str] = {
    "source": "f.source=?",
    "stage": "f.stage=?",
    "group": "f.group_id=?",
    "round": "f.round=?",
}

_HOUR = ("hours h", "h.t", "h.t+3600")

THINGS: dict[str, Thing] = {
    "noise": Thing(
        IN_HOURS.format("incidents"), until="coalesce(f.until, f.t)", which="f.kind='noise'"
    ),
    "sudden": Thing(IN_HOURS.format("incidents"), which="f.kind='sudden'"),
    "silent": Thing(
        IN_HOURS.format("incidents"), until="coalesce(f.until, f.t)", which="f.kind='silent'"
    ),
    "complaint": Thing(IN_HOURS.format("complaints"), by="source"),
    "warning": Thing(IN_HOURS.format("warnings"), by="stage"),
    "obeyed": Thing(IN_HOURS.format("warnings"), which="f.effective=1", by="stage"),
    "playing": Thing(IN_HOURS.format("playing"), until="h.t+3600", by="group"),
    "check_in": Thing(IN_HOURS.format("check_ins")),
    "missed": Thing(
        IN_HOURS.format("visits"), until="f.until", which="f.made IS NULL", by="round"
    ),
    "loud": Thing(*_HOUR, which="h.over>0"),
    "rain": Thing(*_HOUR, which="h.rain>0"),
    "wind": Thing(*_HOUR, which="h.wind>=5"),
}
"""Of wind: 5 m/s, from which on GB 3096-2008 has no measurement outdoors."""

BY_BOXES = ("noise", "sudden", "silent", "warning", "obeyed", "loud")
"""Of THINGS those that nobody knows of where no box hears."""
