"""The resident's button: how often it counts. Nothing of whoever presses it is kept."""

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from noisetamer.hub.complaints.complaint import Complaint

PAUSE = 60.0
"""s between two that count from one address, at one box."""
BOX_AN_HOUR = 60
"""So many count at one box; who presses then is told, and so is the page."""
_MOST_ADDRESSES = 4096
_HOUR = 3600.0


class Button:
    """In memory only: an address as an HMAC with a key that ends with the process, for a minute.

    Of a proxy on this computer all addresses are one, and only the box's own limit holds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: monotonic, s."""
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._pressed: OrderedDict[bytes, float] = OrderedDict()
        self._boxes: dict[str, deque[float]] = {}

    def press(self, address: str, unit: str) -> str:
        """ "" where it counts; "again": this address did within the minute; "many": this box has
        enough for this hour. unit: one that there is."""
        now = self._clock()
        times = self._boxes.setdefault(unit, deque(maxlen=BOX_AN_HOUR))
        if len(times) == BOX_AN_HOUR and now - times[0] < _HOUR:
            return "many"
        if network := _network(address):
            key = hmac.digest(self._key, f"{unit} {network}".encode(), hashlib.sha256)
            while self._pressed and now - next(iter(self._pressed.values())) >= PAUSE:
                self._pressed.popitem(last=False)
            if key in self._pressed:
                return "again"
            self._pressed[key] = now
            while len(self._pressed) > _MOST_ADDRESSES:
                self._pressed.popitem(last=False)
        times.append(now)
        return ""


def complaint(square: str, unit: str, at: int, level: int | None) -> Complaint:
    """One by the button: its number is of chance, and is all that whoever pressed it has."""
    number = secrets.token_hex(8)
    return Complaint(0, square, at, "button", number=number, unit=unit, level=level)


def _network(address: str) -> str:
    """One household's addresses are one; "" where they are not told apart."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        else:
            return "" if found.is_loopback else str(ipaddress.ip_network((found, 64), False))
    return "" if found.is_loopback else str(found)
