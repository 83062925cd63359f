"""How often a password may be tried, and from where. Pure: the time is handed in.

Each account, each address and each known device has a tally of its own. A locked account is
locked for strangers only: a device that once logged in to it (a cookie) is asked the password
as before, so nobody can lock out who has such a one. What is refused here is not counted again:
a lock ends.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

LONGEST_LOCK = 900.0
FIRST_LOCK = 60.0
FORGOTTEN_AFTER = 6 * 3600.0
# Wrong ones before the first lock. An address may be a whole office's.
OF_ACCOUNT, OF_ADDRESS, OF_DEVICE = 5, 30, 10
# Names and addresses that are remembered: the oldest make way.
REMEMBERED = 20_000


@dataclass
class _Tally:
    wrong: int = 0
    last: float = 0.0
    locked_until: float = 0.0


class Attempts:
    """Whether a try may be made now, by what went wrong before."""

    def __init__(self) -> None:
        self._tallies: OrderedDict[tuple[str, str], _Tally] = OrderedDict()

    def wait(self, name: str, address: str, device: str, now: float) -> float:
        """Seconds until this may be tried; 0: at once.

        name: the account's, as it is compared; address: the client's; device: of a device that
        is known to this account, "" of any other.
        """
        return max(self._locked(each, now) for each in _keys(name, address, device))

    def take(self, name: str, address: str, device: str, now: float) -> float:
        """A try is made now; for how long it must wait instead, s.

        It counts as wrong until it is known to be right: many at once are many.
        """
        if wait := self.wait(name, address, device, now):
            return wait
        for key, free in _keys(name, address, device).items():
            tally = self._tallies.setdefault(key, _Tally())
            if now - tally.last > FORGOTTEN_AFTER:
                tally.wrong = 0
            tally.wrong += 1
            tally.last = now
            if tally.wrong >= free:
                lock = min(FIRST_LOCK * 2 ** min(tally.wrong - free, 10), LONGEST_LOCK)
                tally.locked_until = now + lock
            self._tallies.move_to_end(key)
        while len(self._tallies) > REMEMBERED:
            self._tallies.popitem(last=False)
        return 0.0

    def give_back(self, name: str, address: str, device: str) -> None:
        """The last try was not wrong, but not all of it is known yet."""
        for key, free in _keys(name, address, device).items():
            if tally := self._tallies.get(key):
                tally.wrong = max(0, tally.wrong - 1)
                if tally.wrong < free:
                    tally.locked_until = 0.0

    def right(self, name: str, address: str, device: str) -> None:
        """The last try was right: its account and device begin anew; its address does not, one
        good account would wash it clean."""
        self.give_back(name, address, device)
        for key in _keys(name, address, device):
            if key[0] != "address":
                self._tallies.pop(key, None)

    def _locked(self, key: tuple[str, str], now: float) -> float:
        tally = self._tallies.get(key)
        # a clock set back must not lock for longer
        return min(max(0.0, tally.locked_until - now), LONGEST_LOCK) if tally else 0.0


def _keys(name: str, address: str, device: str) -> dict[tuple[str, str], int]:
    if device:
        return {("device", device): OF_DEVICE}
    return {("account", name): OF_ACCOUNT, ("address", _network(address)): OF_ADDRESS}


def _network(address: str) -> str:
    """Of IPv6 the /64: one host has all of it."""
    try:
        of = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return address if of.ipv4_mapped else str(ipaddress.IPv6Address(int(of) >> 64 << 64))
