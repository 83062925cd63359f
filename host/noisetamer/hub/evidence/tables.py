"""The tables of a bundle as lines of CSV, in their one form (proof/BUNDLE.md). Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from noisetamer.hub.evidence.records import Heard, Told
from noisetamer.hub.store import minutes
from tamer.record.reading import MISSING

BOM = b"\xef\xbb\xbf"
NOT_RECEIVED = minutes.reason(minutes.NOT_RECEIVED)

_STAGES = ("from", "to", "limit", "level", "policy")
_WORDS = ("kind", "message", "number", "stage", "volume", "effective", "after", "failed")
_WORD_KINDS = ("warning", "spoken", "outcome")
_LEVELS = ("limit", "level")
# Whatever bytes a unit sent come out as they were.
_BYTES = ("utf-8", "surrogateescape")
_TO_BE_QUOTED = re.compile('[,"\\r\\n]')


class Times:
    """Times as a bundle writes them. utc_offset: of the local clock, s."""

    def __init__(self, utc_offset: int) -> None:
        self.utc_offset = utc_offset
        self._zone = timezone(timedelta(seconds=utc_offset))

    def local(self, t: float) -> str:
        return f"{datetime.fromtimestamp(int(t), self._zone):%Y-%m-%d %H:%M:%S}"

    def both(self, t: float) -> tuple[str, str]:
        """UTC and local."""
        return f"{datetime.fromtimestamp(int(t), UTC):%Y-%m-%dT%H:%M:%SZ}", self.local(t)

    def clock(self, t: float) -> str:
        """'19:00:00'"""
        return f"{datetime.fromtimestamp(int(t), self._zone):%H:%M:%S}"


def seconds(heard: Heard, times: Times) -> Iterator[bytes]:
    """`seconds/<unit>.csv`, in pieces."""
    yield _heading("t,local,LAeq,LAFmax,LCeq,LCpeak,flags,reason")
    midnight = heard.since - _since_midnight(heard.since, times)
    clocks = _clocks()
    for begin in range(0, heard.columns.shape[1], 3600):
        lines = []
        part = heard.columns[:, begin : begin + 3600].T.tolist()
        for t, (A, F, C, peak, flags) in enumerate(part, heard.since + begin):
            when = f"{t},{clocks[(t - midnight) % 86400]}"
            if flags == minutes.NOT_RECEIVED:
                lines.append(f"{when},,,,,,{NOT_RECEIVED}\n")
            else:
                lines.append(
                    f"{when},{level(A)},{level(F)},{level(C)},{level(peak)},{flags},"
                    f"{minutes.reason(flags)}\n"
                )
        yield "".join(lines).encode()


def events(heard: Heard, times: Times) -> Iterator[bytes]:
    """`events/<unit>.csv`"""
    return table(
        ("t", "UTC", "local", "boot", "sequence", "kind", "told"),
        (
            (e.t, *times.both(e.t), e.boot, e.sequence, e.kind, e.told.decode(*_BYTES))
            for e in heard.events
        ),
    )


def stages(all_heard: Sequence[Heard], times: Times) -> Iterator[bytes]:
    """`stages.csv`"""
    return _of_events(all_heard, times, ("stage",), _STAGES)


def words(all_heard: Sequence[Heard], times: Times) -> Iterator[bytes]:
    """`words.csv`"""
    return _of_events(all_heard, times, _WORD_KINDS, _WORDS)


def coverage(all_heard: Sequence[Heard], times: Times) -> Iterator[bytes]:
    """`coverage.csv`"""
    return table(
        ("unit", "from", "UTC", "local", "until", "seconds", "reason"),
        (
            (heard.unit, first, *times.both(first), last, last - first, reason)
            for heard in all_heard
            for first, last, reason in heard.stretches()
        ),
    )


def clock(all_heard: Sequence[Heard], times: Times) -> Iterator[bytes]:
    """`clock.csv`"""

    def rows() -> Iterator[Sequence[Any]]:
        for heard in all_heard:
            for one in heard.clocks:
                at = one.fields["boot_at"]
                told = (one.fields.get(name) for name in ("source", "step", "drift"))
                yield heard.unit, one.boot, one.sequence, at, *times.both(at), *map(_plain, told)

    return table(
        ("unit", "boot", "sequence", "boot_at", "UTC", "local", "source", "step", "drift"), rows()
    )


def chain(
    findings: Iterable[tuple[int, str, int, int, str, str]], times: Times
) -> Iterator[bytes]:
    """`chain.csv`. findings: (at, unit, boot, sequence, kind, detail), at in Unix s."""
    return table(
        ("at", "UTC", "local", "unit", "boot", "sequence", "kind", "detail"),
        ((at, *times.both(at), *rest) for at, *rest in sorted(findings)),
    )


def table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Any of these, and others: `custody.csv`, `pictures/pictures.csv`."""
    yield _heading(",".join(names))
    for row in rows:
        yield (",".join(map(_quoted, row)) + "\n").encode(*_BYTES)


def level(tenths: int) -> str:
    """0.1 dB as dB; '' where nothing was heard."""
    return "" if tenths == MISSING else f"{tenths / 10:.1f}"


def _of_events(
    all_heard: Sequence[Heard],
    times: Times,
    kinds: tuple[str, ...],
    fields: tuple[str, ...],
) -> Iterator[bytes]:
    found = [(heard.unit, e) for heard in all_heard for e in heard.events if e.kind in kinds]
    found.sort(key=lambda one: (one[1].t, one[0], one[1].boot, one[1].sequence))
    return table(
        ("t", "UTC", "local", "unit", "boot", "sequence", *fields),
        (
            (
                *(e.t, *times.both(e.t), unit, e.boot, e.sequence),
                *(_field(e, name) for name in fields),
            )
            for unit, e in found
        ),
    )


def _field(event: Told, name: str) -> str:
    if name == "kind":
        return event.kind
    value = event.fields.get(name)
    return level(value) if name in _LEVELS and type(value) is int else _plain(value)


def _plain(value: Any) -> str:
    """As it is; '' of what is missing, a list, or no number that a browser reads as it is: the
    event's own JSON has that."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 2**53 else ""
    return value if isinstance(value, str) else ""


@cache
def _clocks() -> list[str]:
    """Of every second of a day."""
    return [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in range(86400)]


def _since_midnight(t: int, times: Times) -> int:
    hours, minutes_, seconds_ = map(int, times.clock(t).split(":"))
    return 3600 * hours + 60 * minutes_ + seconds_


def _heading(names: str) -> bytes:
    return BOM + names.encode() + b"\n"


def _quoted(value: Any) -> str:
    """RFC 4180, 2.6 and 2.7."""
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if _TO_BE_QUOTED.search(text) else text
