"""The tables of permits.sqlite. Rows are only added; what is a person's may be taken out."""

from noisetamer.base.database import Schema


def _only_added(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_{when.lower()} BEFORE {when} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'a {table} stands as it was written'); END"
        for when in ("UPDATE", "DELETE")
    )


_TERMS = """place TEXT NOT NULL, days TEXT NOT NULL, since INTEGER NOT NULL,
  until INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, level INTEGER NOT NULL"""

SCHEMA = Schema(
    name="file of permits",
    application=0x4E54504D,  # NTPM
    option="--data",
    steps=(
        (
            """CREATE TABLE square_group(
              id INTEGER PRIMARY KEY AUTOINCREMENT, square TEXT NOT NULL, name TEXT NOT NULL,
              loudspeaker TEXT NOT NULL, at REAL NOT NULL)""",
            *_only_added("square_group"),
            # All that is known of a person: taken out when she asks for it. contact: an account's
            # name; topic, push: of her phone and her browser, before she has an account.
            """CREATE TABLE leader(
              square_group INTEGER PRIMARY KEY, name TEXT NOT NULL, contact TEXT NOT NULL,
              topic TEXT NOT NULL DEFAULT '', push TEXT NOT NULL DEFAULT '')""",
            # days: a JSON list; first, last: dates; level: the pact's limit, 0.1 dB
            f"""CREATE TABLE application(
              id INTEGER PRIMARY KEY AUTOINCREMENT, square_group INTEGER NOT NULL, {_TERMS},
              at REAL NOT NULL)""",
            *_only_added("application"),
            # The newest holds, with the terms as they then are.
            f"""CREATE TABLE decision(
              id INTEGER PRIMARY KEY AUTOINCREMENT, permit INTEGER NOT NULL, state TEXT NOT NULL,
              {_TERMS}, reason TEXT NOT NULL, at REAL NOT NULL, by TEXT NOT NULL)""",
            "CREATE INDEX decision_permit ON decision(permit)",
            *_only_added("decision"),
            # what: 'issued', 'replaced' or 'revoked'. jws: as it was signed; '' once the person it
            # names asked for that: its SHA-256 stays.
            """CREATE TABLE document(
              id INTEGER PRIMARY KEY AUTOINCREMENT, permit INTEGER NOT NULL, what TEXT NOT NULL,
              number TEXT NOT NULL, sha256 BLOB NOT NULL, jws TEXT NOT NULL, reason TEXT NOT NULL,
              at REAL NOT NULL)""",
            "CREATE INDEX document_number ON document(number)",
            "CREATE INDEX document_permit ON document(permit)",
            """CREATE TRIGGER document_update BEFORE UPDATE ON document
              WHEN NEW.jws!='' OR NEW.id!=OLD.id OR NEW.permit!=OLD.permit OR NEW.what!=OLD.what
              OR NEW.number!=OLD.number OR NEW.sha256!=OLD.sha256 OR NEW.reason!=OLD.reason
              OR NEW.at!=OLD.at
              BEGIN SELECT RAISE(ABORT, 'a document stands as it was signed'); END""",
            """CREATE TRIGGER document_delete BEFORE DELETE ON document
              BEGIN SELECT RAISE(ABORT, 'a document stands as it was signed'); END""",
            # What phones are to be told. what: 'applied', 'amended' or a state it came to; way: ''
            # while nobody was looked up yet, then a contact's id, 'topic' or 'push'; due: NULL
            # once done.
            """CREATE TABLE news(
              id INTEGER PRIMARY KEY AUTOINCREMENT, permit INTEGER NOT NULL, what TEXT NOT NULL,
              way TEXT NOT NULL, at REAL NOT NULL, due REAL, attempts INTEGER NOT NULL DEFAULT 0,
              result TEXT NOT NULL DEFAULT '')""",
            "CREATE INDEX news_due ON news(due) WHERE due IS NOT NULL",
        ),
    ),
)
