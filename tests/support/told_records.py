"""Records of one unit by hand, and what evidence makes of them."""

from collections.abc import Iterable

from noisetamer.hub.evidence.records import Heard, Raw, heard
from noisetamer.hub.evidence.tables import Times
from tamer.record import encoding
from tamer.record.reading import Second

T = 1_795_431_600  # 2026-11-23 19:00 in China
TIMES = Times(8 * 3600)


def seconds(sequence: int, t: int, *levels: int, flags: int = 0, boot: int = 1) -> Raw:
    batch = [Second(t, level, level + 20, level + 80, level + 180, flags) for level in levels]
    code, payload = encoding.shortest(batch)
    return Raw(boot, sequence, encoding.record(code, boot, sequence, t, payload))


def event(sequence: int, t: int, kind: str, boot: int = 1, **fields: object) -> Raw:
    payload = encoding.of_event(kind, fields)
    return Raw(boot, sequence, encoding.record(encoding.EVENT, boot, sequence, t, payload))


def of(records: Iterable[Raw], length: int = 10) -> Heard:
    return heard("SIM-0001", records, T, T + length)
