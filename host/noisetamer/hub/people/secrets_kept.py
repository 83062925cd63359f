"""Random words that open something, and what is kept of them."""

import hashlib
import hmac
import secrets


def new_secret() -> str:
    """256 random bits, for a cookie or an address."""
    return secrets.token_urlsafe(32)


def kept(secret: str) -> bytes:
    """SHA-256: random bits need no slow hash, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_of(session: str) -> str:
    """The word that forms of this session carry; it does not tell the session's own."""
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """In a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
