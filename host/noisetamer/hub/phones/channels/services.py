"""Chats, mail and webhooks, by apprise: WeCom, DingTalk, Feishu, ServerChan, Bark, ntfy, e-mail.

delivered: the service took it; whether a phone rang, it does not say.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from noisetamer.base.errors import UserError
from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels import this_computer
from noisetamer.hub.phones.channels.answers import SERVICES, Service, judge
from noisetamer.hub.phones.channels.channel import Parcel, Result
from noisetamer.hub.phones.channels.pace import Pace

AT_ONCE = 8
_MAIL = ("mailto", "mailtos")
# A reply of SMTP, RFC 5321 4.2: 4yz for now, 5yz for good.
_REPLY = re.compile(r"\(([45]\d\d), ")

_NTFY_PRIORITIES = ("", "min", "low", "default", "high", "max")

logging.getLogger("apprise").setLevel(logging.DEBUG)
logging.getLogger("apprise").propagate = False


class ServiceChannel:
    """An apprise URL is a contact's address."""

    def __init__(self, signature: str, clock: Callable[[], float] = time.monotonic) -> None:
        """signature: ends every text; DingTalk's and Feishu's robots can be told to ask for it as
        their keyword. clock: s.
        """
        self._signature = signature
        self._clock = clock
        self._paces: dict[str, Pace] = {}
        self._threads = ThreadPoolExecutor(AT_ONCE, "services")

    async def send(self, parcel: Parcel, contact: Contact) -> Result:
        try:
            # beside the loop: the first loads apprise
            scheme = await asyncio.to_thread(checked, contact.address)
        except UserError:
            return Result("refused", "bad_address")
        service = SERVICES[scheme]
        pace = self._paces.setdefault(contact.address, Pace(service.a_minute))
        if wait := pace.wait(self._clock()):
            return Result("refused", f"pace: {service.name}", again=True, after=wait)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, self._send, parcel, contact.address, scheme, service
        )

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _send(self, parcel: Parcel, url: str, scheme: str, service: Service) -> Result:
        from apprise import NotifyFormat

        from noisetamer.hub.phones.channels.overheard import MailLog, overheard

        plugin = _plugin(url)
        # a mail server is named apart from the domain
        hosts = [getattr(plugin, name, None) for name in ("host", "smtp_host")]
        if plugin is None or any(map(this_computer.leads_here, filter(None, hosts))):
            return Result("refused", "bad_address")
        # else 5.5 s pass between any two requests, also between asking for a token and using it;
        # `Pace` minds what services really want
        plugin.request_rate_per_sec = 0
        if parcel.link and hasattr(plugin, "click"):
            plugin.click = parcel.link
        if scheme in ("bark", "barks") and parcel.message.rings and not plugin.level:
            plugin.level = "timeSensitive"
        if scheme in ("ntfy", "ntfys"):
            plugin.priority = _NTFY_PRIORITIES[parcel.message.priority]
        if scheme in ("json", "jsons", "form", "forms"):
            plugin.payload_extras.update(id=parcel.id, link=parcel.link)
        with overheard() as heard, MailLog() as mail:
            sent = plugin.notify(
                title=parcel.message.title,
                body=text(parcel, self._signature, service.most_bytes),
                body_format=NotifyFormat.TEXT,
            )
        if scheme in _MAIL:
            return _mailed(service, bool(sent), mail)
        return judge(service, heard)


def checked(url: str) -> str:
    """The scheme of an address that messages can be sent to.

    Raises UserError for one that is none, or of a service whose answers nobody has looked at.
    """
    scheme = urlsplit(url).scheme
    if scheme not in SERVICES:
        known = ", ".join(sorted(SERVICES))
        raise UserError(f"{scheme or 'That'}: is no service known here; known are {known}.")
    if this_computer.is_named(urlsplit(url).hostname or ""):
        raise UserError("That address is this computer itself: the hub asks nothing of it.")
    if _plugin(url) is None:
        raise UserError(f"The address after {scheme}:// is not as that service writes it.")
    return scheme


def _plugin(url: str) -> Any:
    """None where the address is not as its service writes it. What is set in it, only some of
    apprise's classes have.
    """
    # here: it takes a fifth of a second, and many a hub has no contact that wants it
    from apprise import Apprise, AppriseAsset, PersistentStoreMode

    asset = AppriseAsset(
        app_id="NoiseTamer",
        app_desc="Noise Tamer",
        app_url="",
        # no picture, which phones would fetch from GitHub
        image_url_mask="",
        image_url_logo="",
        # tokens of WeCom's apps are asked for anew, not left in a folder of apprise's own
        storage_mode=PersistentStoreMode.MEMORY,
    )
    return Apprise.instantiate(url, asset=asset)


def text(parcel: Parcel, signature: str, most_bytes: int) -> str:
    """The lines, the link, the signature; what is too long is cut before the link."""
    end = "\n".join(filter(None, (parcel.link, signature)))
    title_too = len(parcel.message.title.encode()) + 2
    room = most_bytes - len(end.encode()) - title_too - 1
    lines = parcel.message.body.encode()
    if len(lines) > room:
        lines = lines[: max(0, room - 3)].decode("utf-8", "ignore").encode() + "…".encode()
    return f"{lines.decode()}\n{end}"


def _mailed(service: Service, sent: bool, log: list[str]) -> Result:
    if sent:
        return Result("delivered", service.name)
    said = next((line for line in reversed(log) if line.startswith("Socket Exception")), "")
    said = said.removeprefix("Socket Exception: ")[:160]
    if reply := _REPLY.search(said):
        later = reply[1].startswith("4")
        return Result("refused", f"{'busy' if later else 'no'}: {service.name} {said}", later)
    return Result("unknown", f"unreachable: {said}", again=True)
