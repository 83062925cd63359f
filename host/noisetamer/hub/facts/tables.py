"""The tables of the facts. Times are Unix s, levels 0.1 dB; what is not known is NULL.

What a table holds of a person: nothing. Names of leaders, texts of complaints and accounts of
guards stay where they are kept and can be deleted.
"""

VERSION = 2
"""Of these tables and of what is read into them: another one is made anew."""

_TEXT, _WHOLE, _REAL = "VARCHAR", "BIGINT", "DOUBLE"

TABLES: dict[str, dict[str, str]] = {
    # Boxes, with those that were revoked or replaced. place: the unit that stands there now.
    "units": {"unit": _TEXT, "square": _TEXT, "name": _TEXT, "place": _TEXT},
    # An hour of a place. limit_level: what the box said it judged by; over: valid seconds above
    # it; L10, L90: exceeded in so many per cent of the valid seconds.
    "levels": {
        "unit": _TEXT,
        "square": _TEXT,
        "t": _WHOLE,
        "LAeq": _WHOLE,
        "LAFmax": _WHOLE,
        "L10": _WHOLE,
        "L90": _WHOLE,
        "limit_level": _WHOLE,
        "valid": _WHOLE,
        "over": _WHOLE,
    },
    # until: when it was over; level, limit_level: the highest told and beside it; bass: LCeq less
    # LAeq; warnings: spoken in it; needed: whether somebody was called; came_again: how often
    # within the cool-down.
    "incidents": {
        "id": _WHOLE,
        "unit": _TEXT,
        "square": _TEXT,
        "t": _WHOLE,
        "hour_t": _WHOLE,
        "until": _WHOLE,
        "kind": _TEXT,
        "state": _TEXT,
        "level": _WHOLE,
        "limit_level": _WHOLE,
        "bass": _WHOLE,
        "warnings": _WHOLE,
        "needed": _WHOLE,
        "came_again": _WHOLE,
    },
    # One step of a ladder that spoke. effective: 1 it was obeyed, after so many s; 0 it was not;
    # incident: during which, NULL outside of any.
    "warnings": {
        "unit": _TEXT,
        "square": _TEXT,
        "t": _WHOLE,
        "hour_t": _WHOLE,
        "stage": _TEXT,
        "message": _TEXT,
        "number": _WHOLE,
        "effective": _WHOLE,
        "after": _WHOLE,
        "trial": _TEXT,
        "arm": _TEXT,
        "incident": _WHOLE,
    },
    # A stretch that a box itself summed up as one. bass: LCeq less LAeq.
    "stretches": {"unit": _TEXT, "square": _TEXT, "t": _WHOLE, "until": _WHOLE, "bass": _WHOLE},
    "complaints": {
        "id": _WHOLE,
        "square": _TEXT,
        "t": _WHOLE,
        "hour_t": _WHOLE,
        "source": _TEXT,
        "side": _TEXT,
        "level": _WHOLE,
    },
    "groups": {"id": _WHOLE, "square": _TEXT, "name": _TEXT},
    # The hours for which a group has an approved permit.
    "playing": {
        "square": _TEXT,
        "t": _WHOLE,
        "hour_t": _WHOLE,
        "group_id": _WHOLE,
        "permit": _WHOLE,
    },
    "check_ins": {
        "id": _WHOLE,
        "square": _TEXT,
        "t": _WHOLE,
        "hour_t": _WHOLE,
        "point": _TEXT,
        "proof": _TEXT,
        "told": _WHOLE,
    },
    # A point that a round had to visit from t to until. made: when it was; NULL: missed.
    "visits": {
        "square": _TEXT,
        "t": _WHOLE,
        "hour_t": _WHOLE,
        "until": _WHOLE,
        "round": _TEXT,
        "point": _TEXT,
        "made": _WHOLE,
    },
    "questions": {"id": _WHOLE, "square": _TEXT, "t": _WHOLE, "hour_t": _WHOLE, "done": _WHOLE},
    # square: "" for the whole town. m/s, mm in the hour, degrees C.
    "weather": {
        "square": _TEXT,
        "t": _WHOLE,
        "wind": _REAL,
        "rain": _REAL,
        "temperature": _REAL,
    },
    # Every hour of every square from the first to the last of which anything is known: what all
    # the others meet in. day: since 1970, hour, weekday (0 Monday): of the local clock; month:
    # "2026-11"; LAeq, LAFmax, L90: of the loudest box; energy: of LAeq times valid seconds, so
    # that sums of it over sums of them are levels; valid of known seconds (3600 a place); the
    # others: how many there were.
    "hours": {
        "square": _TEXT,
        "t": _WHOLE,
        "day": _WHOLE,
        "hour": _WHOLE,
        "weekday": _WHOLE,
        "month": _TEXT,
        "unit": _TEXT,
        "LAeq": _WHOLE,
        "LAFmax": _WHOLE,
        "L90": _WHOLE,
        "energy": _REAL,
        "limit_level": _WHOLE,
        "valid": _WHOLE,
        "known": _WHOLE,
        "over": _WHOLE,
        "wind": _REAL,
        "rain": _REAL,
        "temperature": _REAL,
        "incidents": _WHOLE,
        "warnings": _WHOLE,
        "complaints": _WHOLE,
        "playing": _WHOLE,
        "missed": _WHOLE,
    },
}

# How far they have come. mark: a text of whoever sets it.
_MARKS = {"name": _TEXT, "mark": _TEXT}
# (unit, day since 1970 UTC) whose levels or warnings are to be read again.
_TO_READ = {"unit": _TEXT, "day": _WHOLE}


def statements() -> list[str]:
    """That make the tables, in DuckDB or in SQLite."""
    every = {**TABLES, "marks": _MARKS, "to_read": _TO_READ}
    return [
        f"CREATE TABLE {table}({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        for table, columns in every.items()
    ]
