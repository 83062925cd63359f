"""Web Push: a browser's own service rings iPhones and desktops (RFC 8030, 8291; VAPID: 8292).

What is sent is encrypted for the one browser; the service sees who is called, and when. It reaches
no Android phone without Google's services, and no iPhone before "add to home screen" (iOS 16.4).
"""

import asyncio
import base64
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from noisetamer.base.errors import UserError
from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels.channel import Parcel, Result

SERVICES = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""Of the browsers there are; a subscription of any other host would have the hub ask anybody."""

# Two readers of an address find the same host in it: no login, no "\\", nothing unprintable.
_PLAIN = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?/[!-\[\]-~]*")

AT_ONCE = 8
TIMEOUT_SECONDS = 10.0
# the service keeps a call for a browser that is off; later it is old news
KEEP_SECONDS = 3600
_MOST_BYTES = 3_800  # RFC 8291: 4096 with what encryption adds


def new_key() -> bytes:
    """A VAPID key, PEM: by it push services know this hub."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_key(pem: bytes) -> str:
    """As a browser wants it: `applicationServerKey`."""
    key = serialization.load_pem_private_key(pem, None)
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def checked(subscription: str, services: Sequence[str] = SERVICES) -> dict[str, Any]:
    """What a browser gives: `PushSubscription.toJSON`. Raises UserError for anything else."""
    try:
        told = json.loads(subscription)
        endpoint = urlsplit(told["endpoint"])
        keys = {name: str(told["keys"][name]) for name in ("p256dh", "auth")}
        host = endpoint.hostname or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError("This is no push subscription of a browser.") from None
    known = any(host == one or host.endswith(f".{one}") for one in services)
    if not _PLAIN.fullmatch(told["endpoint"]) or not known:
        raise UserError(f"{host or 'That'}: is no push service of a browser that is known here.")
    return {"endpoint": told["endpoint"], "keys": keys}


class WebPushChannel:
    """A browser's subscription is a contact's address."""

    def __init__(
        self, key: Callable[[], bytes], url: str, services: Sequence[str] = SERVICES
    ) -> None:
        """key: as of `new_key`; url: the hub's, by which a push service could complain."""
        self._key = key
        self._url = url
        self._services = services
        self._threads = ThreadPoolExecutor(AT_ONCE, "web-push")

    async def send(self, parcel: Parcel, contact: Contact) -> Result:
        try:
            subscription = checked(contact.address, self._services)
        except UserError:
            return Result("refused", "bad_address")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._send, parcel, subscription)

    def _send(self, parcel: Parcel, subscription: dict[str, Any]) -> Result:
        # only whoever has such a contact waits for these to be loaded
        import requests
        from py_vapid import Vapid02
        from pywebpush import WebPushException, webpush

        said = parcel.message
        told = {
            "id": parcel.id,
            "title": said.title,
            "body": said.body,
            "rings": said.rings,
            "link": parcel.link,
            "act": parcel.act,
        }
        data = json.dumps(told, ensure_ascii=False)
        assert len(data.encode()) <= _MOST_BYTES, "texts are cut, links are short"
        try:
            webpush(
                subscription,
                data,
                Vapid02.from_pem(self._key()),
                {"sub": self._url if self._url.startswith("https:") else "mailto:hub@noisetamer"},
                timeout=TIMEOUT_SECONDS,
                ttl=KEEP_SECONDS,
                # Topic: sent twice, shown once
                headers={"Urgency": "high" if said.rings else "normal", "Topic": parcel.id},
            )
        except WebPushException as error:
            if error.response is None:
                return Result("unknown", "silent", again=True)
            return _refused(error.response.status_code, error.response.text)
        except requests.ConnectionError:
            return Result("unknown", "unreachable", again=True)
        except requests.RequestException:
            return Result("unknown", "silent", again=True)
        return Result("delivered", "pushed")


def _refused(status: int, words: str) -> Result:
    """RFC 8030, 5 and 8."""
    said = f"HTTP {status} {' '.join(words.split())[:80]}".rstrip()
    if status in (404, 410):
        return Result("refused", "gone")
    if status == 429:
        return Result("refused", f"busy: {said}", again=True, after=60.0)
    if status == 413:
        return Result("refused", f"long: {said}")
    if status >= 500:
        return Result("unknown", f"ill: {said}", again=True)
    return Result("refused", f"no: {said}")
