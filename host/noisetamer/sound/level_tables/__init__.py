"""Tables of levels that meters, apps and offices export, read as they are."""

from noisetamer.sound.level_tables.reader import read
from noisetamer.sound.level_tables.table import LevelTable

__all__ = ["LevelTable", "read"]
