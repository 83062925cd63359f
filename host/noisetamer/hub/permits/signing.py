"""What this hub signs of permits: each document, and the list of those that count no more.

With a key of its own, made with the first: the log's signs checkpoints and nothing else, so that
neither can be made to say what is the other's.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from noisetamer.hub.permits.hours import text_of_minute
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import Document
from noisetamer.proof.permit_document import PERMIT, REVOCATIONS, sign
from noisetamer.proof.signer import KeySigner, file_signer
from noisetamer.unit.policy.days import Calendar
from tamer.judge.calendar import stretch

KEY = "permit.key"


class PermitSigner:
    """Opens the key when it is first needed. Its methods raise UserError where it cannot be
    used."""

    def __init__(self, data: Path, hub: str) -> None:
        """data: the hub's folder, where the key is made if it is missing; hub: how the hub is
        called."""
        self._data, self._hub = data, hub
        self._opened: KeySigner | None = None

    @property
    def public(self) -> bytes:
        """32 bytes of Ed25519."""
        return self._key().public

    @property
    def name(self) -> str:
        """Of the key, as documents name it."""
        return self._key().name

    def document(
        self, group: Group, permit: Permit, number: str, at: int, calendar: Calendar
    ) -> str:
        """A granted permit. at: Unix s; calendar: of its square."""
        return sign(
            PERMIT,
            {
                "jti": number,
                "iat": at,
                "group": group.name,
                "leader": group.leader,
                "square": permit.square,
                "place": permit.place,
                "days": list(permit.days),
                "from": text_of_minute(permit.since),
                "to": text_of_minute(permit.until),
                "first": str(permit.first),
                "last": str(permit.last),
                "zone": stretch(calendar.clock, at)[0],
                "limit": permit.limit,
            },
            self._key(),
        )

    def revocations(self, documents: Sequence[Document], at: int) -> str:
        """The list as of then, Unix s. documents: all of the hub, in their order."""
        gone = [[one.number, one.at, one.what] for one in documents if one.what != "issued"]
        return sign(REVOCATIONS, {"iat": at, "number": len(gone), "revoked": gone}, self._key())

    def _key(self) -> KeySigner:
        if self._opened is None:
            key = file_signer(self._data / KEY, self._hub)
            key.name = f"{self._hub}/permits/{hashlib.sha256(key.public).hexdigest()[:8]}"
            self._opened = key
        return self._opened
