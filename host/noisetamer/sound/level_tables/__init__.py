"""Tables of levels that meters, apps and offices export, read as they are."""

from noisetamer.sound.level_tables.reader import read
from noisetamer.sound.level_tables.stamps import DATE_ORDERS, DateOrder
from noisetamer.sound.level_tables.table import LevelTable

__all__ = ["DATE_ORDERS", "DateOrder", "LevelTable", "read"]
