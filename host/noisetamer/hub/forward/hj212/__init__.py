"""HJ 212-2017 and HJ 212-2025: noise data to platforms of the environment bureau."""

from noisetamer.hub.forward import facts
from noisetamer.hub.forward.format import Around, Asked, Format
from noisetamer.hub.forward.hj212.settings import KEYS, judge

WANTS = (facts.MINUTE, facts.HOUR, facts.DAY)

__all__ = ["KEYS", "WANTS", "judge", "make"]


def make(asked: Asked, around: Around) -> Format:
    from noisetamer.hub.forward.hj212.uploads import Uploads

    return Uploads(asked, around)
