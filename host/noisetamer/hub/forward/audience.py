"""Who is to have what, in one turn of the gatherer: what nobody wants is not made. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from noisetamer.hub.forward import facts
from noisetamer.hub.forward.format import Asked, Unit


class Audience:
    """All destinations, and the units as they are called now."""

    def __init__(self, wanted: Sequence[Asked], units: Mapping[str, Unit]) -> None:
        self._wanted = wanted
        self._units = units

    def unit(self, id: str) -> Unit:
        """Also of one that is registered no more."""
        return self._units.get(id) or Unit(id, "", id)

    def wants(self, kind: str, unit: str) -> bool:
        """Whether anybody does, of that kind of facts."""
        square = self.unit(unit).square
        return any(kind in one.facts and one.wants_unit(unit, square) for one in self._wanted)

    def wants_incident(self, units: Iterable[str], square: str) -> bool:
        return any(
            facts.INCIDENT in one.facts
            and any(one.wants_unit(unit, square) for unit in (*units, ""))
            for one in self._wanted
        )
