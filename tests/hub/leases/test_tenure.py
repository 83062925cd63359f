"""Leases: one holder each, an equal share, and a fence that no paused holder passes."""

import random

from noisetamer.hub.leases.tenure import LAPSE_SECONDS, NOBODY, Beats, Lease, decide

PARTS = [f"part-{number}" for number in range(16)]


class Table:
    """The rows, as the database keeps them: taken only by whoever finds them as it read them."""

    def __init__(self) -> None:
        self.leases = {name: Lease(name, NOBODY, 0) for name in PARTS}
        self.beats: dict[str, int] = {}


class Member:
    def __init__(self, name: str, table: Table, skew: float) -> None:
        self.name, self.table, self.skew = name, table, skew
        self.beats = Beats()
        self.read: list[Lease] = []
        self.alive: frozenset[str] = frozenset()

    def look(self, now: float) -> None:
        """What it reads; it may be long ago when it writes."""
        self.table.beats[self.name] = self.table.beats.get(self.name, 0) + 1
        self.alive = self.beats.see(self.table.beats, now + self.skew, now + self.skew)
        self.read = list(self.table.leases.values())

    def write(self) -> None:
        decision = decide(self.name, self.alive, PARTS, self.read)
        for lease in decision.take:
            if self.table.leases[lease.name] == lease:
                self.table.leases[lease.name] = Lease(lease.name, self.name, lease.fence + 1)
        for lease in decision.give:
            now = self.table.leases[lease.name]
            if now.holder == self.name:
                self.table.leases[lease.name] = Lease(lease.name, NOBODY, now.fence)

    def mine(self) -> list[Lease]:
        return [lease for lease in self.table.leases.values() if lease.holder == self.name]


def shares(members: list[Member]) -> list[int]:
    return sorted(len(member.mine()) for member in members)


def test_three_share_what_there_is_and_one_more_gets_its_share():
    table = Table()
    members = [Member(f"w{number}", table, skew=1000.0 * number) for number in range(3)]
    for second in range(20):
        for member in members:
            member.look(second)
            member.write()
    assert shares(members) == [4, 6, 6]
    members.append(Member("w3", table, skew=-500.0))
    for second in range(20, 30):
        for member in members:
            member.look(second)
            member.write()
    assert shares(members) == [4, 4, 4, 4]


def test_a_hundred_histories_of_pauses_and_deaths():
    """Whoever reads, sleeps and writes, and whoever dies: no lease has two with one fence, a fence
    only rises, and in the end whoever lives has everything."""
    for seed in range(100):
        chance = random.Random(seed)
        table = Table()
        members = [Member(f"w{number}", table, chance.uniform(-1e6, 1e6)) for number in range(4)]
        asleep: dict[str, float] = {}
        given: dict[tuple[str, int], str] = {}
        fences = dict.fromkeys(PARTS, 0)
        dead: set[str] = set()
        for second in range(120):
            for member in chance.sample(members, len(members)):
                if member.name in dead or asleep.get(member.name, 0) > second:
                    continue
                if chance.random() < 0.02 and len(dead) < 2:
                    dead.add(member.name)
                    continue
                if member.name not in asleep:
                    member.look(second)
                    if chance.random() < 0.05:
                        # between its look and its words, longer than a lease lasts
                        asleep[member.name] = second + LAPSE_SECONDS + 3
                        continue
                asleep.pop(member.name, None)
                member.write()
                for lease in table.leases.values():
                    assert lease.fence >= fences[lease.name]
                    fences[lease.name] = lease.fence
                    if lease.holder != NOBODY:
                        holder = given.setdefault((lease.name, lease.fence), lease.holder)
                        assert holder == lease.holder
        living = [member for member in members if member.name not in dead]
        for second in range(120, 140):
            for member in living:
                member.look(second)
                member.write()
        assert sum(shares(living)) == len(PARTS)
        assert max(shares(living)) <= -(-len(PARTS) // len(living))


def test_who_stands_still_is_gone_and_who_counts_on_is_not():
    beats = Beats()
    assert beats.see({"a": 1, "b": 1}, 100.0, 100.0) == {"a", "b"}
    later = 100.0 + LAPSE_SECONDS
    assert beats.see({"a": 1, "b": 2}, later, later) == {"b"}
    assert beats.see({"b": 3}, later + 1, later + 1) == {"b"}


def test_a_pause_of_the_reader_between_asking_and_being_told_counts_against_nobody():
    beats = Beats()
    assert beats.see({"a": 1}, 0.0, 20.0) == {"a"}  # "a" came meanwhile
    assert beats.see({"a": 1}, 21.0, 21.0) == {"a"}
    assert beats.see({"a": 2}, 22.0, 22.0) == {"a"}
    assert beats.see({"a": 2}, 23.0, 60.0) == {"a"}  # it may have counted on meanwhile
    assert beats.see({"a": 2}, 61.0, 61.0) == set()
