"""Links in messages: signed, for one person and one incident, and over after a while.

Whoever has the link is taken for the person it was sent to, without logging in, for what a link
is for: see this incident, acknowledge it, have the box say a stored message.
"""

import hashlib
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

GOOD_SECONDS = 12 * 3600.0
"""An evening and its night: longer than anybody's duty."""


@dataclass(frozen=True)
class Link:
    """account: the person's; incident: its id; call: which call carried it, so that one link acts
    once; expires: Unix s.
    """

    account: int
    incident: int
    call: str
    expires: float


class LinkError(Exception):
    """why: "foreign" (not this hub's, or spoilt) or "expired"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Links:
    """Makes and reads them with one key."""

    def __init__(self, key: bytes, salt: str = "noisetamer.hub.phones.links") -> None:
        """salt: what the links are for; of another they are foreign."""
        self._signer = URLSafeSerializer(
            key,
            salt=salt,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def make(self, link: Link) -> str:
        """As a part of an address."""
        token = self._signer.dumps([link.account, link.incident, link.call, int(link.expires)])
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str, now: float) -> Link:
        """now: Unix s. Raises LinkError."""
        try:
            account, incident, call, expires = self._signer.loads(token)
            link = Link(int(account), int(incident), str(call), float(expires))
        except (BadData, ValueError, TypeError):
            raise LinkError("foreign") from None
        if now >= link.expires:
            raise LinkError("expired")
        return link
