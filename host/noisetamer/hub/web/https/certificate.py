"""What the pages show to browsers as their certificate: the hub's own, or the user's."""

import asyncio
import datetime
import logging
import ssl
from collections.abc import Callable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub.web.https.authority import PageAuthority

# Not a day: the hub's clock may have been set meanwhile.
LOOK_SECONDS = 3600

_log = logging.getLogger("noisetamer.hub")


class OwnCertificate:
    """By the hub's own authority, renewed while it runs. `context`: what new connections get."""

    def __init__(self, authority: PageAuthority, clock: Callable[[], datetime.datetime]) -> None:
        """clock: aware date and time now."""
        self.authority: PageAuthority | None = authority
        self._of = authority
        self._clock = clock
        authority.renew(clock())
        self.context = _context()
        self.context.load_cert_chain(authority.page_pem, authority.page_key)

    def look(self) -> None:
        """Renew what ends soon. Raises OSError, ValueError."""
        if self._of.renew(self._clock()):
            self.context.load_cert_chain(self._of.page_pem, self._of.page_key)


class GivenCertificate:
    """The user's files; read again when they have changed."""

    authority: PageAuthority | None = None

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises UserError where they cannot be used."""
        self._files = certificate, key
        self.context = _context()
        self._had = self._stamp()
        self._load(self.context)

    def look(self) -> None:
        """Take other ones where they are good; those there were stay where they are not.

        Raises UserError.
        """
        if (stamp := self._stamp()) != self._had:
            # tried on another one first: half a pair must not spoil the one that serves
            self._load(_context())
            self._load(self.context)
            self._had = stamp

    def _stamp(self) -> list[float]:
        try:
            return [file.stat().st_mtime for file in self._files]
        except OSError as error:
            raise UserError(
                f"{error.filename} cannot be read ({error.strerror}): name the certificate with "
                "--certificate and its private key with --key."
            ) from None

    def _load(self, context: ssl.SSLContext) -> None:
        certificate, key = self._files
        try:
            # a key with a pass phrase would be asked for at the terminal, in the middle of a night
            context.load_cert_chain(certificate, key, password=lambda: "")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise UserError(
                f"{certificate} and {key} cannot be used ({_reason(error)}): give a certificate "
                "with its chain and its private key, both PEM, the key without a pass phrase."
            ) from None


Certificate = OwnCertificate | GivenCertificate


async def keep(certificate: Certificate) -> None:
    """Look for ever. What goes wrong is logged once, and tried again at the next look."""
    complaint = ""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await asyncio.to_thread(certificate.look)
            complaint = ""
        except (UserError, OSError, ValueError) as error:
            if str(error) != complaint:
                complaint = str(error)
                _log.error("The pages' certificate cannot be renewed: %s", error)


def _context() -> ssl.SSLContext:
    """TLS 1.2 at least (RFC 9325, 3.1.1)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not PEM").replace("_", " ").lower()
    return getattr(error, "strerror", None) or str(error)
