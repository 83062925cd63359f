"""Links about permits: an officer's, that decides one, and a leader's, that shows her own."""

from noisetamer.hub.phones.links import Link, LinkError, Links

DECIDE_SECONDS = 7 * 86_400.0
OWN_SECONDS = 400 * 86_400.0
"""Longer than any permit holds."""


class PermitLinks:
    """Makes and reads them; each raises LinkError for the other's."""

    def __init__(self, key: bytes) -> None:
        self._links = Links(key, "noisetamer.hub.phones.permits")

    def to_decide(self, account: int, permit: int, now: float) -> str:
        """For one account, as a part of an address. now: Unix s."""
        return self._links.make(Link(account, permit, "decide", now + DECIDE_SECONDS))

    def of_own(self, group: int, now: float) -> str:
        """For whoever leads the group."""
        return self._links.make(Link(0, group, "own", now + OWN_SECONDS))

    def decides(self, token: str, now: float) -> tuple[int, int]:
        """(account, permit). Raises LinkError."""
        link = self._read(token, now, "decide")
        return link.account, link.incident

    def owns(self, token: str, now: float) -> int:
        """The group. Raises LinkError."""
        return self._read(token, now, "own").incident

    def _read(self, token: str, now: float, what: str) -> Link:
        link = self._links.read(token, now)
        if link.call != what:
            raise LinkError("foreign")
        return link
