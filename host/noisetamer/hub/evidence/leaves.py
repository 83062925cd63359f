"""What the log has of a span besides its batches: what people did, and what concerns the units."""

from collections.abc import Iterator

from noisetamer.hub.evidence.scope import Scope
from noisetamer.hub.log.log import Found, Log

# Of what went on before and still holds so many are of use: policies, calibrations.
_STANDING = 3


def about(log: Log, scope: Scope, until: int) -> dict[int, Found]:
    """{index: leaf}. until: now, Unix s."""
    found: dict[int, Found] = {}
    for one in _concerned(log, scope):
        if scope.concerned <= one.fields["at"] <= until:
            found[one.index] = one
    for several in _standing(log, scope):
        before = [one for one in several if one.fields["at"] < scope.until]
        found |= {one.index: one for one in before[-_STANDING:]}
    return dict(sorted(found.items()))


def _concerned(log: Log, scope: Scope) -> Iterator[Found]:
    for incident in scope.incidents:
        for kind in ("incident", "bundle"):
            yield from log.find(kind, incident=incident.id)
        for kind in ("look", "deletion"):
            yield from log.find(kind, target=f"{scope.square} #{incident.id}")
    for unit in scope.units:
        for kind in ("order", "effect", "policy", "key", "calibration", "deletion"):
            yield from log.find(kind, unit=unit)
        yield from log.find("key", target=unit)
    for kind in ("look", "policy"):
        yield from log.find(kind, target=scope.square)
    yield from log.find("start")


def _standing(log: Log, scope: Scope) -> Iterator[list[Found]]:
    for unit in scope.units:
        yield log.find("policy", unit=unit)
        yield log.find("calibration", unit=unit)
        yield log.find("key", target=unit)
    yield log.find("policy", target=scope.square)
    yield log.find("start")
