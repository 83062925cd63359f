"""Whose logs this hub witnesses, and who witnesses its own: `witnesses.json` in its folder.

Two hubs exchange cards, a file each with address, keys and certificate, and compare fingerprints
by telephone. Other witnesses have a name, an address and a key (c2sp.org/tlog-witness).
"""

import json
import re
import ssl
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.base.whole_file import write_whole
from noisetamer.hub.address import is_url
from noisetamer.proof import notes
from noisetamer.proof.notes import COSIGNATURE, ED25519, NoteError, VerifierKey

FILE = "witnesses.json"
_KIND = "noisetamer witness card/v1"
# A log goes on under its name and a number when it begins anew: after a restore.
_ANEW = re.compile(r"/[0-9]{1,19}\Z", re.ASCII)


@dataclass(frozen=True)
class Partner:
    """Another hub, a witness, or a log.

    url: before /add-checkpoint; witness: its verifier key, '' where it does not witness us; log:
    of the log we witness, '' of none; certificate: PEM that vouches for its address, '' for
    what the system trusts.
    """

    name: str
    url: str = ""
    witness: str = ""
    log: str = ""
    certificate: str = ""

    @property
    def witness_key(self) -> VerifierKey | None:
        """None where it does not witness us."""
        return notes.verifier_key(self.witness) if self.witness else None

    @property
    def log_key(self) -> VerifierKey | None:
        """None where we do not witness it."""
        return notes.verifier_key(self.log) if self.log else None

    def log_key_for(self, origin: str) -> VerifierKey | None:
        """That signs for the log of this name, which may have begun anew."""
        key = self.log_key
        if key is None or _ANEW.sub("", origin) != _ANEW.sub("", key.name):
            return None
        return VerifierKey(origin, key.public)

    def tls(self) -> ssl.SSLContext | bool:
        """Trusts what vouches for its address, and nothing else; False for plain HTTP."""
        if not self.url.startswith("https:"):
            return False
        if not self.certificate:
            return ssl.create_default_context()
        return ssl.create_default_context(cadata=self.certificate)


class Partners:
    """As they stand in the file now; other processes change it. Methods raise UserError."""

    def __init__(self, data: Path) -> None:
        self.file = data / FILE
        self._seen: tuple[int, int] | None = None
        self._known: list[Partner] = []

    def all(self) -> Sequence[Partner]:
        """In the order in which they were added."""
        try:
            about = self.file.stat()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UserError(f"{self.file} cannot be read ({error.strerror}).") from None
        seen = about.st_mtime_ns, about.st_ino
        if seen != self._seen:
            try:
                tables = json_text.loads(self.file.read_bytes())
                self._known = [_checked(table) for table in tables]
            except OSError as error:
                raise UserError(f"{self.file} cannot be read ({error.strerror}).") from None
            except (ValueError, TypeError) as error:
                raise UserError(f"{self.file} is no list of witnesses ({error}).") from None
            self._seen = seen
        return self._known

    def keys_of(self, origin: str) -> Sequence[VerifierKey]:
        """Of the log of this name, as `Witness` asks."""
        found = (one.log_key_for(origin) for one in self.all())
        return [key for key in found if key]

    def add(self, partner: Partner) -> None:
        """Another of that name is replaced by nobody: it is removed first."""
        _check(partner)
        known = list(self.all())
        if any(one.name == partner.name for one in known):
            raise UserError(
                f"There is a witness {partner.name} already: remove it first, or give this one "
                "another name."
            )
        self._write([*known, partner])

    def remove(self, name: str) -> Partner:
        """The one that is gone."""
        known = list(self.all())
        found = next((one for one in known if one.name == name), None)
        if found is None:
            there = ", ".join(one.name for one in known) or "none"
            raise UserError(f"There is no witness {name}, there is: {there}.")
        self._write([one for one in known if one is not found])
        return found

    def _write(self, partners: Sequence[Partner]) -> None:
        text = json.dumps([asdict(one) for one in partners], ensure_ascii=False, indent=1)
        try:
            write_whole(self.file, f"{text}\n".encode())
        except OSError as error:
            raise UserError(f"{self.file} cannot be written ({error.strerror}).") from None
        self._seen = None


def write_card(file: Path, own: Partner) -> None:
    """What another hub is given. Raises UserError."""
    text = json.dumps({"kind": _KIND, **asdict(own)}, ensure_ascii=False, indent=1)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror}).") from None


def read_card(file: Path) -> Partner:
    """Raises UserError."""
    try:
        table = json_text.loads(file.read_bytes())
        if not isinstance(table, dict) or table.pop("kind", "") != _KIND:
            raise ValueError("another kind of file")
        return _checked(table)
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{file} is no card of a witness ({error}): the other hub makes one by "
            "'noisetamer hub witness card FILE'."
        ) from None


def _checked(table: dict[str, str]) -> Partner:
    """Raises ValueError, TypeError, UserError."""
    partner = Partner(**table)
    if not all(isinstance(value, str) for value in asdict(partner).values()):
        raise TypeError("a field is no text")
    _check(partner)
    return partner


def _check(one: Partner) -> None:
    if not one.name.strip() or not one.name.isprintable() or len(one.name) > 100:
        raise UserError("A witness's name is 1 to 100 characters that can be printed.")
    try:
        for key, algorithm in ((one.witness_key, COSIGNATURE), (one.log_key, ED25519)):
            if key is not None and key.algorithm != algorithm:
                kind = "cosigns" if algorithm == COSIGNATURE else "signs checkpoints"
                raise UserError(f"{one.name}: {key} is no key that {kind}.")
    except NoteError as error:
        raise UserError(f"{one.name}: {error}") from None
    if not (one.witness or one.log):
        raise UserError(f"{one.name}: give its key (--witness), or that of its log (--log).")
    if one.witness and not is_url(one.url):
        raise UserError(f"{one.name}: {one.url!r} is no address; give https://HOST:PORT.")
    if one.certificate:
        try:
            x509.load_pem_x509_certificates(one.certificate.encode())
        except ValueError:
            raise UserError(f"{one.name}: its certificate is not PEM.") from None
