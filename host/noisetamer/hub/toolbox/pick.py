"""One thing, narrowed, in a scope: as a query. Pure."""

from dataclasses import dataclass

from noisetamer.hub.toolbox.scope import Part, Scope, one_of, together
from noisetamer.hub.toolbox.things import NARROWED, THINGS


@dataclass(frozen=True)
class Pick:
    """thing: of THINGS; by: one value of what it is narrowed by, "" for all; squares: of these
    only, None: of the scope's."""

    thing: str
    by: str = ""
    squares: tuple[str, ...] | None = None

    def part(self, scope: Scope) -> Part:
        """The condition of its rows."""
        thing = THINGS[self.thing]
        narrowed: Part = ("", [])
        if self.by and thing.by:
            value = int(self.by) if thing.by == "group" else self.by
            narrowed = NARROWED[thing.by], [value]
        return together(
            [scope.part(), (thing.which, []), narrowed, one_of("h.square", self.squares)]
        )

    def times(self, scope: Scope) -> Part:
        """Rows (square, t, until)."""
        thing, (where, values) = THINGS[self.thing], self.part(scope)
        return (
            f"SELECT h.square, {thing.t} AS t, {thing.until} AS until FROM {thing.source}"
            f" WHERE {where}",
            values,
        )

    def hours(self, scope: Scope) -> Part:
        """Rows (square, t, day) of the hours in which it is, each once."""
        thing, (where, values) = THINGS[self.thing], self.part(scope)
        return f"SELECT DISTINCT h.square, h.t, h.day FROM {thing.source} WHERE {where}", values
