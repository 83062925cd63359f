"""A power cut before or after any statement: nobody is called twice by another name, none is
forgotten.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from evening import EAST, WEST, Evening

from noisetamer.hub.incidents.incident import Effect


class PowerCut(BaseException):
    """Nothing in the hub may catch it."""


class Cut:
    """A connection that dies at its n-th statement, before it is done or after."""

    def __init__(self, connection: Any, at: int, after: bool) -> None:
        self._connection = connection
        self._left = at
        self._after = after
        self.count = 0

    def execute(self, *statement: Any) -> Any:
        self.count += 1
        if self.count != self._left:
            return self._connection.execute(*statement)
        if self._after:
            self._connection.execute(*statement)
        self._connection.close()
        raise PowerCut

    @property
    def in_transaction(self) -> bool:
        return False

    def close(self) -> None:
        self._connection.close()


class Night:
    """An evening whose calls go out as a phone would have them, cut once."""

    def __init__(self, folder: Path, at: int = 0, after: bool = False) -> None:
        folder.mkdir()
        self.rung: Counter[str] = Counter()
        self.cuts = 0
        self.evening = Evening(folder)
        book = self.evening.incidents._book
        self.cut = book._connection = Cut(book._connection, at, after)  # pyright: ignore

    def do(self, work: Any, *arguments: Any, **fields: Any) -> None:
        """However often it takes: the box sends again, and people press again."""
        try:
            work(*arguments, **fields)
        except PowerCut:
            self.cuts += 1
            self.evening.incidents = self.evening.started()
            self.evening.look()

    def ring(self) -> None:
        due: list[Effect] = []
        self.do(lambda: due.extend(self.evening.due()))
        for effect in due:
            self.rung[effect.key] += 1
            self.do(self.sent, effect)

    def sent(self, effect: Effect) -> None:
        self.evening.incidents.sent(effect.key, "delivered", "", self.evening.now)

    def wait(self, seconds: int) -> None:
        for _ in range(0, seconds, 10):
            self.evening.now += 10
            self.evening.steady += 10
            self.do(self.evening.look)
            self.ring()

    def acknowledge(self, by: str) -> None:
        incident = self.evening.noise
        if incident.state == "open":
            self.evening.incidents.acknowledge(incident.id, by, self.evening.now)

    def play(self) -> None:
        evening = self.evening
        self.do(evening.stage, "red")
        self.do(evening.hand_over, "leader")
        self.wait(70)
        self.do(evening.stage, "red", WEST)
        self.do(self.acknowledge, "wang")
        self.do(self.acknowledge, "wang")
        self.wait(60)
        self.do(evening.stage, "green", EAST)
        self.do(evening.stage, "green", WEST)
        self.wait(20)
        self.do(evening.stage, "red")
        self.do(evening.hand_over, "police")
        self.wait(130)
        self.do(evening.stage, "green")
        self.wait(60)
        self.statements = self.cut.count

    def outcome(self) -> list[Any]:
        incidents = self.evening.incidents
        return [
            [(one.kind, one.state, one.reopened) for one in incidents.list()],
            sorted((one.key, one.state) for one in incidents.effects(self.evening.noise.id)),
        ]


@pytest.fixture(scope="module")
def uncut(tmp_path_factory: pytest.TempPathFactory) -> Night:
    night = Night(tmp_path_factory.mktemp("uncut") / "hub")
    night.play()
    return night


@pytest.mark.parametrize("seed", range(8))
def test_a_cut_at_any_statement_loses_no_call_and_doubles_none_but_the_one_under_way(
    uncut: Night, tmp_path: Path, seed: int
):
    chance = random.Random(seed)
    night = Night(tmp_path / "hub", chance.randint(1, uncut.statements), chance.random() < 0.5)
    night.play()
    assert night.cuts == 1
    assert night.outcome() == uncut.outcome()
    assert night.rung.keys() == uncut.rung.keys()
    assert sum(night.rung.values()) <= sum(uncut.rung.values()) + 1


def test_the_evening_without_a_cut_calls_everybody_once(uncut: Night):
    assert set(uncut.rung.values()) == {1}
    kinds = Counter(one.kind for one in uncut.evening.incidents.effects(uncut.evening.noise.id))
    assert kinds == {"call": 3, "follow-up": 1, "all-clear": 3}
