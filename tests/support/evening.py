"""An evening without boxes, broker or wall clock: what units report goes into a real store, and
the incidents do with it what they do in a hub.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripted_unit import START, event, seconds

from noisetamer.hub.incidents.cases import Sources
from noisetamer.hub.incidents.incident import Effect, Incident
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.incidents.roster import Playing, Reachable
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, Status, read_report

LI = Reachable(1, "li", "leader", frozenset({"东门广场"}), 11, "ntfy")
WANG = Reachable(2, "wang", "property", frozenset({"东门广场"}), 21, "ntfy", (1380, 420))
CHEN = Reachable(3, "chen", "officer", None, 31, "ntfy", (1320, 480))
ZHOU = Reachable(4, "zhou", "operator", None, 41, "ntfy")
ALL = (LI, WANG, CHEN, ZHOU)
EAST, WEST, SOUTH = "SIM-0001", "SIM-0002", "SIM-0003"
SQUARES = {EAST: "东门广场", WEST: "东门广场", SOUTH: "南门广场"}


class Evening:
    """The time is 19:00 and goes on only by `wait`.

    directory, plans, pictures, playing, squares: may be changed at any time.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.now = self.steady = float(START)
        self.directory: Sequence[Reachable] = ALL
        self.plans: dict[str, Mapping[str, Any] | None] = {"东门广场": plan}
        self.pictures = False
        self.playing: Sequence[Playing] = ()
        self.seqs: dict[str, int] = {}
        self.store = Store(folder / "hub.sqlite")
        self.incidents = self.started()

    def started(self, last_alive: float | None = None, restored: bool = False) -> Incidents:
        """As a hub that starts has them."""
        found = Incidents(
            self.folder / "incidents.sqlite",
            Queries(self.store.file),
            Sources(
                self.plans.get,
                lambda: self.directory,
                lambda square: self.pictures,
                lambda square, at: self.playing,
            ),
            clock=lambda: self.now,
            steady=lambda: self.steady,
            last_alive=last_alive,
            restored=restored,
        )
        found.know(SQUARES)
        return found

    def restart(self, away: float = 0.0, restored: bool = False) -> None:
        """As after a power cut: nothing but the files is left. away: s, of the hub."""
        self.incidents.close_file()
        last_alive = self.now
        self.now += away
        self.incidents = self.started(last_alive, restored)

    def wait(self, seconds: float) -> None:
        """So much later, looked at often."""
        often = 1.0 if seconds <= 300 else 10.0
        while seconds > 0:
            step = min(often, seconds)
            self.now += step
            self.steady += step
            seconds -= step
            self.look()

    def look(self) -> None:
        while self.incidents.turn():
            pass

    def tell(self, kind: str, unit: str = EAST, t: float | None = None, **fields: Any) -> None:
        """An event, now where no other time of the unit's is given."""
        self.store_only(kind, unit, t, **fields)
        self.look()

    def store_only(
        self, kind: str, unit: str = EAST, t: float | None = None, **fields: Any
    ) -> None:
        """What the hub commits before anybody else has seen it."""
        seq = self.seqs[unit] = self.seqs.get(unit, 0) + 1
        at = int(self.now if t is None else t)
        if kind == "seconds":
            message = seconds(seq, at, **fields)
        else:
            message = event(seq, at, kind, **fields)
        record = read_report(f"dev.{unit}.record", message)
        assert isinstance(record, Record)
        self.incidents.on_stored(self.store.append(self.now, [record]))

    def stage(self, to: str, unit: str = EAST, t: float | None = None, level: int = 671) -> None:
        before = "green" if to != "green" else "red"
        self.tell("stage", unit, t, **{"from": before, "to": to}, limit=650, level=level)

    def hand_over(self, to: str, unit: str = EAST, t: float | None = None) -> None:
        self.tell("hand-over", unit, t, to=to, ineffective=5, limit=650, level=690)

    def status(self, online: bool = True, unit: str = EAST, t: float | None = None) -> None:
        fields: dict[str, Any] = {"online": online}
        if online:
            fields |= {"b": 1, "t": int(self.now if t is None else t)}
        report = Status(unit, online, fields, b"")
        self.incidents.on_stored(self.store.append(self.now, [report]))
        self.look()

    @property
    def only(self) -> Incident:
        """The incident, where there is one."""
        (found,) = self.incidents.list()
        return found

    @property
    def noise(self) -> Incident:
        """The one that is heard."""
        (found,) = self.incidents.list(kinds=["noise"])
        return found

    def due(self, *kinds: str) -> list[Effect]:
        wanted = kinds or ("call", "follow-up", "all-clear")
        return list(self.incidents.due(self.now, wanted))

    def called(self) -> list[tuple[str, int | None]]:
        """(kind, person) of what is due, delivered as it is looked at."""
        found = self.due()
        for effect in found:
            self.incidents.sent(effect.key, "delivered", "", self.now)
        return [(effect.kind, effect.person) for effect in found]
