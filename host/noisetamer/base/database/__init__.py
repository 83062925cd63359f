"""The one gate to our stores: SQLite files, or schemas of a PostgreSQL database where the folder
says so (`place`). Rooms write their statements once, for both (`dialect`).
"""

from noisetamer.base.database.bulk import put
from noisetamer.base.database.connection import (
    Column,
    Connection,
    Cursor,
    Error,
    IntegrityError,
    LockedError,
    ServerError,
    beside,
    in_turn,
    one_moment,
    transaction,
)
from noisetamer.base.database.opening import (
    changes,
    columns,
    connected,
    exists,
    opened,
    plain,
    prepared,
    raw_opened,
    reader,
    size,
    told,
    untouched,
    version_of,
)
from noisetamer.base.database.schema import ByDay, Schema
from noisetamer.base.database.shared import FileOnDemand, SharedFile
from noisetamer.base.database.sqlite import damaged, made_private, migrate

__all__ = [
    "ByDay",
    "Column",
    "Connection",
    "Cursor",
    "Error",
    "FileOnDemand",
    "IntegrityError",
    "LockedError",
    "Schema",
    "ServerError",
    "SharedFile",
    "beside",
    "changes",
    "columns",
    "connected",
    "damaged",
    "exists",
    "in_turn",
    "made_private",
    "migrate",
    "one_moment",
    "opened",
    "plain",
    "prepared",
    "put",
    "raw_opened",
    "reader",
    "size",
    "told",
    "transaction",
    "untouched",
    "version_of",
]
