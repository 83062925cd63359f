"""The one gate to our stores: SQLite files, or schemas of a PostgreSQL database where the folder
says so (`place`). Rooms write their statements once, for both (`dialect`).
"""

from noisetamer.base.database.connection import (
    Column,
    Connection,
    Cursor,
    Error,
    IntegrityError,
    ServerError,
    one_moment,
    transaction,
)
from noisetamer.base.database.opening import (
    columns,
    connected,
    exists,
    opened,
    plain,
    prepared,
    reader,
    told,
    untouched,
    version_of,
)
from noisetamer.base.database.schema import Schema
from noisetamer.base.database.shared import FileOnDemand, SharedFile
from noisetamer.base.database.sqlite import damaged, made_private, migrate

__all__ = [
    "Column",
    "Connection",
    "Cursor",
    "Error",
    "FileOnDemand",
    "IntegrityError",
    "Schema",
    "ServerError",
    "SharedFile",
    "columns",
    "connected",
    "damaged",
    "exists",
    "made_private",
    "migrate",
    "one_moment",
    "opened",
    "plain",
    "prepared",
    "reader",
    "told",
    "transaction",
    "untouched",
    "version_of",
]
