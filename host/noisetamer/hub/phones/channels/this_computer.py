"""Whether an address is this computer: what only the hub can reach is not to be reached through
it, by whoever has an account."""

import ipaddress
import socket


def is_named(host: str) -> bool:
    """By the name itself: nothing is asked."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return _is(name.strip("[]"))
    except ValueError:
        return False


def leads_here(host: str) -> bool:
    """By what the name leads to, however it is written; blocks."""
    if is_named(host):
        return True
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # leads nowhere
    return any(_is(str(address[0]).partition("%")[0]) for *_, address in found)


def _is(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_link_local or address.is_unspecified
