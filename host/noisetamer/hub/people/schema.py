"""The tables of people.sqlite: accounts, sessions, one-time links, contacts, the audit log."""

from noisetamer.base.database import Schema

SCHEMA = Schema(
    name="register of people",
    application=0x4E545045,  # NTPE
    option="--data",
    steps=(
        (
            # name: as it is written; key: as it is compared (`accounts.key_of`).
            # squares: a JSON list, NULL for all. password: '' until its owner has chosen one.
            """CREATE TABLE account(
              id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
              display TEXT NOT NULL, role TEXT NOT NULL, squares TEXT, language TEXT NOT NULL,
              password TEXT NOT NULL DEFAULT '', disabled INTEGER NOT NULL DEFAULT 0,
              totp TEXT NOT NULL DEFAULT '', totp_step INTEGER NOT NULL DEFAULT 0,
              created REAL NOT NULL)""",
            # What opens a door is kept as its SHA-256 only: who reads the file cannot use it.
            """CREATE TABLE recovery(
              hash BLOB PRIMARY KEY, account INTEGER NOT NULL) WITHOUT ROWID""",
            """CREATE TABLE session(
              hash BLOB PRIMARY KEY, account INTEGER NOT NULL, began REAL NOT NULL,
              used REAL NOT NULL, agent TEXT NOT NULL, ip TEXT NOT NULL) WITHOUT ROWID""",
            "CREATE INDEX session_account ON session(account)",
            """CREATE TABLE device(
              hash BLOB PRIMARY KEY, account INTEGER NOT NULL, expires REAL NOT NULL
              ) WITHOUT ROWID""",
            """CREATE TABLE ticket(
              hash BLOB PRIMARY KEY, kind TEXT NOT NULL, account INTEGER, expires REAL NOT NULL
              ) WITHOUT ROWID""",
            # AUTOINCREMENT: an id that was called once never means another one.
            """CREATE TABLE contact(
              id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL,
              channel TEXT NOT NULL, address TEXT NOT NULL,
              quiet_from TEXT NOT NULL, quiet_to TEXT NOT NULL)""",
            "CREATE INDEX contact_account ON contact(account)",
            """CREATE TABLE audit(
              n INTEGER PRIMARY KEY, at REAL NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL,
              target TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, ip TEXT NOT NULL,
              hash BLOB NOT NULL)""",
            """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
              BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
            """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
              BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
        ),
        (
            # INSERT OR REPLACE deletes without asking the trigger of DELETE.
            """CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
              WHEN EXISTS (SELECT 1 FROM audit WHERE n=NEW.n)
              BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
        ),
        (
            # A row whose person is forgotten is emptied, and its hash stays (`audit.forget`).
            "DROP TRIGGER audit_is_not_changed",
            """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
              WHEN NEW.n!=OLD.n OR NEW.at!=OLD.at OR NEW.what!=OLD.what OR NEW.hash!=OLD.hash
              OR NEW.by!='' OR NEW.reason!='' OR NEW.detail!='{}' OR NEW.ip!=''
              OR NEW.target NOT IN ('', OLD.target)
              BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
        ),
        (
            # Districts; an account, or a row of the log, of none is the city's.
            """CREATE TABLE district(
              id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,
              key TEXT NOT NULL UNIQUE)""",
            """CREATE TABLE district_square(
              square TEXT PRIMARY KEY, district INTEGER NOT NULL) WITHOUT ROWID""",
            "ALTER TABLE account ADD COLUMN district INTEGER",
            "ALTER TABLE audit ADD COLUMN district INTEGER",
            "DROP TRIGGER audit_is_not_changed",
            """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
              WHEN NEW.n!=OLD.n OR NEW.at!=OLD.at OR NEW.what!=OLD.what OR NEW.hash!=OLD.hash
              OR coalesce(NEW.district, 0)!=coalesce(OLD.district, 0)
              OR NEW.by!='' OR NEW.reason!='' OR NEW.detail!='{}' OR NEW.ip!=''
              OR NEW.target NOT IN ('', OLD.target)
              BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END""",
        ),
    ),
)
