"""What this hub signs of permits: each document, and the lists of those that count no more.

With keys of their own, made with the first: the log's signs checkpoints and nothing else, so that
neither can be made to say what is the other's. Each district has one, the city another: who holds
a district's key signs permits of no other.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from noisetamer.hub.permits.hours import text_of_minute
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.permits.permits import Document
from noisetamer.proof.permit_document import PERMIT, REVOCATIONS, kid, read, sign
from noisetamer.proof.signer import KeySigner, file_signer
from noisetamer.unit.policy.days import Calendar
from tamer.judge.calendar import stretch

KEY = "permit.key"
_OF_DISTRICTS = "permit-district-"


class PermitSigner:
    """Opens each key when it is first needed. Its methods raise UserError where one cannot be
    used."""

    def __init__(
        self,
        data: Path,
        hub: str,
        district_of: Callable[[str], int | None] = lambda square: None,
    ) -> None:
        """data: the hub's folder, where a key is made if it is missing; hub: how the hub is
        called; district_of: a square's, None: the city's."""
        self._data, self._hub = data, hub
        self._district_of = district_of
        self._opened: dict[str, KeySigner] = {}

    @property
    def public(self) -> bytes:
        """Of the city's key, 32 bytes of Ed25519."""
        return self._key(KEY).public

    def publics(self) -> list[bytes]:
        """Of all keys that are there: the city's first."""
        found = self._data.glob(f"{_OF_DISTRICTS}*.key")
        return [self._key(name).public for name in (KEY, *sorted(file.name for file in found))]

    def document(
        self, group: Group, permit: Permit, number: str, at: int, calendar: Calendar
    ) -> str:
        """A granted permit, by the key of its square's district. at: Unix s; calendar: of its
        square."""
        district = self._district_of(permit.square)
        key = self._key(KEY if district is None else f"{_OF_DISTRICTS}{district}.key")
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
            key,
        )

    def revocations(
        self, documents: Sequence[Document], at: int, public: bytes | None = None
    ) -> str:
        """The list as of then, Unix s, by the key with that public half; None: by the city's.

        documents: all of the hub, in their order. Each list has those that its key signed, and
        those of which nobody knows it any more: a person who was forgotten is named in none.
        """
        public = self.public if public is None else public
        signer = next(one for one in self._opened.values() if one.public == public)
        by = {one.number: read(one.jws).kid for one in documents if one.jws}
        mine = kid(public)
        gone = [
            [one.number, one.at, one.what]
            for one in documents
            if one.what != "issued" and by.get(one.number, mine) == mine
        ]
        return sign(REVOCATIONS, {"iat": at, "number": len(gone), "revoked": gone}, signer)

    def _key(self, name: str) -> KeySigner:
        if name not in self._opened:
            key = file_signer(self._data / name, self._hub)
            key.name = f"{self._hub}/permits/{hashlib.sha256(key.public).hexdigest()[:8]}"
            self._opened[name] = key
        return self._opened[name]
